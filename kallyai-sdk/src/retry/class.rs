//! What may be sent again after which failure.

use http::{Method, StatusCode};

use crate::error::{Error, ErrorKind, WasSent};
use crate::index::Operation;

/// What sending twice would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Reads, and writes that say the same when they are said twice: PUT.
    Repeatable,
    /// Carries an idempotency key that the service is trusted to keep.
    Keyed,
    /// Does it twice.
    Once,
}

/// Whether to send again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Again,
    Stop,
}

impl Class {
    /// `trusted_key`: there is an idempotency key, and the service is trusted to keep it.
    pub(crate) fn of(operation: &Operation, trusted_key: bool) -> Self {
        match operation.method {
            _ if trusted_key => Self::Keyed,
            Method::GET | Method::PUT if !operation.effects.irreversible => Self::Repeatable,
            _ => Self::Once,
        }
    }

    pub(crate) fn verdict(self, error: &Error) -> Verdict {
        let again = match (error.kind(), error.was_sent()) {
            // A refresh of the token has been repeated by itself.
            _ if error.is_of_refresh() || error.is_of_tls() => false,
            // Too many requests: refused unread. A 429 that means "out of credits" is of another kind.
            (ErrorKind::Transport | ErrorKind::Timeout, WasSent::No)
            | (ErrorKind::RateLimit, _) => true,
            (ErrorKind::Transport | ErrorKind::Timeout, _) => self != Self::Once,
            (ErrorKind::Api, _) => match error.status() {
                Some(
                    StatusCode::INTERNAL_SERVER_ERROR
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
                    | StatusCode::REQUEST_TIMEOUT,
                ) => self != Self::Once,
                Some(StatusCode::CONFLICT) => self == Self::Keyed && error.is_in_progress(),
                _ => false,
            },
            _ => false,
        };
        if again { Verdict::Again } else { Verdict::Stop }
    }
}

/// Whether a read that failed so may succeed later without anybody doing anything.
pub(crate) fn can_pass(error: &Error) -> bool {
    // A refresh has been repeated by itself; what stays is a failure of the network or the service.
    let of_refresh = error.is_of_refresh() && !error.is_sign_in();
    of_refresh || Class::Repeatable.verdict(error) == Verdict::Again
}
