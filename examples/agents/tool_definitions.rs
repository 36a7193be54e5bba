//! Prints what a provider's model is told of the tools.
//!
//! `cargo run --example tool_definitions -- openai` (or `anthropic`, `gemini`, `plain`) prints those that an
//! agent has by default; with `--all` those of all operations but the ones that sign in. Nothing is sent.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout)]

use std::error::Error;

use clap::{Parser, ValueEnum};
use kallyai_sdk::Client;
use kallyai_sdk::tools::{Toolbox, Tools, anthropic, gemini, openai, plain};

/// Prints the definitions of the tools as JSON.
#[derive(Parser)]
struct Arguments {
    dialect: Dialect,
    /// All tools but those that sign in.
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Dialect {
    Anthropic,
    Gemini,
    Openai,
    Plain,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    // Definitions need a client, but neither its token nor the network.
    let client = Client::builder().access_token("none").build()?;
    let tools = Tools::builder(client);
    let tools = if arguments.all { tools.all() } else { tools }.build()?;
    let write = match arguments.dialect {
        Dialect::Anthropic => anthropic,
        Dialect::Gemini => gemini,
        Dialect::Openai => openai,
        Dialect::Plain => plain,
    };
    println!("{:#}", write(tools.definitions()));
    Ok(())
}
