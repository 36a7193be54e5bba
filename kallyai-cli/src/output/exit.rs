//! What the command's end says.

use std::io;
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
            (ErrorKind::SignIn, _) => Self::SignIn,
            (ErrorKind::RateLimit | ErrorKind::Transport | ErrorKind::Timeout, _) => Self::Network,
            (ErrorKind::Api, Some(code)) if is_payment(code) => Self::Payment,
            (ErrorKind::Api, _) if status == 402 => Self::Payment,
            // The others are a sign-in that has to be made again with more scopes.
            (ErrorKind::Api, Some(ErrorCode::Forbidden)) => Self::SignIn,
            (ErrorKind::Api, Some(ErrorCode::ConsentDenied)) => Self::Failure,
            (ErrorKind::Api, _) if status == 422 => Self::Usage,
            (ErrorKind::Api, None | Some(ErrorCode::Unknown(_))) if status == 400 => Self::Usage,
            _ => Self::Failure,
        }
    }
}

/// A reader that has gone away has seen what it wanted.
impl From<&io::Error> for Exit {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Done,
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
