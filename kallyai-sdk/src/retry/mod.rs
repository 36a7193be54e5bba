//! The one place where a request is repeated.
//!
//! A call costs money and rings at somebody's phone, so nothing is sent again unless a [`Verdict`], of
//! [`Class`] mostly, says that this does no harm. How often, how long between and how much in total are policies of their own; the
//! loop only asks them.

mod backoff;
mod budget;
mod class;
mod surroundings;
#[cfg(test)]
mod tests;
mod timeouts;

use std::time::Duration;

pub(crate) use backoff::Backoff;
pub(crate) use budget::Budget;
pub(crate) use class::{Class, Verdict, can_pass};
pub(crate) use surroundings::{Machine, Surroundings};
pub(crate) use timeouts::Timeouts;

use crate::error::Error;

/// How often something is sent at most, the first time included.
pub(crate) const MAX_ATTEMPTS: u32 = 3;

/// How a client sends again.
#[derive(Debug)]
pub(crate) struct Retries {
    pub(crate) max_attempts: u32,
    pub(crate) trusts_idempotency_key: bool,
    pub(crate) backoff: Backoff,
    pub(crate) budget: Budget,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            max_attempts: MAX_ATTEMPTS,
            trusts_idempotency_key: false,
            backoff: Backoff::default(),
            budget: Budget::default(),
        }
    }
}

/// What decides whether and when something is sent again.
pub(crate) struct Policies<'a, V> {
    pub(crate) verdict: V,
    pub(crate) max_attempts: u32,
    pub(crate) backoff: &'a Backoff,
    /// Shared by all requests of a client.
    pub(crate) budget: &'a Budget,
    /// All attempts and the waits between them end before this is over.
    pub(crate) deadline: Duration,
}

/// One of the times that something is sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// How often it was sent before.
    pub(crate) resent: u32,
    /// What is left until the deadline.
    pub(crate) left: Duration,
}

/// Sends until there is an answer, or an error that is none the better for sending again.
pub(crate) async fn repeat<T, V, F>(
    policies: Policies<'_, V>,
    around: &impl Surroundings,
    mut send: impl FnMut(Attempt) -> F,
) -> Result<T, Error>
where
    V: Fn(&Error) -> Verdict,
    F: Future<Output = Result<T, Error>>,
{
    let started = around.now();
    let left = || {
        policies
            .deadline
            .saturating_sub(around.now().saturating_sub(started))
    };
    let mut resent = 0;
    let mut unknown = false;
    loop {
        let attempt = Attempt {
            resent,
            left: left(),
        };
        let error = match send(attempt).await {
            Ok(answer) => {
                policies.budget.put_back();
                return Ok(answer);
            }
            Err(error) => error.after_attempts(resent + 1),
        };
        // A refusal, or a connection that failed, proves nothing of the attempt before.
        let error = if unknown {
            error.after_unknown()
        } else {
            error
        };
        unknown = error.is_outcome_unknown();
        if (policies.verdict)(&error) == Verdict::Stop || resent + 1 >= policies.max_attempts {
            return Err(error);
        }
        let Some(wait) = policies.backoff.wait(resent, &error, around.fraction()) else {
            return Err(error);
        };
        if wait >= left() || !policies.budget.take() {
            return Err(error);
        }
        tracing::debug!(
            wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            "sending again"
        );
        around.sleep(wait).await;
        resent += 1;
    }
}
