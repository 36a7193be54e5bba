//! What a request would send.

use std::fmt;

use http::Method;
use http::header::{HeaderMap, USER_AGENT};

use crate::client::Client;
use crate::error::Error;
use crate::index::Operation;
use crate::sending::Write;

/// A request as it would go out, but for the token.
#[derive(Clone)]
#[non_exhaustive]
pub struct Preview {
    /// The HTTP method.
    pub method: Method,
    /// Where it would go, encoded.
    pub url: String,
    /// The headers that are the request's own.
    pub headers: HeaderMap,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

impl Preview {
    pub(crate) fn of(
        client: &Client,
        operation: &'static Operation,
        sent: &dyn Write,
    ) -> Result<Self, Error> {
        let request = sent.write(client.transport().wire.writer());
        let request = request.map_err(|error| error.of(operation))?;
        let mut headers = request.headers().clone();
        headers.remove(USER_AGENT);
        let body = request.body().and_then(reqwest::Body::as_bytes);
        Ok(Self {
            method: request.method().clone(),
            url: request.url().to_string(),
            body: body.unwrap_or_default().to_vec(),
            headers,
        })
    }
}

impl fmt::Debug for Preview {
    /// Neither where it would go nor what would be sent: both can be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preview")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
