//! Doors to the inside for the targets of `fuzz/`. No other build has them.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Error;
use crate::index::{OPERATIONS, Operation};
use crate::operations;
use crate::read;
use crate::request::Call;
use crate::wire::Answered;

pub mod auth {
    //! Sign-ins and token files.
    pub use crate::auth::fuzzing::{SignIn, read, write};
}

pub mod events {
    //! Streams of events.
    pub use crate::events::fuzzing::{events, pieces};
}

include!(concat!(env!("OUT_DIR"), "/answers.rs"));

/// The error that an answer with this status is.
pub fn answered(status: StatusCode, headers: &[(HeaderName, HeaderValue)], body: &[u8]) -> Error {
    let headers: HeaderMap = headers.iter().cloned().collect();
    Error::answered(status, &headers, body)
}

/// An answer that was decoded.
#[derive(Debug)]
pub struct Answer {
    /// As JSON again.
    pub value: Value,
    /// As a log would have it.
    pub debug: String,
    /// Whether it had to be mended first.
    pub mended: bool,
}

/// An answer, or why it is none.
pub type Decoded = Result<Answer, Error>;

/// Decodes the answer of the operation at this place of the index, as a request does; none for one that answers
/// with no JSON.
pub fn decode(index: usize, body: &[u8]) -> Option<Decoded> {
    by_index(index, OPERATIONS.get(index)?, body)
}

fn json<T>(operation: &'static Operation, body: &[u8]) -> Option<Decoded>
where
    T: DeserializeOwned + Serialize + fmt::Debug,
{
    let answered = Answered {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body),
    };
    Some(read::json::<T>(operation, answered).map(|response| Answer {
        debug: format!("{:?}", response.value),
        value: serde_json::to_value(&response.value).unwrap_or_default(),
        mended: response.mended,
    }))
}
