//! Calls that are placed once, whatever happens on the way.
//!
//! A call rings at a stranger's phone and costs money, and the service answers it only when it is over. In
//! those minutes a connection can break, a process can be killed, a machine can lose its power. What the
//! service then does with an idempotency key is recommended to it, but not known to be promised.
//!
//! [`calls().place(request)`](crate::operations::calls::Calls::place) therefore writes down first and sends
//! afterwards. Its handle, [`PlacedCall`], is there at once: it can be awaited, dropped, observed, and found
//! again by another process that has the same [log](PlaceLog).
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use kallyai_sdk::place::FilePlaceLog;
//! use kallyai_sdk::types::CallRequest;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let kally = kallyai_sdk::Client::builder()
//!     .access_token("token")
//!     .place_log(FilePlaceLog::at("calls.log"))
//!     .build()?;
//! let request = CallRequest::general("+12025550199".parse()?, "Ask when they open");
//! let placed = kally.calls().place(request).idempotency_key("order-4711").await?;
//! tokio::select! {
//!     call = placed.outcome() => println!("{}", call?.status),
//!     _ = tokio::signal::ctrl_c() => println!("{} is on its way", placed.idempotency_key()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is promised
//!
//! Of all that is placed with one key through one log, by whatever processes, however often they are killed:
//!
//! | | keys unproven (the default) | [trusted](crate::ClientBuilder::trust_idempotency_key) |
//! | --- | --- | --- |
//! | dialled | at most once, whatever the service does with keys | exactly once, if the service keeps its promise and the call is placed again within a day |
//! | after a crash, the same key again | is looked for, and never sent | is sent again with the same key for a day, then looked for |
//! | not found | an error whose [`was_sent`](crate::Error::was_sent) is `Maybe`; the entry stays unsettled | the same |
//!
//! - The key is the call: a key whose call is known answers with that call and sends nothing; a key with
//!   another number or task is refused. Other fields of the request are not compared here.
//! - What is proven not to have been dialled (the service refused it with a status of 4xx, or nothing was
//!   sent) may be placed again under its key. What was sent again, by whatever process, is never
//!   proven so, and what was dialled is never taken back.
//! - A log that cannot be written or read sends nothing. Of a key of your own, an earlier process may have
//!   dialled it all the same: the error's [`was_sent`](crate::Error::was_sent) is then `Maybe`.
//! - Two tasks of one client with one key have one call, and each a handle of it. Of two processes, or two
//!   clients, one sends; for the other the key is unsettled, and it looks for the call (or, if keys are
//!   trusted, sends the same key again).
//! - An entry that is [forgotten](PlaceLog::forget) protects nothing any more.
//!
//! # How a call is found again
//!
//! By number and task, of which the log holds a hash: in the service's list, among the calls placed since
//! then by the service's clock (how much time has passed is taken from this machine's). Exactly one must
//! match that is not known to be another key's, and no other placement of the same number and task may be
//! open. So give calls with the same number different tasks where you can. Whether the service shows calls
//! that are not over is assumed, not known: until it does, a handle says [`Sighting::IdUnknown`].
//!
//! # What is not known
//!
//! Whether the service hangs up when the connection of a call is gone: no source says so. Dropping a handle
//! closes no connection; the end of the runtime does.

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
pub(crate) use look_up::{OfCall, or_look_up};
pub use placement::{Entry, Placement, Settled};
#[cfg(any(test, feature = "tools"))]
pub(crate) use run::is_proof;
pub use states::States;
