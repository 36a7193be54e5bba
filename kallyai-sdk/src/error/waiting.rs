//! What ends a wait.

use super::{Error, ErrorKind, WasSent};

impl Error {
    /// What was waited for goes on.
    pub(crate) fn not_settled() -> Self {
        Self::new(
            ErrorKind::Timeout,
            WasSent::Yes,
            "it had not settled at the deadline, and goes on",
        )
        .with_remedy("wait again, with a later deadline")
    }

    /// Headers that did not come in time.
    pub(crate) fn no_answer_in_time() -> Self {
        Self::new(ErrorKind::Timeout, WasSent::Maybe, "it took too long")
    }

    /// A stream of events that came to its end; they have none.
    pub(crate) fn stream_ended() -> Self {
        let what = "the service ended the stream of events";
        Self::new(ErrorKind::Transport, WasSent::Yes, what)
    }

    /// A stream of events of which nothing came for that long.
    pub(crate) fn stream_silent() -> Self {
        let what = "nothing came from the stream of events for too long";
        Self::new(ErrorKind::Timeout, WasSent::Yes, what)
    }
}
