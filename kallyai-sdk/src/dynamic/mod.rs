//! Requests by the id of their operation, with JSON for arguments.
//!
//! For programs that are told what to do: commands, gateways, workflows. A request is checked and sent as the
//! typed one is, and its answer is left as it came.
//!
//! ```
//! use kallyai_sandbox::Sandbox;
//! use kallyai_sdk::Client;
//! use serde_json::{Value, json};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//! let kally = Client::builder().base_url(sandbox.base_url()).access_token(sandbox.access_token()).build()?;
//!
//! let answer = kally.operation("calls_list", json!({"limit": 5}))?.await?;
//! assert!(answer.value.json::<Value>()?["calls"].is_array());
//!
//! // What is wrong is said before anything is sent, and can be asked for.
//! let request = kally.operation("calls_list", json!({"limit": 5}))?;
//! println!("{}", request.preview().await?.url);
//! let wrong = kally.operation("phone_start_verification", json!({"phone_number": "2025550199"}));
//! assert_eq!(wrong.unwrap_err().field(), Some("phone_number"));
//! # Ok(())
//! # }
//! ```

mod arguments;
mod prepared;

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::time::Duration;

use serde_json::{Map, Value};

pub(crate) use arguments::Arguments;
use prepared::{Limit, Prepared};

use crate::client::Client;
use crate::error::Error;
use crate::index::{OPERATIONS, Operation};
use crate::preview::Preview;
use crate::raw::RawBody;
use crate::request::Response;

impl Client {
    /// A request of the operation with this [id](Operation::id).
    ///
    /// The arguments are one object: parameters of the path and the query and the fields of the body side by
    /// side, by the names of the document, and `idempotency_key` where the operation takes one. Null stands
    /// for a parameter that is left out. Fields that the document does not know are sent with the body as they are.
    ///
    /// # Errors
    ///
    /// Invalid input: when there is no such operation, an argument is missing, of the wrong kind, or none of
    /// the operation's.
    pub fn operation(&self, id: &str, arguments: Value) -> Result<DynamicRequest, Error> {
        let row = prepared::row(id);
        let operation = OPERATIONS.iter().find(|operation| operation.id == id);
        let (Some(row), Some(operation)) = (row, operation) else {
            return Err(Error::invalid_input(
                "operation",
                "there is none of this id; OPERATIONS lists all",
            ));
        };
        let arguments = match arguments {
            Value::Object(arguments) => arguments,
            Value::Null => Map::new(),
            _ => {
                let error = Error::invalid_input("arguments", "they are no object");
                return Err(error.of(operation));
            }
        };
        let built = Arguments::of(row, arguments)
            .and_then(|(arguments, key)| (row.build)(self, &arguments, key));
        Ok(DynamicRequest {
            operation,
            prepared: built.map_err(|error| error.of(operation))?,
        })
    }

    /// The same from arguments that have been taken apart.
    #[cfg(feature = "tools")]
    pub(crate) fn prepare(
        &self,
        operation: &'static Operation,
        arguments: &Arguments,
    ) -> Result<DynamicRequest, Error> {
        let row = prepared::row(operation.id);
        let row = row.ok_or_else(|| Error::invalid_input("operation", "it has no request"))?;
        let built = (row.build)(self, arguments, None);
        Ok(DynamicRequest {
            operation,
            prepared: built.map_err(|error| error.of(operation))?,
        })
    }
}

/// A request of any operation, sent by awaiting it; see [`Client::operation`].
#[must_use = "a request is sent by awaiting it"]
pub struct DynamicRequest {
    operation: &'static Operation,
    prepared: Box<dyn Prepared>,
}

impl DynamicRequest {
    /// The row of the index.
    pub fn info(&self) -> &'static Operation {
        self.operation
    }

    /// As [`Request::check`](crate::Request::check).
    ///
    /// # Errors
    ///
    /// All that is wrong with it, at once: see [`Error::problems`].
    pub fn check(&self) -> Result<(), Error> {
        self.prepared.check()
    }

    /// As [`Request::preview`](crate::Request::preview).
    ///
    /// # Errors
    ///
    /// All that is wrong with it, at once: see [`Error::problems`].
    pub async fn preview(&self) -> Result<Preview, Error> {
        self.prepared.preview().await
    }

    /// As [`Request::timeout`](crate::Request::timeout).
    pub fn timeout(self, timeout: Duration) -> Self {
        self.limited(Limit::Timeout(timeout))
    }

    /// As [`Request::attempt_timeout`](crate::Request::attempt_timeout).
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.limited(Limit::AttemptTimeout(timeout))
    }

    /// As [`Request::max_attempts`](crate::Request::max_attempts).
    pub fn max_attempts(self, attempts: u32) -> Self {
        self.limited(Limit::MaxAttempts(attempts))
    }

    fn limited(mut self, limit: Limit) -> Self {
        self.prepared.limited(limit);
        self
    }

    /// Sends it, and reads the answer as its type is read: what is odd is mended.
    #[cfg(feature = "tools")]
    pub(crate) async fn value(self) -> Result<Value, Error> {
        self.prepared.value().await
    }
}

impl IntoFuture for DynamicRequest {
    type Output = Result<Response<RawBody>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.prepared.send().await.map(|response| *response) })
    }
}

impl fmt::Debug for DynamicRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicRequest")
            .field("operation", &self.operation.id)
            .finish_non_exhaustive()
    }
}
