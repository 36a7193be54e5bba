//! A request: built, awaited, answered.
//!
//! The way of every request: [`Request`] is checked, given its key, sent by [`Sender`] through
//! [`Exchange`], and its answer decoded.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::check::Problems;
use crate::client::Client;
use crate::error::{self, Error};
use crate::generated;
use crate::index::Operation;
use crate::preview::Preview;
use crate::raw::RawBody;
use crate::sending::{Limits, Sendable, Sender, Undecoded, Write};
use crate::transport::Exchange;
use crate::wire::Answered;

/// A request that is sent by awaiting it.
///
/// ```no_run
/// # async fn example(client: kallyai_sdk::Client) -> Result<(), kallyai_sdk::Error> {
/// let list = client.calls().list().limit(10).await?;
/// # Ok(())
/// # }
/// ```
///
/// A clone is the same request: one that places a call is sent with the same idempotency key.
#[derive(Clone)]
#[must_use = "a request is sent by awaiting it"]
pub struct Request<O> {
    client: Client,
    pub(crate) operation: O,
    limits: Limits,
}

/// What the generated builders do.
pub trait Call: Send + Sync {
    /// What a success is decoded to.
    type Answer: Send;

    /// The operation's row in the index.
    fn info() -> &'static Operation;

    /// Finds what is wrong with the input.
    fn check(&self, problems: &mut Problems);

    /// The key that is sent, where the operation has one.
    fn idempotency_key(&self) -> Option<&str> {
        None
    }

    /// Makes a key where there is none; it then stays for every attempt, and for every clone.
    fn keep_idempotency_key(&self) {}

    /// Writes what an attempt sends.
    fn write(&self, writer: &generated::Client) -> Written;

    /// Reads the answer.
    fn read(answered: Answered) -> Arrived<Self::Answer>;

    /// What belongs around all the attempts together.
    fn around(
        &self,
        _client: &Client,
        _deadline: Duration,
        sending: impl Future<Output = Arrived<Self::Answer>> + Send,
    ) -> impl Future<Output = Arrived<Self::Answer>> + Send {
        sending
    }

    /// The same around attempts whose answer is left as it came.
    fn around_undecoded(
        &self,
        _client: &Client,
        _deadline: Duration,
        sending: impl Future<Output = Arrived<RawBody>> + Send,
    ) -> impl Future<Output = Arrived<RawBody>> + Send {
        sending
    }
}

/// What is sent, before it has a token.
pub(crate) type Written = Result<reqwest::Request, Error>;

/// What comes of a request. It goes through many hands, and answers are large: it goes as a pointer.
pub(crate) type Arrived<T> = Result<Box<Response<T>>, Error>;

impl<O: Call> Request<O> {
    pub(crate) fn new(client: Client, operation: O) -> Self {
        Self {
            client,
            operation,
            limits: Limits::default(),
        }
    }

    /// How long this request may take in all: every attempt, the waits between them, the answer's body.
    /// Without it, that is 60 s more than one attempt may take.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeouts.overall = Some(timeout);
        self
    }

    /// How long one attempt may take. Without it, what rings a phone at once may take 330 s and everything
    /// else 30 s.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.limits.timeouts.attempt = Some(timeout);
        self
    }

    /// How often this request is sent at most where sending it again does no harm; see
    /// [`ClientBuilder::max_attempts`](crate::ClientBuilder::max_attempts).
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.limits.max_attempts = Some(attempts.max(1));
        self
    }

    /// Gives status and headers beside the value.
    pub fn with_response(self) -> WithResponse<O> {
        WithResponse(self)
    }

    /// Gives the answer's body as it came, not decoded: for those who hand it on. Everything else is as ever.
    pub fn with_raw_body(self) -> WithRawBody<O> {
        WithRawBody(self)
    }

    /// What would be sent, after the same check as before it is sent; nothing is. The token is not in it, nor
    /// an idempotency key that was not given: that one is made when it is sent.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, at once: see [`Error::problems`].
    // Nothing is waited for today; what shows more one day may have to.
    #[allow(clippy::unused_async)]
    pub async fn preview(&self) -> Result<Preview, Error> {
        self.check()?;
        Preview::of(&self.client, O::info(), &self.operation)
    }

    /// Says whether it would be sent: the same check as before it is sent, and nothing else.
    ///
    /// What is a date in the past is judged by the machine's clock.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, at once: see [`Error::problems`].
    pub fn check(&self) -> Result<(), Error> {
        checked(&self.operation)
    }

    /// Sends it, also once more after that: for reads only.
    pub(crate) async fn send(&self) -> Arrived<O::Answer> {
        self.send_within(Duration::MAX).await
    }

    /// Sends it in no more than the time that is left.
    pub(crate) async fn send_within(&self, left: Duration) -> Arrived<O::Answer> {
        let info = O::info();
        self.check()?;
        self.operation.keep_idempotency_key();
        let key = self.operation.idempotency_key();
        let sender = Sender::new(&self.client, info, self.limits, key).within(left);
        // These futures are large: they stay where they are, and what wraps them holds a pointer.
        let sending = pin!(sender.repeated(&self.operation));
        let around = self
            .operation
            .around(&self.client, sender.deadline(), sending);
        sender.watched(pin!(around)).await
    }

    /// Sends it once, with these headers; an answer that is a stream of events is left open.
    pub(crate) async fn listen(&self, headers: HeaderMap) -> Arrived<Heard<O::Answer>> {
        self.check()?;
        let sender = Sender::new(&self.client, O::info(), self.limits, None);
        let operation = &self.operation;
        sender.once(&Listening { operation, headers }).await
    }
}

