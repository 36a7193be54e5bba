//! Ctrl-C, where something has to be said before the end.

use std::future::{pending, poll_fn, ready};
use std::pin::Pin;
use std::task::Poll;

use http::Method;
use kallyai_sdk::Error;

use super::Failure;
use crate::output::{ErrorShown, Exit};

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

/// Sends a request, and waits for its answer until Ctrl-C: after a question that does not end this process by itself.
pub(super) async fn answered<T>(
    method: &Method,
    request: impl IntoFuture<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    let caught = caught().await;
    tokio::select! {
        biased;
        () = caught => Err(unanswered(method)),
        answer = request.into_future() => Ok(answer?),
    }
}

fn unanswered(method: &Method) -> Failure {
    let shown = if *method == Method::GET {
        ErrorShown::new("interrupted", "interrupted")
    } else {
        let message = "interrupted: what was asked for may be done all the same";
        let hint = "look what has become of it before you ask again";
        ErrorShown::new("interrupted", message).with_hint(hint)
    };
    Failure::Shown(Box::new(shown), Exit::Interrupted)
}
