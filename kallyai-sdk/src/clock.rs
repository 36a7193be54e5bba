//! Time, so that tests can turn it.

use std::fmt;
use std::time::Duration;

/// What time it is, in milliseconds: on the wall clock, which can be set, and on the monotonic one, which
/// may stand still while the machine sleeps. Both are good to a few of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Now {
    /// Since 1970.
    pub(crate) wall: u64,
    /// Since a moment that is the same for the whole process.
    pub(crate) monotonic: u64,
}

impl Now {
    pub(crate) fn plus(self, wait: Duration) -> Self {
        let wait = milliseconds(wait);
        Self {
            wall: self.wall.saturating_add(wait),
            monotonic: self.monotonic.saturating_add(wait),
        }
    }
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) trait Clock: fmt::Debug + Send + Sync {
    fn now(&self) -> Now;
}

/// The clocks of this machine.
#[derive(Debug)]
pub(crate) struct SystemClock;

// It is asked for every request. Coarse clocks take a quarter of the time of others, and the wall clock is
// read once for each tick of the monotonic one.
#[cfg(target_os = "linux")]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        use std::sync::atomic::{
            AtomicU64,
            Ordering::{Acquire, Relaxed, Release},
        };

        use rustix::time::ClockId;

        // Of two ticks at the same time: what is read is one of them.
        static TICK: AtomicU64 = AtomicU64::new(u64::MAX);
        static WALL: AtomicU64 = AtomicU64::new(0);

        let monotonic = coarse(ClockId::MonotonicCoarse);
        let wall = if TICK.load(Acquire) == monotonic {
            WALL.load(Relaxed)
        } else {
            let wall = coarse(ClockId::RealtimeCoarse);
            WALL.store(wall, Relaxed);
            TICK.store(monotonic, Release);
            wall
        };
        Now { wall, monotonic }
    }
}

/// In milliseconds.
#[cfg(target_os = "linux")]
fn coarse(clock: rustix::time::ClockId) -> u64 {
    let time = rustix::time::clock_gettime(clock);
    time.tv_sec.unsigned_abs() * 1000 + time.tv_nsec.unsigned_abs() / 1_000_000
}

#[cfg(not(target_os = "linux"))]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        static START: std::sync::LazyLock<std::time::Instant> =
            std::sync::LazyLock::new(std::time::Instant::now);
        Now {
            wall: milliseconds(
                std::time::SystemTime::UNIX_EPOCH
                    .elapsed()
                    .unwrap_or_default(),
            ),
            monotonic: milliseconds(START.elapsed()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Instant, SystemTime};

    use super::*;

    #[test]
    fn the_clocks_go_with_those_of_the_system() {
        let (started, before) = (Instant::now(), SystemClock.now());
        let since_1970 = SystemTime::UNIX_EPOCH.elapsed().unwrap();
        assert!(milliseconds(since_1970).abs_diff(before.wall) < 1000);
        // The tick of a coarse clock is awaited, not slept through.
        while SystemClock.now().monotonic == before.monotonic {
            assert!(
                started.elapsed() < Duration::from_secs(5),
                "it stands still"
            );
        }
        assert!(SystemClock.now().monotonic > before.monotonic);
    }
}
