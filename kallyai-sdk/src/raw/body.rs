//! The body of an answer to a raw request.

use std::fmt;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::index::Operation;

/// The body of an answer to a [`RawRequest`](crate::RawRequest), read whole, up to
/// [`max_answer_bytes`](crate::ClientBuilder::max_answer_bytes).
#[derive(Clone)]
pub struct RawBody {
    operation: &'static Operation,
    bytes: Bytes,
}

impl RawBody {
    pub(super) fn new(operation: &'static Operation, bytes: Bytes) -> Self {
        Self { operation, bytes }
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

impl fmt::Debug for RawBody {
    /// Its length only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawBody({} bytes)", self.bytes.len())
    }
}
