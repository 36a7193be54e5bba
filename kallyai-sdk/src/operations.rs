//! One handle a domain, one request builder an operation; all of it generated from the spec.
//!
//! The handles come from [`Client`](crate::Client): `client.calls().get(id)` is a
//! [`Request`](crate::Request) that is sent by awaiting it.

mod support {
    //! What the generated builders use.
    pub(super) use crate::check::{At, Problems};
    pub(super) use crate::client::Client;
    pub(super) use crate::generated;
    pub(super) use crate::idempotency_key::IdempotencyKey;
    pub(super) use crate::index::{Operation, TABLE};
    pub(super) use crate::place;
    pub(super) use crate::raw::RawBody;
    pub(super) use crate::read;
    pub(super) use crate::request::{Arrived, Call, Request, Written, check_path_segment, written};
    pub(super) use crate::types;
    pub(super) use crate::wire::Answered;
}

include!(concat!(env!("OUT_DIR"), "/operations.rs"));
