//! Why a log could not be read or written.

crate::error::kept_error! {
    /// Why the log of placements could not be read or written. It says what to do, and holds no key.
    PlaceLogError,
    "What happened, in one line without numbers and tasks.",
    place_log
}
