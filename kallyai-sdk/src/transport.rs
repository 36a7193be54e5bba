//! One attempt on the wire.
//!
//! The hooks of the generated client end here. Whatever goes wrong is recorded as our own error in
//! the [`Exchange`], beside the generated client's result; that one knows less and is not looked at.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::ResponseBuilderExt;

use crate::auth::Credentials;
use crate::error::Error;
use crate::generated;
use crate::index::{Answer, Operation};
use crate::wire::{Opened, Wire};

/// What all requests of a client share.
#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) wire: Wire,
    pub(crate) credentials: Credentials,
}

/// One attempt of one operation, and what came of it.
#[derive(Clone)]
pub(crate) struct Exchange {
    transport: Arc<Transport>,
    operation: &'static Operation,
    timeout: Duration,
    started: Instant,
    purpose: Purpose,
    outcome: Arc<Mutex<Outcome>>,
}

/// What is wanted of an attempt.
#[derive(Clone)]
enum Purpose {
    /// The answer, decoded.
    Value,
    /// The answer as it came.
    Body,
    /// A stream of events, asked for with these headers.
    Events(HeaderMap),
    /// Nothing is sent.
    Preview,
}

/// What the generated client's result does not say.
#[derive(Default)]
struct Outcome {
    failure: Option<Error>,
    /// The token that was sent, if it can be refreshed.
    generation: Option<u64>,
    answered: Option<(StatusCode, HeaderMap)>,
    mended: bool,
    /// A stream of events, which is not read here.
    opened: Option<Opened>,
    /// The body of an answer that is not decoded.
    body: Option<Bytes>,
    /// What would have been sent.
    previewed: Option<reqwest::Request>,
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
            started: Instant::now(),
            purpose: Purpose::Value,
            outcome: Arc::default(),
        }
    }

    /// Asks for a stream of events, which is then left open.
    pub(crate) fn listening(mut self, headers: HeaderMap) -> Self {
        self.purpose = Purpose::Events(headers);
        self
    }

    /// The same attempt, whose answer is left as it came: whatever decodes it gets an error.
    pub(crate) fn undecoded(&self) -> Self {
        Self {
            purpose: Purpose::Body,
            ..self.clone()
        }
    }

    /// Sends nothing: whatever sends it gets an error.
    pub(crate) fn preview(mut self) -> Self {
        self.purpose = Purpose::Preview;
        self
    }

    /// The same once more after the service has rejected the token, in the time that is left.
    pub(crate) async fn with_another_token(&self, error: Error) -> Result<Self, Error> {
        let Some(rejected) = self.generation() else {
            return Err(error);
        };
        let left = || self.timeout.saturating_sub(self.started.elapsed());
        let renewal = self.transport.credentials.instead_of(rejected);
        let renewed = tokio::time::timeout(left(), renewal)
            .await
            .unwrap_or_else(|_| Err(Error::token_took_too_long()));
        match renewed {
            Ok(true) => {
                let again = Self::new(Arc::clone(&self.transport), self.operation, left());
                Ok(Self {
                    purpose: self.purpose.clone(),
                    ..again
                })
            }
            Ok(false) => Err(error),
            // The service has answered, and has done nothing.
            Err(why) => Err(why.after_rejection()),
        }
    }

    /// The generated client for this attempt.
    pub(crate) fn client(&self) -> generated::Client {
        generated::Client::new_with_client(
            self.transport.wire.base_url.as_str(),
            self.transport.wire.http().clone(),
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

    /// The token that was sent, if it can be refreshed.
    pub(crate) fn generation(&self) -> Option<u64> {
        self.outcome().generation
    }

    /// Status and headers of the answer, once.
    pub(crate) fn take_answered(&self) -> Option<(StatusCode, HeaderMap)> {
        self.outcome().answered.take()
    }

    /// The stream of events that was asked for, if the service has one.
    pub(crate) fn take_opened(&self) -> Option<Opened> {
        self.outcome().opened.take()
    }

    /// The body of an answer that was to be left as it came.
    pub(crate) fn take_body(&self) -> Option<Bytes> {
        self.outcome().body.take()
    }

    /// What would have been sent.
    pub(crate) fn take_previewed(&self) -> Option<reqwest::Request> {
        self.outcome().previewed.take()
    }

    /// The answer cannot be read as it is.
    pub(crate) fn mend(&self) {
        self.outcome().mended = true;
    }

    pub(crate) fn was_mended(&self) -> bool {
        self.outcome().mended
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
    pub(crate) async fn run(&self, mut request: reqwest::Request) -> Result<Bytes, Error> {
        // The generator adds its version of the API to every request; the service has no such header.
        request.headers_mut().remove("api-version");
        if matches!(self.purpose, Purpose::Preview) {
            self.outcome().previewed = Some(request);
            return Err(Error::set_aside());
        }
        let mut left = self.timeout;
        if !self.operation.public {
            let credentials = &self.transport.credentials;
            let authorization = if let Some(authorization) = credentials.at_hand() {
                authorization
            } else {
                let asked = Instant::now();
                let renewed = tokio::time::timeout(left, credentials.renewed()).await;
                left = left.saturating_sub(asked.elapsed());
                renewed.map_err(|_| Error::token_took_too_long())??
            };
            self.outcome().generation = authorization.generation;
            request
                .headers_mut()
                .insert(AUTHORIZATION, authorization.header);
        }
        if let Purpose::Events(headers) = &self.purpose {
            request.headers_mut().extend(headers.clone());
            return tokio::time::timeout(left, self.open(request))
                .await
                .unwrap_or_else(|_| Err(Error::no_answer_in_time()));
        }
        *request.timeout_mut() = Some(left);
        let expects_redirect = self.operation.answer == Answer::Redirect;
        let answered = self.transport.wire.send(request, expects_redirect).await?;
        self.outcome().answered = Some((answered.status, answered.headers));
        if matches!(self.purpose, Purpose::Body) {
            self.outcome().body = Some(answered.body);
            return Err(Error::set_aside());
        }
        Ok(answered.body)
    }

    /// Sends the request, and reads the answer unless it is a stream of events.
    async fn open(&self, request: reqwest::Request) -> Result<Bytes, Error> {
        let opened = self.transport.wire.open(request, false).await?;
        self.outcome().answered = Some((opened.status, opened.headers.clone()));
        if opened.status == StatusCode::OK
            && self.content_type().as_deref() == Some("text/event-stream")
        {
            self.outcome().opened = Some(opened);
            return Ok(Bytes::new());
        }
        Ok(self.transport.wire.read_whole(opened).await?.body)
    }
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
        // Without an address reqwest parses one that it makes up, each time.
        let address = exchange.transport.wire.base_url.url().clone();
        let response = http::Response::builder().url(address).body(body);
        let response = response.unwrap_or_default();
        Ok(response.into())
    }
}
