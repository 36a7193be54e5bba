//! Several accounts in one program, each with tokens of its own that stay fresh.
//!
//! `cargo run --example many_accounts` gives each account a world of its own in the sandbox.
//! `cargo run --example many_accounts -- work home` asks the real service, as the accounts whose tokens
//! `cargo run --example login -- --live --profile work` has kept.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::auth::{Credentials, FileStore, TokenSet, TokenStore};

/// Shows the balance of several accounts.
#[derive(Parser)]
struct Arguments {
    /// Names of accounts at the real service; without any, two in the sandbox.
    profiles: Vec<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    if arguments.profiles.is_empty() {
        return in_the_sandbox().await;
    }
    let mut accounts = Vec::new();
    for name in arguments.profiles {
        let kally = Client::builder().profile(&name).build()?;
        accounts.push((name, kally));
    }
    show(accounts).await
}

async fn in_the_sandbox() -> Result<(), Box<dyn Error>> {
    // A world has one account. The sandboxes, and the files, live as long as these variables.
    let (work, home) = (Sandbox::start().await?, Sandbox::start().await?);
    let directory = tempfile::tempdir()?;
    let accounts = vec![
        ("work".to_owned(), account("work", &work, directory.path())?),
        ("home".to_owned(), account("home", &home, directory.path())?),
    ];
    show(accounts).await?;
    let refreshes = |sandbox: &Sandbox| {
        let of_refresh = |entry: &kallyai_sandbox::JournalEntry| {
            entry.operation_id.as_deref() == Some("auth_refresh_token")
        };
        sandbox
            .journal()
            .iter()
            .filter(|entry| of_refresh(entry))
            .count()
    };
    println!(
        "Refreshes   {} for work, {} for home",
        refreshes(&work),
        refreshes(&home)
    );
    Ok(())
}

/// A client whose tokens are in a file of their own. They have expired: the first request refreshes.
fn account(name: &str, sandbox: &Sandbox, directory: &Path) -> Result<Client, Box<dyn Error>> {
    // In a program of your own: FileStore::named(name), or a TokenStore over your database.
    let store = FileStore::at(directory.join(name).with_extension("json"));
    let mut tokens = TokenSet::new("an-old-token")
        .refresh_token(sandbox.refresh_token())
        .expires_at(chrono::DateTime::UNIX_EPOCH);
    tokens.origin = Some(sandbox.base_url().to_owned());
    store.save(&tokens)?;
    Ok(Client::builder()
        .base_url(sandbox.base_url())
        .credentials(Credentials::from_store(store))
        .build()?)
}

async fn show(accounts: Vec<(String, Client)>) -> Result<(), Box<dyn Error>> {
    let asked: Vec<_> = accounts
        .into_iter()
        .map(|(name, kally)| {
            (
                name,
                tokio::spawn(async move { kally.credits().balance().await }),
            )
        })
        .collect();
    for (name, balance) in asked {
        println!("{name:<11} {} credits", balance.await??.credits_remaining);
    }
    Ok(())
}
