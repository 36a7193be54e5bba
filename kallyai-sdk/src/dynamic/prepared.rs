//! A request that is ready to be sent, whatever its operation.

use std::pin::Pin;

use serde_json::Value;

use super::arguments::Arguments;
use crate::client::Client;
use crate::error::Error;
use crate::preview::Preview;
use crate::raw::RawBody;
use crate::request::{Arrived, Call, Request};

include!(concat!(env!("OUT_DIR"), "/requests.rs"));

/// An operation, and how its arguments become a request.
pub(super) struct Row {
    pub(super) id: &'static str,
    /// The arguments that are not of the body.
    pub(super) beside: &'static [&'static str],
    /// Whether there is a body.
    pub(super) body: bool,
    /// Whether it takes an idempotency key.
    pub(super) keyed: bool,
    pub(super) build: Build,
}

type Build = fn(&Client, &Arguments, Option<String>) -> Result<Box<dyn Prepared>, Error>;

type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A request of some operation.
pub(crate) trait Prepared: Send + Sync {
    fn check(&self) -> Result<(), Error>;

    fn preview(&self) -> Later<'_, Result<Preview, Error>>;

    /// Sends it, and leaves the answer as it came.
    fn send(self: Box<Self>) -> Later<'static, Arrived<RawBody>>;

    /// Sends it, and reads the answer as its type is read: what is odd is mended.
    #[cfg_attr(not(feature = "tools"), allow(dead_code))]
    fn value(self: Box<Self>) -> Later<'static, Result<Value, Error>>;

    fn limited(&mut self, limit: Limit);
}

/// A limit of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    Timeout(std::time::Duration),
    AttemptTimeout(std::time::Duration),
    MaxAttempts(u32),
}

struct Known<O: Call> {
    request: Request<O>,
    encode: fn(O::Answer) -> Result<Value, Error>,
}

impl<O: Call + Clone> Known<O> {
    fn new(request: Request<O>, encode: fn(O::Answer) -> Result<Value, Error>) -> Self {
        Self { request, encode }
    }
}

impl<O: Call + Clone + 'static> Prepared for Known<O> {
    fn check(&self) -> Result<(), Error> {
        self.request.check()
    }

    fn preview(&self) -> Later<'_, Result<Preview, Error>> {
        Box::pin(self.request.preview())
    }

    fn send(self: Box<Self>) -> Later<'static, Arrived<RawBody>> {
        Box::pin(self.request.with_raw_body().run())
    }

    fn value(self: Box<Self>) -> Later<'static, Result<Value, Error>> {
        Box::pin(async move { (self.encode)(self.request.await?) })
    }

    fn limited(&mut self, limit: Limit) {
        let request = self.request.clone();
        self.request = match limit {
            Limit::Timeout(timeout) => request.timeout(timeout),
            Limit::AttemptTimeout(timeout) => request.attempt_timeout(timeout),
            Limit::MaxAttempts(attempts) => request.max_attempts(attempts),
        };
    }
}

/// How answers become JSON.
mod encode {
    use serde::Serialize;
    use serde_json::{Value, json};

    use crate::error::Error;
    use crate::types::Redirect;

    pub(super) fn value<T: Serialize>(answer: T) -> Result<Value, Error> {
        serde_json::to_value(answer).map_err(|_| Error::decode("it cannot be written as JSON", &[]))
    }

    // One signature for all of them.
    #[allow(clippy::unnecessary_wraps, clippy::needless_pass_by_value)]
    pub(super) fn text(answer: String) -> Result<Value, Error> {
        Ok(json!({ "text": answer }))
    }

    #[allow(clippy::unnecessary_wraps)]
    pub(super) fn nothing((): ()) -> Result<Value, Error> {
        Ok(json!({}))
    }

    // Where it leads may grant access: it is for the user, who asked for it.
    #[allow(clippy::unnecessary_wraps, clippy::needless_pass_by_value)]
    pub(super) fn redirect(answer: Redirect) -> Result<Value, Error> {
        Ok(json!({ "location": answer.location().expose() }))
    }
}

/// How the arguments of an operation become a request.
pub(super) fn row(id: &str) -> Option<&'static Row> {
    REQUESTS.iter().find(|row| row.id == id)
}
