//! A service without a browser or a person: tokens from a file, refreshed in place and shared with other
//! processes, and an end that loses nothing.
//!
//! `cargo run --example headless` makes such a file for the sandbox. `cargo run --example headless --
//! --live` takes what the environment names: KALLYAI_ACCESS_TOKEN, or KALLYAI_TOKEN_FILE, or the tokens
//! that a sign-in has kept. It only reads.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::auth::{self, Credentials, FileStore, TokenSet, TokenStore};

/// Asks for the balance from many tasks at once.
#[derive(Parser)]
struct Arguments {
    /// Talk to the real service, signed in as the environment says.
    #[arg(long)]
    live: bool,
    /// How many tasks.
    #[arg(long, default_value_t = 100)]
    tasks: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // What happened, and what mends it: KALLYAI_ACCESS_TOKEN is not set, sign in again, ...
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    // A refresh in flight is stored before Ctrl-C or SIGTERM ends the process.
    auth::finish_refreshes_on_ctrl_c()?;
    if arguments.live {
        return work(&Client::from_env()?, arguments.tasks).await;
    }

    let sandbox = Sandbox::builder().strict_rotation(true).start().await?;
    let directory = tempfile::tempdir()?;
    let store = FileStore::at(directory.path().join("tokens.json"));
    store.save(
        &TokenSet::new("an-old-token")
            .refresh_token(sandbox.refresh_token())
            .expires_at(chrono::DateTime::UNIX_EPOCH),
    )?;
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .credentials(Credentials::from_store(store))
        .build()?;
    work(&kally, arguments.tasks).await?;
    let journal = sandbox.journal();
    let refreshes = journal
        .iter()
        .filter(|entry| entry.operation_id.as_deref() == Some("auth_refresh_token"))
        .count();
    println!("Refreshes   {refreshes}");
    Ok(())
}

async fn work(kally: &Client, tasks: usize) -> Result<(), Box<dyn Error>> {
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let kally = kally.clone();
            tokio::spawn(async move { kally.credits().balance().await })
        })
        .collect();
    let mut answers = 0;
    for task in tasks {
        task.await??;
        answers += 1;
    }
    println!("Answers     {answers}");
    Ok(())
}
