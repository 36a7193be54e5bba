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

/// Makes Ctrl-C (and SIGTERM) wait up to 10 s for a refresh under way before it ends the process; the
/// second one ends it at once.
///
/// For programs without a handler of their own: it takes the signals over for the whole process, which a
/// library must not do unasked. A program that catches them itself lets `main` return or calls
/// [`finish_refreshes`].
///
/// # Errors
///
/// When the system gives no thread or no handler.
pub fn finish_refreshes_on_ctrl_c() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Registered before this returns, so that no signal slips through.
    let mut signals = {
        let _entered = runtime.enter();
        Signals::new()?
    };
    std::thread::Builder::new()
        .name("kallyai-ctrl-c".to_owned())
        .spawn(move || {
            let code = runtime.block_on(signals.next());
            std::thread::spawn(move || {
                finish_refreshes();
                std::process::exit(code);
            });
            std::process::exit(runtime.block_on(signals.next()));
        })?;
    Ok(())
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// The exit status that shells give for the next signal.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 130,
            _ = self.terminate.recv() => 143,
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> i32 {
        self.0.recv().await;
        130
    }
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
