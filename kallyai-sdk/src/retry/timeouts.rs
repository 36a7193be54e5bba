//! How long an operation may take.

use std::time::Duration;

use crate::index::{Dials, Operation};

/// How long a phone call may take: the answer comes when it is over.
const CALL: Duration = Duration::from_secs(330);
/// How long anything else may take.
const OTHER: Duration = Duration::from_secs(30);
/// What there is for waiting and sending again beside one attempt that takes as long as it may.
const MORE: Duration = Duration::from_secs(60);

/// Limits that a client or a request sets.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Timeouts {
    /// For all attempts and the waits between them.
    pub(crate) overall: Option<Duration>,
    /// For one attempt.
    pub(crate) attempt: Option<Duration>,
}

impl Timeouts {
    /// What is not set here is as there.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            overall: self.overall.or(other.overall),
            attempt: self.attempt.or(other.attempt),
        }
    }

    pub(crate) fn attempt(&self, operation: &Operation) -> Duration {
        self.attempt.unwrap_or(match operation.effects.dials {
            Dials::Direct => CALL,
            _ => OTHER,
        })
    }

    pub(crate) fn overall(&self, operation: &Operation) -> Duration {
        self.overall
            .unwrap_or_else(|| self.attempt(operation).saturating_add(MORE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::row;

    #[test]
    fn calls_wait_longer_than_reads() {
        let timeouts = Timeouts::default();
        let seconds = |id| {
            let operation = row(id);
            (
                timeouts.attempt(operation).as_secs(),
                timeouts.overall(operation).as_secs(),
            )
        };
        assert_eq!(seconds("calls_create"), (330, 390));
        assert_eq!(seconds("calls_get"), (30, 90));
        let request = Timeouts {
            overall: Some(Duration::from_secs(7)),
            attempt: None,
        };
        let client = Timeouts {
            overall: Some(Duration::from_secs(9)),
            attempt: Some(Duration::from_secs(2)),
        };
        let both = request.or(client);
        assert_eq!(both.overall(row("calls_get")).as_secs(), 7);
        assert_eq!(both.attempt(row("calls_get")).as_secs(), 2);
    }
}
