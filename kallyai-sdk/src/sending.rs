//! How a request is sent, typed or raw: again where that does no harm, and once more with another token
//! when the service has rejected the first.

use std::pin::pin;
use std::time::Duration;

use http::StatusCode;
use tracing::Instrument;

use crate::client::Client;
use crate::error::Error;
use crate::generated;
use crate::index::Operation;
use crate::raw::RawBody;
use crate::request::{Arrived, Written};
use crate::retry::{self, Class, Machine, Policies, Timeouts};
use crate::trace;
use crate::transport::Exchange;

/// What can be sent any number of times.
pub(crate) trait Sendable: Sync {
    type Answer: Send;

    /// Sends it once.
    fn send_once(
        &self,
        exchange: &mut Exchange<'_>,
    ) -> impl Future<Output = Arrived<Self::Answer>> + Send;
}

/// What can write what an attempt sends. What only sends that is compiled once, and not once for each
/// operation.
pub(crate) trait Write: Sync {
    fn write(&self, writer: &generated::Client) -> Written;
}

/// An operation whose answer is left as it came.
pub(crate) struct Undecoded<'a> {
    pub(crate) operation: &'a dyn Write,
}

impl Sendable for Undecoded<'_> {
    type Answer = RawBody;

    async fn send_once(&self, exchange: &mut Exchange<'_>) -> Arrived<RawBody> {
        let request = self.operation.write(exchange.writer())?;
        exchange
            .run(request)
            .await
            .map(|answered| RawBody::of(exchange.operation(), answered))
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
            let outcome = pin!(self.signed_in(sent, attempt.left.min(longest)));
            let outcome = outcome.instrument(span.clone()).await;
            trace::outcome(&span, outcome.as_ref().map(|response| response.status));
            outcome
        })
        .await
    }

    /// Sends it once.
    pub(crate) async fn once<S: Sendable>(&self, sent: &S) -> Arrived<S::Answer> {
        let limit = self.limits.timeouts.attempt(self.operation);
        self.watched(pin!(self.signed_in(sent, limit))).await
    }

    /// Sends it, and once more with another token when the service rejects the first: a rejected
    /// request has done nothing.
    async fn signed_in<S: Sendable>(&self, sent: &S, limit: Duration) -> Arrived<S::Answer> {
        let mut exchange = Exchange::new(self.client.transport(), self.operation, limit);
        let error = match sent.send_once(&mut exchange).await {
            Err(error) if error.status() == Some(StatusCode::UNAUTHORIZED) => error,
            outcome => return outcome,
        };
        exchange = exchange.with_another_token(error).await?;
        sent.send_once(&mut exchange).await
    }
}
