//! Refreshes under way, and waiting for them: a refresh token that was spent and whose successor was
//! not stored is lost.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long the end of a program waits for a refresh.
const PATIENCE: Duration = Duration::from_secs(10);

static UNDER_WAY: Mutex<Count> = Mutex::new(Count {
    refreshes: 0,
    waited_until: None,
});
static LANDED: Condvar = Condvar::new();

struct Count {
    refreshes: usize,
    /// How long they are waited for, by all who do.
    waited_until: Option<Instant>,
}

fn under_way() -> MutexGuard<'static, Count> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts a refresh as under way until it is dropped.
pub(super) struct UnderWay(());

impl UnderWay {
    pub(super) fn new() -> Self {
        under_way().refreshes += 1;
        Self(())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut count = under_way();
        count.refreshes -= 1;
        if count.refreshes == 0 {
            count.waited_until = None;
        }
        drop(count);
        LANDED.notify_all();
    }
}

/// Waits up to 10 s until no refresh is under way; true when none is.
///
/// The end of a runtime that a client was used in does so by itself. Call this before
/// [`std::process::exit`] and where a signal ends the program. It blocks the thread.
pub fn finish_refreshes() -> bool {
    let mut count = under_way();
    let deadline = *count
        .waited_until
        .get_or_insert_with(|| Instant::now() + PATIENCE);
    while count.refreshes > 0 {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        count = LANDED
            .wait_timeout(count, left)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
    count.waited_until = None;
    true
}

/// Lives in a runtime, and makes its end wait for the refreshes under way.
pub(super) fn hold_runtime(landed: impl Future<Output = ()> + Send + 'static) {
    struct WaitOnDrop;
    impl Drop for WaitOnDrop {
        fn drop(&mut self) {
            finish_refreshes();
        }
    }
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let wait = WaitOnDrop;
        runtime.spawn(async move {
            landed.await;
            // It has landed: there is nothing to wait for.
            std::mem::forget(wait);
        });
    }
}
