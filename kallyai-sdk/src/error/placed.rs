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

    /// What an earlier try may have done, this failure does not take back.
    pub(crate) fn after_unknown(mut self) -> Self {
        self.0.was_sent = WasSent::Maybe;
        self
    }

    /// A call that may have been placed, and was looked for.
    pub(crate) fn not_found_again(self) -> Self {
        self.after_unknown().with_remedy(
            "it may have been placed, and the service's list does not show it for certain: look there \
             before you place it again",
        )
    }
}
