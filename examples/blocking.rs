//! A program without async: places a call, waits for it, and lists the calls so far.
//!
//! `cargo run --example blocking` starts the sandbox, where no phone rings.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout)]

use std::error::Error;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::blocking::Wait;
use kallyai_sdk::types::CallRequest;

fn main() -> Result<(), Box<dyn Error>> {
    // Only the sandbox is async; a real program starts with `Client::from_env()?`.
    let runtime = tokio::runtime::Runtime::new()?;
    let sandbox = runtime.block_on(Sandbox::start())?;
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()?;

    let request = CallRequest::general("+12025550199".parse()?, "Ask when they open");
    let call = kally.calls().create(request).wait()?;
    println!("Call        {} ({})", call.status, call.call_id);

    let list = kally.calls().list().limit(10).wait()?;
    println!("Calls       {}", list.calls().len());

    let balance = kally.credits().balance().with_response().wait()?;
    println!("Balance     {} credits", balance.value.credits_remaining);

    // Of no use here; a program that keeps tokens in a store loses none.
    kallyai_sdk::auth::finish_refreshes();
    Ok(())
}
