#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The generated code names the library's types by their public path, and so do the mocks that the
// tests generate from the same settings.
extern crate self as kallyai_sdk;

pub mod auth;
mod base_url;
#[cfg(feature = "blocking")]
#[cfg_attr(docsrs, doc(cfg(feature = "blocking")))]
pub mod blocking;
pub mod call_task;
mod check;
mod client;
mod clock;
mod connections;
mod decode;
#[cfg(feature = "dynamic")]
#[cfg_attr(docsrs, doc(cfg(feature = "dynamic")))]
pub mod dynamic;
mod env;
mod error;
mod events;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
#[allow(
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_imports,
    dead_code,
    private_interfaces,
    clippy::all,
    clippy::pedantic,
    rustdoc::all
)]
mod generated {
    //! What progenitor wrote. Private but for the types.
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}
pub mod guide;
mod idempotency_key;
mod index;
mod mark;
// Rows of the index are taken while compiling: one that is not there does not compile.
#[allow(clippy::indexing_slicing, clippy::wildcard_imports)]
pub mod operations;
mod paging;
pub mod phone;
pub mod place;
mod preview;
mod private_file;
mod raw;
mod read;
mod request;
mod retry;
mod sending;
mod streams;
mod tame;
mod tls;
#[cfg(feature = "tools")]
#[cfg_attr(docsrs, doc(cfg(feature = "tools")))]
pub mod tools;
mod trace;
mod transport;
pub mod types;
mod waiting;
mod wire;

pub use call_task::CallTask;
pub use client::{Client, ClientBuilder};
pub use env::Environment;
pub use error::{Error, ErrorCode, ErrorKind, Problem, WasSent};
pub use events::{EventStream, ServerEvent};
pub use index::{Answer, Dials, Effects, OPERATIONS, Operation, Pages, Provenance, Spend};
#[cfg(feature = "derive")]
pub use kallyai_sdk_derive::CallTask;
pub use paging::{ItemStream, PageStream, Paged};
pub use preview::Preview;
pub use raw::{RawBody, RawRequest};
pub use request::{Request, Response, WithRawBody, WithResponse};
pub use waiting::{Settles, Standing, States, UntilSettled, Watched};
