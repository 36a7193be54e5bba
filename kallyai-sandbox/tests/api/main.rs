//! The sandbox over real sockets.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod actions;
mod api;
mod bad_input;
mod binary;
mod calls;
mod channels;
mod clock;
mod code_flow;
mod control;
mod credits;
mod edges;
mod email;
mod events;
mod faults;
mod garbage;
mod goals;
mod idempotency;
mod inbound;
mod life;
mod messages;
mod outbox;
mod outreach;
mod page;
mod phone;
mod raw;
mod referrals;
mod search;
mod sign_in;
mod spec;
mod subscription;
