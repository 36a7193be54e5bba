//! Calls that are placed once, whatever happens on the way.
//!
//! What the service does with an idempotency key is not promised. A call whose outcome nobody knows is
//! therefore not sent again but looked for.

mod begin;
mod dials;
mod fingerprint;
mod handle;
mod live;
mod log;
mod look_up;
mod placement;
mod run;
mod search;
mod states;

pub use begin::{Place, Resume};
pub(crate) use dials::Dials;
pub use fingerprint::Fingerprint;
pub use handle::{PlacedCall, Sighting};
pub(crate) use live::Places;
pub use log::{Begun, FilePlaceLog, MemoryPlaceLog, PlaceLog, PlaceLogError};
pub(crate) use look_up::or_look_up;
pub use placement::{Entry, Placement, Settled};
pub use states::States;
