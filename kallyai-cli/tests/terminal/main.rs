//! The command at a terminal: questions, what goes on, Ctrl-C.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod calls;
mod chat;
mod login;
mod pty;
mod questions;
mod tour;

use std::path::Path;
use std::process::Command;

use kallyai_sandbox::Sandbox;

const NUMBER: &str = "+12025550199";

/// The command in an environment of its own, at the sandbox.
fn kallyai(sandbox: &Sandbox, home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kallyai"));
    command
        .env_clear()
        .env("HOME", home)
        .env("TERM", "xterm-256color")
        .env("LANG", "en_GB.UTF-8")
        .env("TZ", "Europe/London")
        .env("KALLYAI_BASE_URL", sandbox.base_url())
        .env("KALLYAI_ACCESS_TOKEN", sandbox.access_token());
    command
}

/// A call that goes on until somebody lets time pass.
async fn sandbox() -> Sandbox {
    let builder = Sandbox::builder().call_seconds(600.0);
    builder.start().await.unwrap()
}
