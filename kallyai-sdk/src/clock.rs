//! Time, so that tests can turn it.

use std::fmt;
use std::time::{Instant, SystemTime};

/// The two clocks of a machine: the wall clock can be set, the monotonic one may stand still while the
/// machine sleeps.
pub(crate) trait Clock: fmt::Debug + Send + Sync {
    fn wall(&self) -> SystemTime;
    fn monotonic(&self) -> Instant;
}

/// The clocks of this machine.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Instant {
        Instant::now()
    }
}
