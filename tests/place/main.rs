//! Calls that are placed through a log: dialled once, found again, and honest where nobody knows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[cfg(unix)]
mod crash;
mod handle;
mod logs;
mod outcome;
mod service;
mod states;
mod unknown;
