//! Books a table, from a struct of one's own: `#[derive(CallTask)]` makes the call request of it.
//!
//! `cargo run --example restaurant_task -- --party-size 6` talks to the sandbox on this machine: no
//! account, no phone rings.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::process::ExitCode;

use chrono::{Days, Local, NaiveDate};
use clap::Parser;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::phone::E164;
use kallyai_sdk::types::{CallStatus, TimeOfDay};
use kallyai_sdk::{CallTask, Client};

/// A table in a restaurant.
#[derive(CallTask)]
#[call(
    category = "restaurant",
    task = "Reserve a table for {party_size} on {date} at {time}, {seats} if there is one"
)]
struct Table {
    /// The restaurant's number.
    #[call(phone)]
    restaurant: E164,
    #[call(business_name)]
    name: String,
    #[call(party_size)]
    party_size: u32,
    #[call(date)]
    date: NaiveDate,
    #[call(time)]
    time: TimeOfDay,
    /// Where the restaurant is, which is where the time is meant.
    #[call(timezone)]
    zone: &'static str,
    /// Where to sit: no field of the service, only a part of the sentence.
    seats: &'static str,
    /// What else to say, if anything.
    #[call(instruction)]
    wish: Option<String>,
}

/// Books a table in the sandbox.
#[derive(Parser)]
struct Arguments {
    /// For how many.
    #[arg(long, default_value_t = 4)]
    party_size: u32,
    /// At what time, HH:MM.
    #[arg(long, default_value = "20:00")]
    time: TimeOfDay,
    /// What else to say.
    #[arg(long)]
    wish: Option<String>,
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
    let sandbox = Sandbox::start().await?;
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()?;

    let table = Table {
        restaurant: "+12025550199".parse()?,
        name: "Italian Bistro".to_owned(),
        party_size: arguments.party_size,
        date: (Local::now() + Days::new(1)).date_naive(),
        time: arguments.time,
        zone: "America/New_York",
        seats: "by the window",
        wish: arguments.wish,
    };
    let request = table.to_call_request()?;
    // Debug masks a number; Display would show it whole.
    println!("Calling     {}, {:?}", table.name, table.restaurant);
    println!("Task        {}", request.submission.task_description);
    for wish in request.submission.additional_instructions.iter().flatten() {
        println!("            {wish}");
    }

    let call = kally.calls().create(request).await?;
    println!("Call        {} ({})", call.status, call.call_id);
    println!("            {}", call.highlights.as_deref().unwrap_or("-"));
    if call.status != CallStatus::Success {
        return Err(format!("the call ended as {}", call.status).into());
    }
    Ok(())
}
