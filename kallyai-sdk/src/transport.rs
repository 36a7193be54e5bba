//! One attempt: with a token, in the time that it has.

use std::fmt;
use std::time::{Duration, Instant};

use http::header::{AUTHORIZATION, HeaderMap};

use crate::auth::{Authorization, Credentials};
use crate::error::Error;
use crate::generated;
use crate::index::{Answer, Dials, Operation};
use crate::wire::{Answered, Opened, Wire};

/// Who looks at a token before doing anything has answered by then. A rejection that comes later can be that of
/// somebody further in, when a phone rings already.
const LATE: Duration = Duration::from_secs(10);

/// What all requests of a client share.
#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) wire: Wire,
    pub(crate) credentials: Credentials,
}

/// One attempt of one operation.
pub(crate) struct Exchange<'a> {
    transport: &'a Transport,
    operation: &'static Operation,
    timeout: Duration,
    started: Instant,
    /// A token that was fetched for it.
    fetched: Option<Authorization>,
    /// The token that was sent, if it can be refreshed, and when.
    generation: Option<u64>,
    signed: Option<Instant>,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(
        transport: &'a Transport,
        operation: &'static Operation,
        timeout: Duration,
    ) -> Self {
        Self {
            transport,
            operation,
            timeout,
            started: Instant::now(),
            fetched: None,
            generation: None,
            signed: None,
        }
    }

    /// The same once more after the service has rejected the token, in the time that is left.
    pub(crate) async fn with_another_token(&self, error: Error) -> Result<Self, Error> {
        if self.may_ring() {
            return Err(error.after_unknown());
        }
        let Some(rejected) = self.generation else {
            return Err(error);
        };
        let left = || self.timeout.saturating_sub(self.started.elapsed());
        let renewal = self.transport.credentials.instead_of(rejected);
        let renewed = tokio::time::timeout(left(), renewal)
            .await
            .unwrap_or_else(|_| Err(Error::token_took_too_long()));
        match renewed {
            Ok(Some(fetched)) => Ok(Self {
                fetched: Some(fetched),
                ..Self::new(self.transport, self.operation, left())
            }),
            Ok(None) => Err(error),
            // The service has answered, and has done nothing.
            Err(why) => Err(why.after_rejection()),
        }
    }

    /// Whether the answer has taken so long that a phone may ring, whatever it says.
    fn may_ring(&self) -> bool {
        let is_late = |signed: Instant| signed.elapsed() > LATE;
        self.operation.effects.dials == Dials::Direct && self.signed.is_some_and(is_late)
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// What writes the request.
    pub(crate) fn writer(&self) -> &generated::Client {
        self.transport.wire.writer()
    }

    /// Sends the request and reads the answer whole: a success, or a redirect that is the answer.
    pub(crate) async fn run(&mut self, mut request: reqwest::Request) -> Result<Answered, Error> {
        let left = self.sign(&mut request).await?;
        *request.timeout_mut() = Some(left);
        let expects_redirect = self.operation.answer == Answer::Redirect;
        self.transport.wire.send(request, expects_redirect).await
    }

    /// Sends the request with these headers, and reads the answer unless it is a stream of events.
    pub(crate) async fn listen(
        &mut self,
        mut request: reqwest::Request,
        headers: HeaderMap,
    ) -> Result<Result<Opened, Answered>, Error> {
        let left = self.sign(&mut request).await?;
        request.headers_mut().extend(headers);
        let wire = &self.transport.wire;
        let listening = async {
            let opened = wire.open(request, false).await?;
            if opened.is_of_events() {
                Ok(Ok(opened))
            } else {
                wire.read_whole(opened).await.map(Err)
            }
        };
        tokio::time::timeout(left, listening)
            .await
            .unwrap_or_else(|_| Err(Error::no_answer_in_time()))
    }

    /// Gives the request its token, and says how much time is left then.
    async fn sign(&mut self, request: &mut reqwest::Request) -> Result<Duration, Error> {
        let mut left = self.timeout;
        if self.operation.public {
            return Ok(left);
        }
        let credentials = &self.transport.credentials;
        let at_hand = self.fetched.take().or_else(|| credentials.at_hand());
        let authorization = if let Some(authorization) = at_hand {
            authorization
        } else {
            let asked = Instant::now();
            let renewed = tokio::time::timeout(left, credentials.renewed()).await;
            left = left.saturating_sub(asked.elapsed());
            renewed.map_err(|_| Error::token_took_too_long())??
        };
        self.generation = authorization.generation;
        self.signed = Some(Instant::now());
        request
            .headers_mut()
            .insert(AUTHORIZATION, authorization.header);
        Ok(left)
    }
}

impl fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("operation", &self.operation.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::client::Client;
    use crate::error::WasSent;
    use crate::index::row;

    /// What is made of a rejection that came so long after the request was sent.
    async fn rejected(operation: &str, after: Duration) -> Error {
        let client = Client::builder().base_url("http://127.0.0.1:1");
        let client = client.access_token("a-token").build().unwrap();
        let minutes = Duration::from_secs(330);
        let mut exchange = Exchange::new(client.transport(), row(operation), minutes);
        exchange.signed = Instant::now().checked_sub(after);
        let unauthorized = StatusCode::UNAUTHORIZED;
        let error = Error::answered(unauthorized, &HeaderMap::new(), b"");
        exchange.with_another_token(error).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_late_rejection_of_a_call_proves_nothing() {
        let late = LATE + Duration::from_secs(1);
        let error = rejected("calls_create", late).await;
        assert_eq!(error.was_sent(), WasSent::Maybe);
        assert!(!crate::place::is_proof(&error));

        for (operation, after) in [("calls_create", Duration::ZERO), ("calls_get", late)] {
            let error = rejected(operation, after).await;
            assert_eq!(error.was_sent(), WasSent::Yes, "{operation}");
        }
    }
}
