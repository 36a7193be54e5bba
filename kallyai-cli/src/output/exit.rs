//! What the command's end says.

use std::process::{ExitCode, Termination};

use kallyai_sdk::{Error, ErrorCode, ErrorKind};

/// The exit codes; they are part of what scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Done = 0,
    Failure = 1,
    /// Usage or bad input.
    Usage = 2,
    SignIn = 4,
    /// Out of credits, or something is to be paid.
    Payment = 5,
    /// The call was placed and did not reach its goal.
    GoalMissed = 6,
    /// The network, a timeout, or too many requests.
    Network = 7,
    Interrupted = 130,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// What the status of a placed call means; `None` for a status that is not known, which is no failure.
    pub(crate) fn of_call(status: &str) -> Option<Self> {
        match status {
            "success" => Some(Self::Done),
            "no_answer" | "busy" | "failed" | "voicemail" | "cancelled" | "terminated" => {
                Some(Self::GoalMissed)
            }
            _ => None,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

impl From<&Error> for Exit {
    fn from(error: &Error) -> Self {
        let status = error.status().map_or(0, |status| status.as_u16());
        match (error.kind(), error.code()) {
            (ErrorKind::InvalidInput, _) => Self::Usage,
            (ErrorKind::RateLimit | ErrorKind::Transport | ErrorKind::Timeout, _) => Self::Network,
            (ErrorKind::Api, Some(code)) if is_payment(code) => Self::Payment,
            (ErrorKind::Api, _) if status == 402 => Self::Payment,
            // What is forbidden takes a sign-in with more scopes.
            (ErrorKind::SignIn, _) | (ErrorKind::Api, Some(ErrorCode::Forbidden)) => Self::SignIn,
            (ErrorKind::Api, Some(ErrorCode::ConsentDenied)) => Self::Failure,
            (ErrorKind::Api, _) if status == 422 => Self::Usage,
            (ErrorKind::Api, None | Some(ErrorCode::Unknown(_))) if status == 400 => Self::Usage,
            _ => Self::Failure,
        }
    }
}

fn is_payment(code: &ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::QuotaExceeded
            | ErrorCode::BudgetExceeded
            | ErrorCode::BudgetApprovalRequired
            | ErrorCode::SoftCapReached
            | ErrorCode::TrialRequiresCheckout
            | ErrorCode::NoActiveSubscription
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answered, invalid, unreachable};
    use super::*;

    #[test]
    fn numbers() {
        let all = [
            (Exit::Done, 0),
            (Exit::Failure, 1),
            (Exit::Usage, 2),
            (Exit::SignIn, 4),
            (Exit::Payment, 5),
            (Exit::GoalMissed, 6),
            (Exit::Network, 7),
            (Exit::Interrupted, 130),
        ];
        for (exit, code) in all {
            assert_eq!(exit.code(), code);
        }
    }

    #[test]
    fn calls() {
        assert_eq!(Exit::of_call("success"), Some(Exit::Done));
        for status in [
            "no_answer",
            "busy",
            "failed",
            "voicemail",
            "cancelled",
            "terminated",
        ] {
            assert_eq!(Exit::of_call(status), Some(Exit::GoalMissed), "{status}");
        }
        assert_eq!(Exit::of_call("in_progress"), None);
    }

    #[tokio::test]
    async fn answers() {
        let of_code = [
            (402, "quota_exceeded", Exit::Payment),
            (402, "of_tomorrow", Exit::Payment),
            (400, "trial_requires_checkout", Exit::Payment),
            (400, "no_active_subscription", Exit::Payment),
            (429, "quota_exceeded", Exit::Payment),
            (401, "token_expired", Exit::SignIn),
            (403, "forbidden", Exit::SignIn),
            (403, "blocked_number", Exit::Failure),
            (422, "emergency_number", Exit::Usage),
            (422, "consent_denied", Exit::Failure),
            (400, "of_tomorrow", Exit::Usage),
            (400, "email_not_connected", Exit::Failure),
            (404, "call_not_found", Exit::Failure),
            (429, "rate_limited", Exit::Network),
            (500, "search_failed", Exit::Failure),
        ];
        for (status, code, exit) in of_code {
            let body = format!("{{\"error\":{{\"code\":\"{code}\"}}}}");
            let error = answered(status, &body).await;
            assert_eq!(Exit::from(&error), exit, "{status} {code}");
        }
        let bare = answered(402, "{\"plan_type\":\"starter\",\"minutes_used\":10}").await;
        assert_eq!(Exit::from(&bare), Exit::Payment);
        assert_eq!(Exit::from(&answered(503, "<html>").await), Exit::Failure);
        assert_eq!(Exit::from(&answered(200, "<html>").await), Exit::Failure);
    }

    #[tokio::test]
    async fn what_got_no_answer() {
        assert_eq!(Exit::from(&unreachable().await), Exit::Network);
        assert_eq!(Exit::from(&invalid().await), Exit::Usage);
    }
}
