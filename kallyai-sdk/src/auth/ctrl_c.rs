//! Ctrl-C, for programs that leave it to the library.

use super::in_flight::finish_refreshes;

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
