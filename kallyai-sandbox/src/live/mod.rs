//! The live feed: a stream of pictures of the world, for whoever watches it.
//!
//! Each picture is whole, so that nothing has to be remembered for anybody, and whoever reads slowly is
//! sent fewer of them.

mod picture;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State as AppState;
use axum::http::Response;
use bytes::Bytes;
use futures_core::Stream;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::events::{self, HEARTBEAT};
use crate::shared::Shared;
use picture::Picture;

/// What every feed begins with: a page comes back soon after the world was reset.
const HELLO: &str = ": this is a sandbox\nretry: 200\n\n";

/// Between two pictures, by the clock outside: what changes meanwhile is in the next.
const PAUSE: Duration = Duration::from_millis(150);

/// One that waits is enough: a later one says more.
const BACKLOG: usize = 1;

/// The answer, and a task that fills it until the reader, the world or the server is gone.
pub(crate) async fn feed(AppState(shared): AppState<Arc<Shared>>) -> Response<Body> {
    let (places, taken) = mpsc::channel(BACKLOG);
    let generation = shared.state().generation;
    let pump = Pump {
        shared,
        generation,
        places,
        last: String::new(),
    };
    tokio::spawn(pump.run());
    events::stream(Body::from_stream(Feed(taken)))
}

struct Pump {
    shared: Arc<Shared>,
    /// Of the world in which it began.
    generation: u64,
    places: mpsc::Sender<Bytes>,
    /// What was sent last: nothing is sent twice.
    last: String,
}

impl Pump {
    async fn run(mut self) {
        let mut changes = self.shared.watch();
        let mut heartbeat = interval(self.shared.settings.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first comes at once.
        heartbeat.tick().await;
        if self.places.send(Bytes::from(HELLO)).await.is_err() {
            return;
        }
        loop {
            changes.mark_unchanged();
            let Some(next) = self.look().await else {
                return;
            };
            let reader = self.places.clone();
            let due = async {
                match next {
                    Some(next) => sleep(next).await,
                    None => std::future::pending().await,
                }
            };
            let news = async {
                sleep(PAUSE).await;
                tokio::select! {
                    // The sender lives as long as the world.
                    _ = changes.changed() => {}
                    () = due => {}
                }
            };
            tokio::select! {
                () = reader.closed() => return,
                () = news => {}
                _ = heartbeat.tick() => {
                    if self.places.send(Bytes::from(HEARTBEAT)).await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Sends a picture if it shows anything new, when there is a place for it. Answers with the time until
    /// it changes by itself; not at all when there is nobody, or nothing, to go on for.
    async fn look(&mut self) -> Option<Option<Duration>> {
        let place = self.places.reserve().await.ok()?;
        let picture = Picture::take(&self.shared);
        if picture.generation != self.generation {
            return None;
        }
        let shown = picture.shown.to_string();
        if shown != self.last {
            let text = format!(
                "data: {{\"now\":\"{}\",\"world\":{shown}}}\n\n",
                picture.now
            );
            place.send(Bytes::from(text));
            self.last = shown;
        }
        Some(picture.next)
    }
}

struct Feed(mpsc::Receiver<Bytes>);

impl Stream for Feed {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|piece| piece.map(Ok))
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use std::future::poll_fn;

    use serde_json::Value;
    use tokio::time::{Instant, timeout};

    use super::*;
    use crate::builder::Settings;
    use crate::catalogue::catalogue;
    use crate::clock::Clock;

    const SECOND: Duration = Duration::from_secs(1);

    fn world(clock: Clock) -> Arc<Shared> {
        let settings = Settings {
            clock,
            call_life: 30 * SECOND,
            ..Settings::default()
        };
        let catalogue = catalogue().expect("the spec is embedded");
        let shared = Shared::new(catalogue, settings, String::new(), 0, String::new());
        Arc::new(shared)
    }

    fn watch(shared: &Arc<Shared>) -> Feed {
        let (places, taken) = mpsc::channel(BACKLOG);
        let generation = shared.state().generation;
        let pump = Pump {
            shared: Arc::clone(shared),
            generation,
            places,
            last: String::new(),
        };
        tokio::spawn(pump.run());
        Feed(taken)
    }

    impl Feed {
        /// The next picture; none at the end.
        async fn next(&mut self) -> Option<Value> {
            loop {
                let piece = poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await?;
                let Ok(piece) = piece;
                let text = std::str::from_utf8(&piece).expect("it is text");
                if let Some(data) = text.strip_prefix("data: ") {
                    return serde_json::from_str(data).ok();
                }
            }
        }
    }

    fn advanced(picture: &Value) -> Option<f64> {
        picture["world"]["clock"]["advanced_seconds"].as_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn what_changes_at_once_is_in_one_picture() {
        let shared = world(Clock::Manual);
        let mut feed = watch(&shared);
        let begun = Instant::now();
        let first = feed.next().await.expect("it begins with a picture");
        assert_eq!(first["now"], "2026-02-14T18:00:00Z");
        assert_eq!(begun.elapsed(), Duration::ZERO);
        for _ in 0..50 {
            shared.advance(SECOND);
            tokio::task::yield_now().await;
        }
        let second = feed.next().await.expect("it goes on");
        assert_eq!(advanced(&second), Some(50.0));
        assert!(begun.elapsed() >= PAUSE && begun.elapsed() < 2 * PAUSE);
        // What changes nothing that is shown is no news.
        shared.show();
        assert!(timeout(10 * PAUSE, feed.next()).await.is_err());
        shared.advance(SECOND);
        let third = feed.next().await.expect("it goes on");
        assert_eq!(advanced(&third), Some(51.0));
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_is_sent_fewer_of_them() {
        let shared = world(Clock::Manual);
        let mut feed = watch(&shared);
        for _ in 0..100 {
            shared.advance(SECOND);
            sleep(2 * PAUSE).await;
        }
        let mut old = 0;
        while advanced(&feed.next().await.expect("it goes on")) != Some(100.0) {
            old += 1;
        }
        assert!(old <= BACKLOG, "{old}");
    }

    #[tokio::test(start_paused = true)]
    async fn it_ends_with_its_world_and_with_its_reader() {
        let shared = world(Clock::Manual);
        let mut feed = watch(&shared);
        assert!(feed.next().await.is_some());
        shared.reset();
        assert_eq!(feed.next().await, None);
        let mut feed = watch(&shared);
        assert!(feed.next().await.is_some());
        assert!(shared.is_watched());
        drop(feed);
        while shared.is_watched() {
            tokio::task::yield_now().await;
        }
        // Also where it waits for a place.
        let feed = watch(&shared);
        sleep(PAUSE).await;
        drop(feed);
        while shared.is_watched() {
            tokio::task::yield_now().await;
        }
    }
}
