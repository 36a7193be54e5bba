#![doc = include_str!("../README.md")]

mod appointment;
mod builder;
mod calendar;
mod catalogue;
mod check;
mod clock;
mod consent;
mod control;
mod dispatch;
mod document;
mod domains;
mod embedded;
mod error;
mod events;
mod example;
mod faults;
mod form;
mod formats;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod guard;
mod ids;
mod journal;
mod line;
mod links;
mod live;
mod log;
mod numbers;
mod options;
mod outcome;
mod page;
mod program;
mod recording;
mod request;
mod sandbox;
mod schema;
mod secrets;
mod server;
mod shared;
mod walk;
mod wire;
mod world;

pub use builder::Builder;
pub use clock::Clock;
pub use domains::Fidelity;
pub use error::Error;
pub use faults::{Fault, FaultKind};
pub use journal::JournalEntry;
pub use options::Options;
pub use program::run;
pub use sandbox::{DialledCall, IssuedToken, Sandbox, SentMessage};
pub use shared::Coverage;
