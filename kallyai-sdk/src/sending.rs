//! How a request is sent, typed or raw: again where that does no harm, and once more with another token
//! when the service has rejected the first.

use std::pin::{Pin, pin};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tracing::Instrument;

use crate::client::Client;
use crate::error::Error;
use crate::index::Operation;
use crate::request::{Arrived, Response};
use crate::retry::{self, Class, Machine, Policies, Timeouts};
use crate::trace;
use crate::transport::Exchange;
use crate::wire::Opened;

/// What can be sent any number of times.
pub(crate) trait Sendable: Sync {
    type Answer: Send;

    fn send_once(
        &self,
        exchange: &Exchange,
    ) -> impl Future<Output = Result<Self::Answer, Error>> + Send;
}

/// One attempt of whatever it is, of which only what the exchange keeps is wanted. What goes around it is then
/// compiled once, and not once for each operation.
pub(crate) trait Attempt: Sync {
    fn attempt<'a>(
        &'a self,
        exchange: &'a Exchange,
    ) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>>;
}

impl<S: Sendable> Attempt for S {
    fn attempt<'a>(
        &'a self,
        exchange: &'a Exchange,
    ) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
        Box::pin(async move { self.send_once(exchange).await.map(drop) })
    }
}

/// Limits of one request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) timeouts: Timeouts,
    pub(crate) max_attempts: Option<u32>,
}

/// Sends one request.
pub(crate) struct Sender<'a> {
    client: &'a Client,
    operation: &'static Operation,
    /// The request's limits, and the client's where it has none.
    limits: Limits,
    idempotency_key: Option<&'a str>,
}

impl<'a> Sender<'a> {
    pub(crate) fn new(
        client: &'a Client,
        operation: &'static Operation,
        limits: Limits,
        idempotency_key: Option<&'a str>,
    ) -> Self {
        Self {
            client,
            operation,
            limits: Limits {
                timeouts: limits.timeouts.or(client.timeouts()),
                ..limits
            },
            idempotency_key,
        }
    }

    /// The same in no more than the time that is left.
    pub(crate) fn within(mut self, left: Duration) -> Self {
        self.limits.timeouts.overall = Some(self.deadline().min(left));
        self
    }

    /// When all must be over.
    pub(crate) fn deadline(&self) -> Duration {
        self.limits.timeouts.overall(self.operation)
    }

    /// Gives what is done for a request a span, and its error what is known of the request.
    pub(crate) async fn watched<T>(&self, doing: impl Future<Output = Arrived<T>>) -> Arrived<T> {
        let span = trace::request(self.operation, self.client);
        let outcome = doing.instrument(span.clone()).await;
        trace::outcome(&span, outcome.as_ref().map(|response| response.status));
        outcome.map_err(|error| {
            error
                .of(self.operation)
                .with_idempotency_key(self.idempotency_key)
        })
    }

    /// Sends it until there is an answer, or an error that sending again would not mend.
    pub(crate) async fn repeated<S: Sendable>(&self, sent: &S) -> Arrived<S::Answer> {
        let retries = self.client.retries();
        let keyed = self.idempotency_key.is_some() && retries.trusts_idempotency_key;
        let class = Class::of(self.operation, keyed);
        let policies = Policies {
            verdict: |error: &Error| class.verdict(error),
            max_attempts: self.limits.max_attempts.unwrap_or(retries.max_attempts),
            backoff: &retries.backoff,
            budget: &retries.budget,
            deadline: self.deadline(),
        };
        let longest = self.limits.timeouts.attempt(self.operation);
        retry::repeat(policies, &Machine::new(), |attempt| async move {
            let span = trace::attempt(self.operation, self.client, attempt);
            let mut exchange = self.exchange(attempt.left.min(longest));
            let outcome = pin!(signed_in(sent, &mut exchange));
            let outcome = outcome.instrument(span.clone()).await;
            trace::outcome(&span, outcome.as_ref().map(|response| response.status));
            outcome
        })
        .await
    }

    /// Sends it once, with these headers; an answer that is a stream of events is left open.
    pub(crate) async fn listen<S: Sendable>(
        &self,
        sent: &S,
        headers: HeaderMap,
    ) -> Result<(Box<Response<S::Answer>>, Option<Opened>), Error> {
        let limit = self.limits.timeouts.attempt(self.operation);
        let mut exchange = self.exchange(limit).listening(headers);
        let response = self.watched(signed_in(sent, &mut exchange)).await?;
        Ok((response, exchange.take_opened()))
    }

    fn exchange(&self, limit: Duration) -> Exchange {
        Exchange::new(self.client.transport(), self.operation, limit)
    }
}

/// Sends it, and once more with another token when the service rejects the first: a rejected
/// request has done nothing.
async fn signed_in<S: Sendable>(sent: &S, exchange: &mut Exchange) -> Arrived<S::Answer> {
    let error = match attempt(sent, exchange).await {
        Err(error) if error.status() == Some(StatusCode::UNAUTHORIZED) => error,
        outcome => return outcome,
    };
    *exchange = exchange.with_another_token(error).await?;
    attempt(sent, exchange).await
}

/// Sends it once.
async fn attempt<S: Sendable>(sent: &S, exchange: &Exchange) -> Arrived<S::Answer> {
    let value = match pin!(sent.send_once(exchange)).await {
        Ok(value) => value,
        Err(error) => {
            return Err(match exchange.take_answered() {
                Some((status, _)) => error.with_status(status),
                None => error,
            });
        }
    };
    let (status, headers) = exchange.take_answered().unwrap_or_default();
    Ok(Box::new(Response {
        value,
        status,
        headers,
        mended: exchange.was_mended(),
    }))
}
