//! Server-sent events: a body that goes on as long as somebody listens.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};
use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::faults::{FaultKind, Hit};
use crate::line::Reset;
use crate::shared::Shared;
use crate::world::inbound::events::Position;

/// What every stream begins with: how long a client waits before it comes back, in milliseconds.
const HELLO: &str = ": this is a sandbox\nretry: 100\n\n";

pub(crate) const HEARTBEAT: &str = ": heartbeat\n\n";

/// Slow readers hold the stream up, not the world.
const BACKLOG: usize = 16;

/// How a stream ends before its time, when it has sent one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Break {
    /// The connection is reset behind the first event.
    Reset,
    /// The body ends in the middle of the first event.
    Cut,
}

enum Piece {
    Text(String),
    Break(Break),
}

/// The answer, and a task that fills it until the client, the world or the server is gone.
pub(crate) fn response(
    shared: &Arc<Shared>,
    after: Position,
    hit: &Hit,
    reset: &Reset,
) -> Response<Body> {
    let (pieces, taken) = mpsc::channel(BACKLOG);
    let pump = Pump {
        shared: Arc::clone(shared),
        generation: shared.state().generation,
        position: after,
        pause: hit.slow_body,
        broken: match hit.fault {
            Some(FaultKind::ResetAfter) => Some(Break::Reset),
            Some(FaultKind::CutBody) => Some(Break::Cut),
            _ => None,
        },
        pieces,
    };
    tokio::spawn(pump.run());
    let body = EventBody {
        taken,
        reset: reset.clone(),
        breaking: None,
    };
    stream(Body::from_stream(body))
}

/// An answer that is a stream of events.
pub(crate) fn stream(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let no_store = HeaderValue::from_static("no-store");
    headers.insert(header::CACHE_CONTROL, no_store);
    let kind = HeaderValue::from_static("text/event-stream");
    headers.insert(header::CONTENT_TYPE, kind);
    response
}

struct Pump {
    shared: Arc<Shared>,
    /// Of the world in which it began.
    generation: u64,
    position: Position,
    /// Before each event.
    pause: Option<Duration>,
    broken: Option<Break>,
    pieces: mpsc::Sender<Piece>,
}

impl Pump {
    async fn run(mut self) {
        if self.send(Piece::Text(HELLO.to_owned())).await.is_none() {
            return;
        }
        let mut changes = self.shared.changes();
        let mut heartbeat = interval(self.shared.settings.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first comes at once.
        heartbeat.tick().await;
        loop {
            changes.mark_unchanged();
            let Some(next) = self.catch_up().await else {
                return;
            };
            let listener = self.pieces.clone();
            let due = async {
                match next {
                    Some(next) => sleep(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = listener.closed() => return,
                // The sender lives as long as the world.
                _ = changes.changed() => {}
                () = due => self.shared.pass(next.unwrap_or_default()),
                _ = heartbeat.tick() => {
                    if self.send(Piece::Text(HEARTBEAT.to_owned())).await.is_none() {
                        return;
                    }
                }
            }
        }
    }

    /// Sends what is new. Answers with the time until something happens by itself; not at all when there
    /// is nobody, or nothing, to go on for.
    async fn catch_up(&mut self) -> Option<Option<Duration>> {
        loop {
            let (generation, events, next) = self.shared.with_events(self.position);
            if generation != self.generation {
                return None;
            }
            if events.is_empty() {
                return Some(next);
            }
            for (position, text) in events {
                if let Some(pause) = self.pause {
                    sleep(pause).await;
                }
                self.position = position;
                match self.broken {
                    None => self.send(Piece::Text(text)).await?,
                    Some(how) => {
                        self.send(Piece::Text(first_of(text, how))).await?;
                        self.send(Piece::Break(how)).await?;
                        return None;
                    }
                }
            }
        }
    }

    async fn send(&self, piece: Piece) -> Option<()> {
        self.pieces.send(piece).await.ok()
    }
}

/// The first event, or half of it.
fn first_of(mut text: String, how: Break) -> String {
    if how == Break::Cut {
        // What is sent is ASCII up to there or not: half a character is as broken as half an event.
        let half = (0..=text.len() / 2)
            .rev()
            .find(|place| text.is_char_boundary(*place));
        text.truncate(half.unwrap_or_default());
    }
    text
}

struct EventBody {
    taken: mpsc::Receiver<Piece>,
    reset: Reset,
    breaking: Option<Break>,
}

impl Stream for EventBody {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.breaking {
            None => {}
            Some(Break::Cut) => {
                return Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into())));
            }
            Some(Break::Reset) => {
                self.reset.now();
                // It is never sent: trying to is what the reset needs.
                return Poll::Ready(Some(Ok(Bytes::from_static(b":\n"))));
            }
        }
        match self.taken.poll_recv(context) {
            Poll::Ready(Some(Piece::Text(text))) => Poll::Ready(Some(Ok(text.into()))),
            Poll::Ready(Some(Piece::Break(how))) => {
                // The server throws away what waits to be sent when a body fails.
                self.breaking = Some(how);
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
