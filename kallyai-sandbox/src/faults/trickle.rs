//! Bodies that come slowly, or not to their end.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio::time::{Sleep, sleep};

/// Into how many pieces a slow body is cut.
const PIECES: usize = 8;

/// The pieces of a body, one after another.
pub(crate) struct Trickle {
    pieces: VecDeque<Bytes>,
    pause: Option<Duration>,
    sleep: Option<Pin<Box<Sleep>>>,
    end: End,
}

/// How a body ends.
#[derive(Clone, Copy)]
enum End {
    Whole,
    /// It breaks off, when what is there has been sent: the server throws away what waits to be sent
    /// when a body fails.
    SendThenBreak,
    Break,
}

impl Trickle {
    /// All of the body, with a pause before each piece.
    pub(crate) fn slow(body: &Bytes, pause: Duration) -> Self {
        let size = body.len().div_ceil(PIECES).max(1);
        Self {
            pieces: body.chunks(size).map(Bytes::copy_from_slice).collect(),
            pause: Some(pause),
            sleep: None,
            end: End::Whole,
        }
    }

    /// The first half of the body, and then the connection breaks.
    pub(crate) fn cut(body: &Bytes, pause: Option<Duration>) -> Self {
        Self {
            pieces: VecDeque::from([body.slice(..body.len() / 2)]),
            pause,
            sleep: None,
            end: End::SendThenBreak,
        }
    }
}

impl Stream for Trickle {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(pause) = self.pause {
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(pause)));
            if sleep.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.sleep = None;
        }
        if let Some(piece) = self.pieces.pop_front() {
            return Poll::Ready(Some(Ok(piece)));
        }
        match self.end {
            End::Whole => Poll::Ready(None),
            End::SendThenBreak => {
                self.end = End::Break;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Break => Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into()))),
        }
    }
}
