#![doc = include_str!("../README.md")]

mod builder;
mod calendar;
mod catalogue;
mod check;
mod clock;
mod consent;
mod control;
mod dispatch;
mod domains;
mod error;
mod example;
mod faults;
mod ids;
mod journal;
mod line;
mod numbers;
mod outcome;
mod recording;
mod request;
mod sandbox;
mod schema;
mod server;
mod shared;
mod wire;
mod world;

pub use builder::Builder;
pub use clock::Clock;
pub use domains::Fidelity;
pub use error::Error;
pub use faults::{Fault, FaultKind};
pub use journal::JournalEntry;
pub use sandbox::{DialledCall, IssuedToken, Sandbox};
pub use shared::Coverage;
