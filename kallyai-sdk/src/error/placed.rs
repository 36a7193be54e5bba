//! What can go wrong with calls that are placed once.

use super::{Error, ErrorKind, WasSent};

impl Error {
    /// Placements cannot be read or written: nothing is sent then.
    pub(crate) fn place_log(
        what: String,
        remedy: Option<String>,
        source: Option<std::io::Error>,
    ) -> Self {
        let mut error = Self::token_store(what, remedy, source);
        error.0.kind = ErrorKind::PlaceLog;
        error
    }

    /// A call of which nobody knows whether it was dialled.
    pub(crate) fn lost(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Lost, WasSent::Maybe, what)
    }

    /// A placement that has come to nothing.
    pub(crate) fn not_dialled_before() -> Self {
        let what = "this call was not dialled: the service refused it, or it was not sent";
        Self::new(ErrorKind::Lost, WasSent::No, what).with_remedy("place it again")
    }

    /// A placement whose runtime ended too soon.
    pub(crate) fn not_sent_before_the_end() -> Self {
        let what = "the runtime has ended before the call was sent";
        Self::new(ErrorKind::Lost, WasSent::No, what).with_remedy("place it again")
    }

    /// The same where another process may have dialled this key before.
    pub(crate) fn unknown_before_the_end() -> Self {
        Self::lost("the runtime has ended before the log said what became of this key")
            .with_remedy("ask for the same key again")
    }

    /// A call that was dialled, whatever became of asking for it.
    pub(crate) fn placed_but_not_read(self) -> Self {
        let what = "this call was placed, and what became of it could not be read";
        Self::new(ErrorKind::Lost, WasSent::Yes, what)
            .with_remedy("ask for it again, with the handle's look() for instance")
            .caused_by(Some(self))
    }

    /// An answer that says that there is a call, and not which.
    pub(crate) fn placed_without_id() -> Self {
        Self::lost("the service's answer does not say which call it is")
    }

    /// What an earlier try may have done, this failure does not take back.
    pub(crate) fn after_unknown(mut self) -> Self {
        if !self.is_outcome_unknown() {
            self.0.was_sent = WasSent::Maybe;
        }
        self
    }

    /// A call that may have been placed, and was looked for.
    pub(crate) fn not_found_again(mut self) -> Self {
        self.0.was_sent = WasSent::Maybe;
        self.with_remedy(
            "it may have been placed, and the service's list does not show it for certain: look there \
             before you place it again",
        )
    }
}
