//! Signs in as a command does.
//!
//! `cargo run --example login` signs in at the sandbox on this machine: its page opens in the browser and
//! asks. With `--no-browser` you open the link yourself.
//!
//! `--live` signs in at the real service and keeps the tokens: in the file that the vendor's own tools
//! share, or with `--profile NAME` in one for that account, or with `--client-id ID`, by the code flow, in
//! one for that client. `Client::from_env()` and `Client::builder().profile(NAME)` find them there.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::auth::{CliLogin, Credentials, FileStore, MemoryStore, StoreError, TokenStore};

/// Signs in as a command does.
#[derive(Parser)]
struct Arguments {
    /// Sign in at the real service.
    #[arg(long)]
    live: bool,
    /// Keep the tokens under this name.
    #[arg(long, requires = "live")]
    profile: Option<String>,
    /// Sign in by the code flow, as this client of the vendor's.
    #[arg(long, requires = "live", conflicts_with = "profile")]
    client_id: Option<String>,
    /// Sign in at this service: https, or http on loopback.
    #[arg(long, conflicts_with = "live")]
    base_url: Option<String>,
    /// Open no browser; the link is printed in any case.
    #[arg(long)]
    no_browser: bool,
    /// Wait on this port of 127.0.0.1, instead of one that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
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
    // The sandbox lives as long as this variable.
    let sandbox = match arguments {
        Arguments { live: true, .. }
        | Arguments {
            base_url: Some(_), ..
        } => None,
        _ => Some(Sandbox::start().await?),
    };

    let mut login = CliLogin::new().port(arguments.port);
    if let Some(url) = &arguments.base_url {
        login = login.base_url(url);
    }
    if let Some(sandbox) = &sandbox {
        login = login.base_url(sandbox.base_url());
    }
    if let Some(id) = &arguments.client_id {
        login = login.client_id(id);
    }
    if arguments.no_browser {
        login = login.no_browser();
    }
    // Before anybody signs in for nothing.
    let store = store(&arguments)?;
    let tokens = login.run().await?;

    store.save(&tokens)?;

    println!(
        "Signed in   {}",
        tokens.origin.as_deref().unwrap_or_default()
    );
    match tokens.expires_at {
        Some(time) => println!("Good until  {}", time.format("%Y-%m-%d %H:%M:%S UTC")),
        None => println!("Good until  the service did not say"),
    }
    let renewable = if tokens.refresh_token.is_some() {
        "yes"
    } else {
        "no"
    };
    println!("Renewable   {renewable}");

    let mut client = Client::builder().credentials(Credentials::from_store(store));
    if let Some(origin) = tokens.origin {
        client = client.base_url(origin);
    }
    let balance = client.build()?.credits().balance().await?;
    println!("Balance     {} credits", balance.credits_remaining);
    Ok(())
}

/// Where the tokens are kept: in memory they are gone with the program.
fn store(arguments: &Arguments) -> Result<Box<dyn TokenStore>, StoreError> {
    Ok(match arguments {
        Arguments { live: false, .. } => Box::new(MemoryStore::new()),
        Arguments {
            profile: Some(name),
            ..
        } => Box::new(FileStore::named(name)?),
        Arguments {
            client_id: Some(id),
            ..
        } => Box::new(FileStore::for_client(id)?),
        _ => Box::new(FileStore::default_file()?),
    })
}
