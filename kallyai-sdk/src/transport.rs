//! One attempt on the wire.
//!
//! The hooks of the generated client end here. Whatever goes wrong is recorded as our own error in
//! the [`Exchange`], beside the generated client's result; that one knows less and is not looked at.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION};
use http::{HeaderValue, StatusCode};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};

use crate::base_url::BaseUrl;
use crate::credentials::Credentials;
use crate::error::{Error, WasSent};
use crate::generated;
use crate::index::{Answer, Operation};

/// How much of an error's body is read.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// Headers of answers that are not shown in `Debug`.
const PRIVATE_HEADERS: &[&str] = &[
    "content-location",
    "link",
    "location",
    "refresh",
    "set-cookie",
    "www-authenticate",
];

/// What all requests of a client share.
#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    pub(crate) base_url: BaseUrl,
    pub(crate) credentials: Credentials,
    /// The largest answer that is read into memory.
    pub(crate) max_answer: usize,
}

/// One attempt of one operation, and what came of it.
#[derive(Clone)]
pub(crate) struct Exchange {
    transport: Arc<Transport>,
    operation: &'static Operation,
    timeout: Duration,
    outcome: Arc<Mutex<Outcome>>,
}

/// What the generated client's result does not say.
#[derive(Default)]
struct Outcome {
    failure: Option<Error>,
    answered: Option<(StatusCode, HeaderMap)>,
}

impl Exchange {
    pub(crate) fn new(
        transport: Arc<Transport>,
        operation: &'static Operation,
        timeout: Duration,
    ) -> Self {
        Self {
            transport,
            operation,
            timeout,
            outcome: Arc::default(),
        }
    }

    /// The generated client for this attempt.
    pub(crate) fn client(&self) -> generated::Client {
        generated::Client::new_with_client(
            self.transport.base_url.as_str(),
            self.transport.http.clone(),
            self.clone(),
        )
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Why the attempt failed, if it did.
    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.outcome().failure.take()
    }

    /// Status and headers of the answer, once.
    pub(crate) fn take_answered(&self) -> Option<(StatusCode, HeaderMap)> {
        self.outcome().answered.take()
    }

    /// What the answer says it is, without parameters.
    pub(crate) fn content_type(&self) -> Option<String> {
        let outcome = self.outcome();
        let (_, headers) = outcome.answered.as_ref()?;
        let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        Some(kind.split(';').next().unwrap_or(kind).trim().to_lowercase())
    }

    /// Where the answer redirects to.
    pub(crate) fn location(&self) -> Option<String> {
        let outcome = self.outcome();
        let (_, headers) = outcome.answered.as_ref()?;
        headers.get(LOCATION)?.to_str().ok().map(str::to_owned)
    }

    fn outcome(&self) -> std::sync::MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the request and reads the answer whole. `Ok` is a success's body.
    async fn run(&self, mut request: reqwest::Request) -> Result<Bytes, Error> {
        // The generator adds its version of the API to every request; the service has no such header.
        request.headers_mut().remove("api-version");
        if !self.operation.public {
            let authorization: HeaderValue = self.transport.credentials.authorization()?;
            request.headers_mut().insert(AUTHORIZATION, authorization);
        }
        *request.timeout_mut() = Some(self.timeout);
        let mut response = self
            .transport
            .http
            .execute(request)
            .await
            .map_err(|error| {
                if error.is_builder() {
                    Error::unwritable()
                } else if error.is_connect() {
                    Error::transport(error, WasSent::No)
                } else {
                    Error::transport(error, WasSent::Maybe)
                }
            })?;
        let status = response.status();
        let mut headers = std::mem::take(response.headers_mut());
        // They can carry tokens, and a caller may print them.
        for (name, value) in &mut headers {
            if PRIVATE_HEADERS.contains(&name.as_str()) {
                value.set_sensitive(true);
            }
        }
        let redirects = self.operation.answer == Answer::Redirect && status.is_redirection();
        if redirects || status.is_success() {
            let body = if redirects {
                Bytes::new()
            } else {
                self.read(&mut response, &headers)
                    .await
                    .map_err(|e| e.with_status(status))?
            };
            self.outcome().answered = Some((status, headers));
            return Ok(body);
        }
        let body = read_some(&mut response).await;
        Err(Error::answered(status, &headers, &body))
    }

    /// The whole body, up to the limit.
    async fn read(
        &self,
        response: &mut reqwest::Response,
        headers: &HeaderMap,
    ) -> Result<Bytes, Error> {
        let limit = self.transport.max_answer;
        let too_large = || Error::decode(format!("the answer is larger than {limit} bytes"), &[]);
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let chunk = |error| Error::transport(error, WasSent::Yes);
        let Some(first) = response.chunk().await.map_err(chunk)? else {
            return Ok(Bytes::new());
        };
        if announced == Some(first.len()) {
            return Ok(first);
        }
        let mut body = BytesMut::from(first.as_ref());
        while let Some(next) = response.chunk().await.map_err(chunk)? {
            if body.len() + next.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&next);
        }
        if body.len() > limit {
            return Err(too_large());
        }
        Ok(body.freeze())
    }
}

/// The beginning of an error's body; what cannot be read is left out.
async fn read_some(response: &mut reqwest::Response) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(next)) = response.chunk().await {
        let room = MAX_ERROR_BODY.saturating_sub(body.len());
        body.extend_from_slice(next.get(..room).unwrap_or(&next));
        if body.len() >= MAX_ERROR_BODY {
            break;
        }
    }
    body.freeze()
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("operation", &self.operation.id)
            .finish_non_exhaustive()
    }
}

impl ClientHooks<Exchange> for generated::Client {
    async fn exec(
        &self,
        request: reqwest::Request,
        _: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        let exchange = self.inner();
        let body = match exchange.run(request).await {
            Ok(body) => body,
            Err(failure) => {
                exchange.outcome().failure = Some(failure);
                Bytes::new()
            }
        };
        Ok(http::Response::new(body).into())
    }
}
