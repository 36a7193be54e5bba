//! One renewal at a time, for everybody: the library's own `stored.rs`, `renewal.rs`, `in_flight.rs` and what they
//! stand on, in thousands of orders of their threads.
//!
//! shuttle runs one thread at a time and chooses, wherever one takes a lock, waits or sends, which goes on. So a run
//! that fails can be run again (it says how), a deadlock is found as one, and nobody sleeps. What the service and the
//! disk do is made up: see `service.rs` and `parts.rs`. All threads see memory the same (shuttle has no weak orderings),
//! and no time runs out. `KALLYAI_ORDERS=200000` runs more orders, and `planted.sh` shows that mistakes are found.

// The library's files are public in the library.
#![allow(
    unreachable_pub,
    clippy::needless_update,
    clippy::panic,
    clippy::unwrap_used
)]

// What follows is compiled with shuttle's locks and threads.
extern crate kallyai_interleavings as arc_swap;
extern crate kallyai_interleavings as std;

mod auth;
#[path = "../../../../kallyai-sdk/src/clock.rs"]
#[allow(dead_code)]
mod clock;
mod parts;
mod service;

use parts::{base_url, error, types, wire};
