//! The sandbox for programs in any language: prints where it listens, and logs to stderr.

mod log;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use kallyai_sandbox::{Clock, Sandbox};
use serde_json::json;

use log::Log;

/// How long the end waits for the world and for the log, each.
const GRACE: Duration = Duration::from_millis(300);

/// The KallyAI API on loopback, without an account.
#[derive(Debug, Parser)]
#[command(version)]
// These are switches, not states.
#[allow(clippy::struct_excessive_bools)]
struct Arguments {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Makes ids and tokens the same each time.
    #[arg(long)]
    seed: Option<u64>,
    /// How time passes.
    #[arg(long, value_enum, default_value_t = ClockName::Real)]
    clock: ClockName,
    /// How long a phone call takes, by that clock.
    #[arg(long, default_value_t = 0.5)]
    call_seconds: f64,
    /// Signs in without asking on a page.
    #[arg(long)]
    auto_approve: bool,
    /// A refresh token is good once; its second use revokes its family.
    #[arg(long)]
    strict_rotation: bool,
    /// Answers a refresh without a new refresh token; the old one goes on.
    #[arg(long)]
    keep_refresh_token: bool,
    /// Forgets idempotency keys.
    #[arg(long)]
    ignore_idempotency: bool,
    /// Shows no call that is not over.
    #[arg(long)]
    hide_active: bool,
    /// Answers with the log of events, whatever a client accepts.
    #[arg(long)]
    no_event_stream: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ClockName {
    Real,
    Manual,
    PerPoll,
}

impl From<ClockName> for Clock {
    fn from(name: ClockName) -> Self {
        match name {
            ClockName::Real => Self::Real,
            ClockName::Manual => Self::Manual,
            ClockName::PerPoll => Self::PerPoll,
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let log = Log::start();
    let code = match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error, "ended");
            ExitCode::FAILURE
        }
    };
    log.flush(GRACE);
    code
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    // Before the line is printed: who reads it may end this at once.
    let ended = Ended::listen()?;
    let mut builder = Sandbox::builder()
        .port(arguments.port)
        .clock(arguments.clock.into())
        .call_seconds(arguments.call_seconds)
        .auto_approve(arguments.auto_approve)
        .strict_rotation(arguments.strict_rotation)
        .keep_refresh_token(arguments.keep_refresh_token)
        .ignore_idempotency(arguments.ignore_idempotency)
        .hide_active(arguments.hide_active);
    if let Some(seed) = arguments.seed {
        builder = builder.seed(seed);
    }
    if arguments.no_event_stream {
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
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()?;
    drop(stdout);
    tracing::info!(base_url = sandbox.base_url(), "listening");
    tracing::info!("a page that shows the world is at {}/", sandbox.base_url());
    ended.wait().await;
    tracing::info!("ending");
    end(sandbox);
    Ok(())
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
