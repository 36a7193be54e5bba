//! Time and chance, so that tests can set both.

use std::time::Duration;

/// What a loop takes from outside.
pub(crate) trait Surroundings: Send + Sync {
    /// The time since some moment.
    fn now(&self) -> Duration;

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// From 0 up to, but not including, 1.
    fn fraction(&self) -> f64;
}

/// Those of this machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    since: tokio::time::Instant,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            since: tokio::time::Instant::now(),
        }
    }
}

impl Surroundings for Machine {
    fn now(&self) -> Duration {
        self.since.elapsed()
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(time)
    }

    fn fraction(&self) -> f64 {
        fastrand::f64()
    }
}
