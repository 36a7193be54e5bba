//! Calls that are placed once, whatever happens on the way.
//!
//! What the service does with an idempotency key is not promised. A call whose outcome nobody knows is
//! therefore not sent again but looked for.

mod dials;
mod fingerprint;
mod look_up;

pub(crate) use dials::{Dial, Dials};
pub(crate) use fingerprint::Fingerprint;
pub(crate) use look_up::or_look_up;
