//! Requests by method and path, for endpoints that the document does not know yet.
//!
//! They are sent by the same [`Sender`] as all others. A path that an operation of the document has is that
//! operation: its retry class, its times, and no token where it is public.

mod body;
pub(crate) mod numbers;
mod path;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;
use url::Url;

pub use body::RawBody;

use crate::client::Client;
use crate::error::Error;
use crate::generated;
use crate::idempotency_key::IdempotencyKey;
use crate::index::{Operation, row};
use crate::place;
use crate::preview::Preview;
use crate::request::{Arrived, Response, Written};
use crate::sending::{Limits, Sender, Undecoded, Write};
use crate::types::CallRequest;

/// The operation that gets a key of its own.
const CALLS_CREATE: &Operation = row("calls_create");

/// Headers that a caller may set: none of them says who asks, where to, or for what.
const HEADERS: [&str; 7] = [
    "accept",
    "accept-language",
    "if-match",
    "traceparent",
    "tracestate",
    "x-correlation-id",
    "x-request-id",
];

impl Client {
    /// A request by method and path, for an endpoint that this library does not know yet: with the same
    /// sign-in, the same errors, and the same care.
    ///
    /// The path starts with `/v1/` mostly and is joined to the base URL. It is plain text: spaces and
    /// letters outside ASCII are encoded; `%`, `?`, `#`, `;`, backslashes, dot segments, empty segments and
    /// control characters are refused, so that it can never lead elsewhere. The methods are GET, POST, PUT,
    /// PATCH and DELETE.
    ///
    /// **A path that an operation has is that operation.** `POST /v1/calls` gets an idempotency key and
    /// may take 330 s, a public one is sent without a token. All others are sent with the token and may take
    /// 30 s an attempt; GET and PUT are sent again after failures, the rest only where it is proven that
    /// nothing was done. A call whose answer is lost is looked for, as by
    /// [`calls().create()`](crate::operations::calls::Calls::create), where its body is that of a call.
    ///
    /// **Phone numbers are checked.** The fields `respondent_phone`, `user_phone`, `target_number`,
    /// `forwarding_number` and `phone_number` must be in E.164, at whatever depth of the body, and in the
    /// query. Nothing else is.
    ///
    /// ```no_run
    /// # async fn example(kally: kallyai_sdk::Client) -> Result<(), kallyai_sdk::Error> {
    /// use http::Method;
    ///
    /// let answer = kally
    ///     .request(Method::POST, "/v1/coordination/reminders")
    ///     .json(serde_json::json!({"text": "Water the plants"}))
    ///     .await?;
    /// println!("{}: {}", answer.status, answer.value.json::<serde_json::Value>()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Whatever is wrong with the request is said when it is awaited.
    // A method is written where it is needed: `Method::POST`.
    #[allow(clippy::needless_pass_by_value)]
    pub fn request(&self, method: Method, path: impl AsRef<str>) -> RawRequest {
        RawRequest::new(self.clone(), &method, path.as_ref())
    }
}

/// A request by method and path, sent by awaiting it; see [`Client::request`].
///
/// # Errors
///
/// Invalid input, when anything about it cannot be sent; otherwise what every request can fail with.
#[must_use = "a request is sent by awaiting it"]
pub struct RawRequest {
    client: Client,
    operation: &'static Operation,
    url: Option<Url>,
    headers: HeaderMap,
    body: Option<Value>,
    idempotency_key: IdempotencyKey,
    limits: Limits,
    /// What was wrong first.
    problem: Option<Error>,
}

impl RawRequest {
    fn new(client: Client, method: &Method, path: &str) -> Self {
        let (operation, target) = match path::target(method, path) {
            Ok(target) => (target.operation, Ok(target.segments)),
            Err((operation, error)) => (operation, Err(error)),
        };
        let url = target
            .and_then(|segments| path::join(client.transport().wire.base_url.as_str(), &segments));
        let (url, problem) = match url {
            Ok(url) => (Some(url), None),
            Err(error) => (None, Some(error)),
        };
        Self {
            client,
            operation,
            url,
            headers: HeaderMap::new(),
            body: None,
            idempotency_key: IdempotencyKey::default(),
            limits: Limits::default(),
            problem,
        }
    }

