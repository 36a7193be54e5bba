//! The body of an answer to a raw request.

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::CALLS_CREATE;
use crate::error::Error;
use crate::index::Operation;
use crate::place::OfCall;
use crate::request::{Arrived, Response};
use crate::types::Call;
use crate::wire::Answered;

/// The body of an answer to a [`RawRequest`](crate::RawRequest), read whole, up to
/// [`max_answer_bytes`](crate::ClientBuilder::max_answer_bytes).
#[derive(Clone)]
pub struct RawBody {
    operation: &'static Operation,
    bytes: Bytes,
    /// The call that it says it is, where a call was placed.
    call_id: Option<String>,
}

impl RawBody {
    pub(crate) fn new(operation: &'static Operation, bytes: Bytes) -> Self {
        let call_id = if operation.id == CALLS_CREATE.id {
            let placed = serde_json::from_slice(&bytes);
            placed.ok().and_then(|Placed { call_id }| call_id)
        } else {
            None
        };
        Self {
            operation,
            bytes,
            call_id,
        }
    }

    /// An answer, left as it came.
    #[allow(clippy::unnecessary_box_returns)]
    pub(crate) fn of(operation: &'static Operation, mut answered: Answered) -> Box<Response<Self>> {
        let bytes = std::mem::take(&mut answered.body);
        answered.with(Self::new(operation, bytes))
    }

    /// The body read as JSON: as a [`serde_json::Value`], or as a type of your own.
    ///
    /// # Errors
    ///
    /// A decode error, when it is no JSON or not of this type. An empty body is no JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.bytes).map_err(|error| {
            // serde's message can repeat a value.
            let (line, column) = (error.line(), error.column());
            self.unreadable(&format!(
                "the answer is no JSON of the type asked for: line {line}, column {column}"
            ))
        })
    }

    /// The body as a text.
    ///
    /// # Errors
    ///
    /// A decode error, when it is no UTF-8.
    pub fn text(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.bytes)
            .map_err(|_| self.unreadable("the answer is no text in UTF-8"))
    }

    /// The body as it came.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn unreadable(&self, what: &str) -> Error {
        Error::decode(what, &self.bytes).of(self.operation)
    }
}

#[derive(Deserialize)]
struct Placed {
    call_id: Option<String>,
}

impl OfCall for RawBody {
    fn call_id(&self) -> Option<&str> {
        self.call_id.as_deref().filter(|id| !id.is_empty())
    }

    fn without_id(response: Box<Response<Self>>) -> Arrived<Self> {
        Ok(response)
    }

    /// The call was read another way: it is written down again.
    fn of_call(call: Call) -> Result<Self, Error> {
        let bytes = serde_json::to_vec(&call);
        let unwritable = |_| Error::decode("the call cannot be written as JSON", &[]);
        Ok(Self::new(CALLS_CREATE, bytes.map_err(unwritable)?.into()))
    }
}

impl fmt::Debug for RawBody {
    /// Its length only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawBody({} bytes)", self.bytes.len())
    }
}
