//! Ctrl-C, where something has to be said before the end.

use std::future::{pending, poll_fn, ready};
use std::pin::Pin;
use std::task::Poll;

/// Is ready when the user has pressed Ctrl-C.
pub(super) type Interrupted = Pin<Box<dyn Future<Output = ()>>>;

/// Catches Ctrl-C: from now on it does not end this process by itself.
pub(super) async fn caught() -> Interrupted {
    let mut caught: Interrupted = Box::pin(async {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    });
    // Asking once makes it listen.
    match poll_fn(|context| Poll::Ready(caught.as_mut().poll(context))).await {
        Poll::Ready(()) => Box::pin(ready(())),
        Poll::Pending => caught,
    }
}