    /// The operation of the document that this is, if it is one.
    pub fn info(&self) -> Option<&'static Operation> {
        (self.operation.known_id().is_some()).then_some(self.operation)
    }

    /// Adds a parameter to the query; it is encoded. The same name may be added again.
    pub fn query(mut self, name: impl AsRef<str>, value: impl fmt::Display) -> Self {
        let (name, value) = (name.as_ref(), value.to_string());
        let checked = numbers::check_parameter(name, &value);
        if let Some(url) = &mut self.url {
            url.query_pairs_mut().append_pair(name, &value);
        }
        self.noting(checked)
    }

    /// Sends a JSON body.
    pub fn json(mut self, body: impl Serialize) -> Self {
        // serde's own message can repeat what is to be sent.
        let body = serde_json::to_value(body)
            .map_err(|_| Error::invalid_input("body", "it cannot be written as JSON"));
        let checked = body.and_then(|body| {
            let checked = numbers::check_body(&body);
            self.body = Some(body);
            checked
        });
        self.noting(checked)
    }

    /// Sets one of the headers `accept`, `accept-language`, `if-match`, `traceparent`, `tracestate`,
    /// `x-correlation-id` and `x-request-id`; all others are the library's.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        let name = name.as_ref().to_ascii_lowercase();
        let known = HEADERS.iter().find(|known| **known == name);
        let checked = match (known, HeaderValue::from_str(value.as_ref())) {
            (Some(known), Ok(value)) => {
                self.headers.insert(HeaderName::from_static(known), value);
                Ok(())
            }
            (None, _) => Err(Error::invalid_input(
                "header",
                format!("it is the library's; you can set {}", HEADERS.join(", ")),
            )),
            (_, Err(_)) => Err(Error::invalid_input(
                "header",
                "its value has a character that is not allowed",
            )),
        };
        self.noting(checked)
    }

    /// Sends the header `Idempotency-Key`: 1 to 255 visible ASCII characters without spaces. With
    /// [`trust_idempotency_key`](crate::ClientBuilder::trust_idempotency_key) the request is sent again
    /// after failures, whatever its method: give a key only where the endpoint keeps it.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = IdempotencyKey::given(key);
        let checked = self.idempotency_key.check();
        self.noting(checked)
    }

    /// As [`Request::timeout`](crate::Request::timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeouts.overall = Some(timeout);
        self
    }

    /// As [`Request::attempt_timeout`](crate::Request::attempt_timeout).
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeouts.attempt = Some(timeout);
        self
    }

    /// As [`Request::max_attempts`](crate::Request::max_attempts).
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.limits.max_attempts = Some(attempts.max(1));
        self
    }

    fn noting(mut self, checked: Result<(), Error>) -> Self {
        let operation = self.operation;
        self.problem = self
            .problem
            .or(checked.err().map(|error| error.of(operation)));
        self
    }

    async fn run(mut self) -> Arrived<RawBody> {
        let operation = self.operation;
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        if operation.id == CALLS_CREATE.id {
            self.idempotency_key.keep();
        }
        let key = self.idempotency_key.get();
        let ready = self.ready().map_err(|error| error.of(operation))?;
        let sender = Sender::new(&self.client, operation, self.limits, key);
        let undecoded = Undecoded { operation: &ready };
        let sending = pin!(sender.repeated(&undecoded));
        match self.placing() {
            Some(call) => {
                let deadline = sender.deadline();
                let around = place::or_look_up(&self.client, &call, key, deadline, sending);
                sender.watched(pin!(around)).await
            }
            None => sender.watched(sending).await,
        }
    }

    /// What would be sent; nothing is. As [`Request::preview`](crate::Request::preview).
    ///
    /// # Errors
    ///
    /// Invalid input, when anything about it cannot be sent.
    // Nothing is waited for today; what shows more one day may have to.
    #[allow(clippy::unused_async)]
    pub async fn preview(&self) -> Result<Preview, Error> {
        if let Some(problem) = &self.problem {
            return Err(problem.duplicate());
        }
        let ready = self.ready().map_err(|error| error.of(self.operation))?;
        Preview::of(&self.client, self.operation, &ready)
    }

    /// The call that it places, as far as it can be recognised.
    fn placing(&self) -> Option<CallRequest> {
        if self.operation.id != CALLS_CREATE.id {
            return None;
        }
        serde_json::from_value(self.body.clone()?).ok()
    }

    /// Everything that each attempt sends.
    fn ready(&self) -> Result<Ready, Error> {
        let unwritable = |_| Error::unwritable();
        let mut headers = self.headers.clone();
        headers
            .entry(ACCEPT)
            .or_insert(HeaderValue::from_static("application/json, */*;q=0.5"));
        if let Some(key) = self.idempotency_key.get() {
            let key = HeaderValue::from_str(key).map_err(unwritable)?;
            headers.insert(HeaderName::from_static("idempotency-key"), key);
        }
        let body = match &self.body {
            Some(body) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                serde_json::to_vec(body)
                    .map_err(|_| Error::unwritable())?
                    .into()
            }
            None => Bytes::new(),
        };
        Ok(Ready {
            operation: self.operation,
            url: self.url.clone().ok_or_else(Error::unwritable)?,
            headers,
            body,
        })
    }
}

/// A request that has been checked.
struct Ready {
    operation: &'static Operation,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl Write for Ready {
    fn write(&self, _: &generated::Client) -> Written {
        let method = self.operation.method.clone();
        let mut request = reqwest::Request::new(method, self.url.clone());
        *request.headers_mut() = self.headers.clone();
        if !self.body.is_empty() {
            *request.body_mut() = Some(self.body.clone().into());
        }
        Ok(request)
    }
}

impl IntoFuture for RawRequest {
    type Output = Result<Response<RawBody>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.run().await.map(|response| *response) })
    }
}

impl fmt::Debug for RawRequest {
    /// Neither the path nor what is sent: both can be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest")
            .field("method", &self.operation.method)
            .field("operation", &self.operation.known_id())
            .field("timeout", &self.limits.timeouts.overall)
            .finish_non_exhaustive()
    }
}
