//! The program: prints where it listens, and logs to stderr.

use std::io::{self, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::error::Error;
use crate::log::Log;
use crate::options::Options;
use crate::sandbox::Sandbox;

/// How long the end waits for the world and for the log, each.
const GRACE: Duration = Duration::from_millis(300);

/// Serves until the program is told to end: prints one line of JSON with the address and the credentials to
/// stdout, and logs to stderr.
///
/// It is the whole program `kallyai-sandbox`. Tests and examples want a [`Sandbox`] instead.
///
/// # Errors
///
/// When the port is taken, or stdout is closed.
pub async fn run(options: Options) -> Result<(), Error> {
    let log = Log::start();
    let ended = serve(options).await;
    if let Err(error) = &ended {
        tracing::error!(error = error as &dyn std::error::Error, "ended");
    }
    log.flush(GRACE);
    ended
}

async fn serve(options: Options) -> Result<(), Error> {
    // Before the line is printed: who reads it may end this at once.
    let ended = Ended::listen().map_err(Error::Run)?;
    let mut builder = Sandbox::builder()
        .port(options.port)
        .clock(options.clock)
        .call_seconds(options.call_seconds)
        .auto_approve(options.auto_approve)
        .strict_rotation(options.strict_rotation)
        .keep_refresh_token(options.keep_refresh_token)
        .ignore_idempotency(options.ignore_idempotency)
        .hide_active(options.hide_active);
    if let Some(seed) = options.seed {
        builder = builder.seed(seed);
    }
    if options.no_event_stream {
        builder = builder.without_event_stream();
    }
    let sandbox = builder.start().await?;
    let line = json!({
        "base_url": sandbox.base_url(),
        "access_token": sandbox.access_token(),
        "refresh_token": sandbox.refresh_token(),
        "client_id": sandbox.client_id(),
        "client_secret": sandbox.client_secret(),
    });
    say(&line).map_err(Error::Stdout)?;
    tracing::info!(base_url = sandbox.base_url(), "listening");
    tracing::info!("a page that shows the world is at {}/", sandbox.base_url());
    ended.wait().await;
    tracing::info!("ending");
    end(sandbox);
    Ok(())
}

fn say(line: &Value) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Ends the world. Its thread may be in the middle of something long: then it ends with the process.
fn end(sandbox: Sandbox) {
    let (done, is_done) = mpsc::channel();
    let ending = thread::Builder::new().spawn(move || {
        drop(sandbox);
        let _ = done.send(());
    });
    if ending.is_ok() {
        let _ = is_done.recv_timeout(GRACE);
    }
}

/// The signals that end a program.
struct Ended {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Ended {
    #[cfg_attr(not(unix), allow(clippy::unnecessary_wraps))]
    fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    async fn wait(mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}
