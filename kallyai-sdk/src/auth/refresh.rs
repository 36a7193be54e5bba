//! The request that refreshes, and when it is repeated.

use std::time::Duration;

use http::StatusCode;
use secrecy::SecretString;

use crate::decode;
use crate::error::{Error, ErrorKind, WasSent};
use crate::index::{Operation, row};
use crate::retry::{Backoff, Budget, Machine, Policies, Verdict, repeat};
use crate::types::{RefreshRequest, SecretText, TokenResponse};
use crate::wire::Wire;

const REFRESH: &Operation = row("auth_refresh_token");

/// When a refresh is given up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    pub(crate) attempts: u32,
    pub(crate) backoff: Backoff,
    /// For one attempt.
    pub(crate) timeout: Duration,
    /// No attempt begins later.
    pub(crate) deadline: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            attempts: 3,
            backoff: Backoff::default(),
            timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(10),
        }
    }
}

/// The client of the code flow that tokens were granted to.
#[derive(Debug, Clone)]
pub(crate) struct OAuthClient {
    pub(crate) id: String,
    pub(crate) secret: Option<SecretString>,
}

/// How a refresh ended without tokens.
pub(crate) enum Refused {
    /// The service does not take the refresh token; it said so just now, or a moment ago.
    Rejected(Option<Error>),
    /// It may work later: the tokens are kept.
    Later(Error),
}

/// Refreshes, repeating what may work later.
pub(crate) async fn refresh(
    wire: &Wire,
    client: Option<&OAuthClient>,
    refresh_token: &SecretText,
    policy: &Policy,
) -> Result<TokenResponse, Refused> {
    let policies = Policies {
        verdict: may_work_later,
        max_attempts: policy.attempts,
        backoff: &policy.backoff,
        budget: &Budget::default(),
        deadline: policy.deadline,
    };
    let send = |_| once(wire, client, refresh_token, policy.timeout);
    repeat(policies, &Machine::new(), send)
        .await
        .map_err(|error| {
            if is_rejection(&error) {
                Refused::Rejected(Some(error))
            } else {
                Refused::Later(error)
            }
        })
}

/// Whether the service has judged the refresh token, rather than failed or refused the client.
fn is_rejection(error: &Error) -> bool {
    let of_the_client = error
        .code()
        .is_some_and(|code| matches!(code.as_str(), "invalid_client" | "unauthorized_client"));
    !of_the_client
        && matches!(
            error.status(),
            Some(StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        )
}

fn may_work_later(error: &Error) -> Verdict {
    let again = match error.kind() {
        ErrorKind::Transport | ErrorKind::RateLimit => true,
        // A service that is slow may be at it still: a second use of the token would look like theft.
        ErrorKind::Timeout => error.was_sent() == WasSent::No,
        ErrorKind::Api => error
            .status()
            .is_some_and(|status| status.is_server_error()),
        _ => false,
    };
    if again { Verdict::Again } else { Verdict::Stop }
}

async fn once(
    wire: &Wire,
    client: Option<&OAuthClient>,
    refresh_token: &SecretText,
    timeout: Duration,
) -> Result<TokenResponse, Error> {
    if let Some(client) = client {
        return super::code_flow::refresh_form(wire, client, refresh_token, timeout).await;
    }
    let url = format!("{}{}", wire.base_url.as_str(), REFRESH.path);
    let request = wire
        .http()
        .request(REFRESH.method.clone(), url)
        .json(&RefreshRequest::new(refresh_token.clone()))
        .timeout(timeout)
        .build()
        .map_err(|_| Error::unwritable())?;
    let sent = wire.send(request, false).await;
    let answered = sent.map_err(|error| error.of(REFRESH))?;
    // What cannot be read is not kept: it may hold a token.
    decode::decode(REFRESH, &answered.body).map_err(|_| no_tokens().of(REFRESH))
}

/// The service's answer is no answer to a refresh.
pub(crate) fn no_tokens() -> Error {
    Error::decode("the service answered without tokens that can be read", &[])
}
