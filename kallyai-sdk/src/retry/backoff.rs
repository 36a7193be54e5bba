//! How long to wait before something is sent again.

use std::time::Duration;

use crate::error::Error;

/// Exponential with full jitter, unless the service says how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
    /// The longest wait that the service may ask for; the caller is told of longer ones.
    pub(crate) longest_asked: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(20),
            longest_asked: Duration::from_secs(120),
        }
    }
}

impl Backoff {
    /// The wait after an error, or `None` where it would be too long.
    pub(crate) fn wait(&self, resent: u32, error: &Error, fraction: f64) -> Option<Duration> {
        match error.retry_after() {
            Some(asked) => (asked <= self.longest_asked).then_some(asked),
            None => Some(self.jittered(resent, fraction)),
        }
    }

    /// Anything between nothing and a time that doubles with each attempt.
    pub(crate) fn jittered(&self, resent: u32, fraction: f64) -> Duration {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(resent));
        doubled.min(self.longest).mul_f64(fraction.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_longest_and_jitters_fully() {
        let backoff = Backoff::default();
        for (resent, most) in [
            (0, 500),
            (1, 1000),
            (2, 2000),
            (5, 16000),
            (6, 20000),
            (u32::MAX, 20000),
        ] {
            let most = Duration::from_millis(most);
            assert_eq!(backoff.jittered(resent, 1.0), most);
            assert_eq!(backoff.jittered(resent, 0.5), most / 2);
            assert_eq!(backoff.jittered(resent, 0.0), Duration::ZERO);
        }
    }
}
