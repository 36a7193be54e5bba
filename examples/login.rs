//! Signs in as a command does.
//!
//! `cargo run --example login` signs in at the sandbox on this machine: its page opens in the browser and
//! asks. With `--no-browser` you open the link yourself. `--live` signs in at the real service.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::auth::{CliLogin, MemoryStore, TokenStore};

/// Signs in as a command does.
#[derive(Parser)]
struct Arguments {
    /// Sign in at the real service.
    #[arg(long)]
    live: bool,
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
    if arguments.no_browser {
        login = login.no_browser();
    }
    let tokens = login.run().await?;

    // Where the tokens are kept. In memory they are gone with the program.
    let store = MemoryStore::new();
    store.save(&tokens)?;

    println!(
        "Signed in   {}",
        if sandbox.is_some() {
            "at the sandbox"
        } else {
            ""
        }
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

    let mut client = Client::builder().access_token(tokens.access_token);
    if let Some(origin) = tokens.origin {
        client = client.base_url(origin);
    }
    let balance = client.build()?.credits().balance().await?;
    println!("Balance     {} credits", balance.credits_remaining);
    Ok(())
}