impl<O: Call> Write for O {
    fn write(&self, writer: &generated::Client) -> Written {
        Call::write(self, writer)
    }
}

impl<O: Call> Sendable for O {
    type Answer = O::Answer;

    async fn send_once(&self, exchange: &mut Exchange<'_>) -> Arrived<O::Answer> {
        let answered = exchange.run(Call::write(self, exchange.writer())?).await?;
        let status = answered.status;
        O::read(answered).map_err(|error| error.with_status(status))
    }
}

/// An operation whose answer can be a stream of events.
struct Listening<'a, O> {
    operation: &'a O,
    headers: HeaderMap,
}

/// What it is.
pub(crate) enum Heard<T> {
    Events(reqwest::Response),
    Value(T),
}

impl<O: Call> Sendable for Listening<'_, O> {
    type Answer = Heard<O::Answer>;

    async fn send_once(&self, exchange: &mut Exchange<'_>) -> Arrived<Self::Answer> {
        let request = self.operation.write(exchange.writer())?;
        let answered = match exchange.listen(request, self.headers.clone()).await? {
            Ok(opened) => return Ok(opened.heard()),
            Err(answered) => answered,
        };
        let status = answered.status;
        O::read(answered)
            .and_then(|response| response.try_map(|value| Ok(Heard::Value(value))))
            .map(Box::new)
            .map_err(|error| error.with_status(status))
    }
}

impl<O: Call + 'static> IntoFuture for Request<O> {
    type Output = Result<O::Answer, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.send().await.map(|response| response.value) })
    }
}

impl<O: Call> fmt::Debug for Request<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("operation", &O::info().id)
            .field("timeout", &self.limits.timeouts.overall)
            .finish_non_exhaustive()
    }
}

/// A [`Request`] that answers with a [`Response`].
#[must_use = "a request is sent by awaiting it"]
pub struct WithResponse<O>(Request<O>);

impl<O: Call + 'static> IntoFuture for WithResponse<O> {
    type Output = Result<Response<O::Answer>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.0.send().await.map(|response| *response) })
    }
}

impl<O: Call> fmt::Debug for WithResponse<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A [`Request`] that answers with the body as it came.
#[must_use = "a request is sent by awaiting it"]
pub struct WithRawBody<O>(Request<O>);

impl<O: Call> WithRawBody<O> {
    pub(crate) async fn run(self) -> Arrived<RawBody> {
        let Self(request) = self;
        request.check()?;
        request.operation.keep_idempotency_key();
        let key = request.operation.idempotency_key();
        let sender = Sender::new(&request.client, O::info(), request.limits, key);
        let sent = Undecoded {
            operation: &request.operation,
        };
        let sending = pin!(sender.repeated(&sent));
        let around =
            request
                .operation
                .around_undecoded(&request.client, sender.deadline(), sending);
        sender.watched(pin!(around)).await
    }
}

impl<O: Call + 'static> IntoFuture for WithRawBody<O> {
    type Output = Result<Response<RawBody>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.run().await.map(|response| *response) })
    }
}

impl<O: Call> fmt::Debug for WithRawBody<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An answer with its status and headers.
#[derive(Clone)]
#[non_exhaustive]
pub struct Response<T> {
    /// What was asked for.
    pub value: T,
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// Whether the answer had to be mended before it could be read: entries may be missing.
    pub(crate) mended: bool,
}

impl<T> Response<T> {
    /// The same answer with what is made of its value.
    pub(crate) fn try_map<U>(
        self,
        map: impl FnOnce(T) -> Result<U, Error>,
    ) -> Result<Response<U>, Error> {
        Ok(Response {
            value: map(self.value)?,
            status: self.status,
            headers: self.headers,
            mended: self.mended,
        })
    }

    /// Names the request to the vendor's support, if the service gave it a name.
    pub fn correlation_id(&self) -> Option<String> {
        error::correlation_id(&self.headers)
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    /// The headers' names only: a Location can carry a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.keys().map(http::HeaderName::as_str).collect();
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &names)
            .finish_non_exhaustive()
    }
}

/// What progenitor wrote, or that it cannot be sent.
pub(crate) fn written(request: Result<reqwest::Request, progenitor_client::Error>) -> Written {
    request.map_err(|_| Error::unwritable())
}

/// Finds all that is wrong with a request, by the clock of this machine.
pub(crate) fn checked<O: Call>(operation: &O) -> Result<(), Error> {
    let mut problems = Problems::at(chrono::Utc::now());
    operation.check(&mut problems);
    problems.finish().map_err(|error| error.of(O::info()))
}

/// The longest id, in bytes.
const LONGEST_ID: usize = 512;

/// An id must not change the path, neither here nor where a proxy decodes it once more.
pub(crate) fn check_path_segment(name: &'static str, id: &str) -> Result<(), Error> {
    // Nearly all are made of these.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(plain) {
        return Ok(());
    }
    let before_parameters = id.split(';').next().unwrap_or(id);
    let why = if id.is_empty() {
        "it is empty"
    } else if id.len() > LONGEST_ID {
        "it is longer than 512 bytes"
    } else if before_parameters == "." || before_parameters == ".." {
        "a dot segment would change the path"
    } else if id.contains(['/', '\\']) {
        "a slash would change the path"
    } else if id.contains('%') {
        "a percent sign could be decoded on the way and change the path"
    } else if id.chars().any(char::is_control) {
        "it has a control character"
    } else {
        return Ok(());
    };
    Err(Error::invalid_input(name, why))
}
