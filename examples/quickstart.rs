//! Places a phone call and shows what came of it.
//!
//! `cargo run --example quickstart` talks to the sandbox on this machine: no account, no phone rings.
//! `cargo run --example quickstart -- --live --phone +1...` talks to the real service, signed in
//! as `Client::from_env()` finds it, after asking: then a phone rings, and it costs credits.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::{Days, Local};
use clap::Parser;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::phone::E164;
use kallyai_sdk::types::{CallRequest, CallStatus, Estimate, EstimateType, Language, Transcript};

/// Places a phone call and shows what came of it.
#[derive(Parser)]
struct Arguments {
    /// Call through the real service, signed in as `Client::from_env()` finds it; asks first.
    #[arg(long, requires = "phone")]
    live: bool,
    /// The restaurant's number in E.164. In the sandbox every number is made up.
    #[arg(long)]
    phone: Option<E164>,
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
    let phone = match arguments.phone {
        Some(phone) => phone,
        None => "+12025550199".parse()?,
    };

    // The sandbox lives as long as this variable.
    let (kally, _sandbox) = if arguments.live {
        (Client::from_env()?, None)
    } else {
        let sandbox = Sandbox::builder().auto_approve(true).start().await?;
        println!("Sandbox     {} (no phone rings)", sandbox.base_url());
        (sign_in(&sandbox).await?, Some(sandbox))
    };

    let before = kally.credits().balance().await?;
    println!("Balance     {} credits", before.credits_remaining);

    let task = "Reserve a table for 4 at 8 pm, by the window if there is one";
    let estimate = kally
        .budget()
        .estimate(Estimate::new(EstimateType::Call, task))
        .await?;
    println!("Estimate    {} credits", estimate.estimated_credits);

    if arguments.live && !confirmed(&phone, &estimate.estimated_credits.to_string())? {
        println!("Nothing was sent.");
        return Ok(());
    }

    let tomorrow = (Local::now() + Days::new(1)).date_naive();
    let request = CallRequest::restaurant(phone, task)
        .business_name("Italian Bistro")
        .party_size(4)
        .appointment(tomorrow, "20:00".parse()?)
        .timezone("America/New_York")
        .language(Language::En);

    // The answer comes when the phone call is over.
    let call = with_progress("Calling", kally.calls().create(request).into_future()).await?;
    println!("Call        {} ({})", call.status, call.call_id);
    for line in call.highlights.as_deref().unwrap_or("-").lines() {
        println!("            {line}");
    }
    if let Some(next) = call.next_steps.as_deref() {
        println!("Next        {next}");
    }
    if call.status != CallStatus::Success {
        return Err(format!("the call ended as {}", call.status).into());
    }

    println!("\nTranscript");
    if let Some(transcript) = if_there(kally.calls().transcript(call.call_id.as_str()).await)? {
        print_transcript(&transcript);
    }

    println!("\nCalendar");
    if let Some(calendar) = if_there(kally.calls().calendar(call.call_id.as_str()).await)? {
        let shown = ["SUMMARY", "DTSTART", "LOCATION"];
        for line in calendar.lines() {
            if shown.iter().any(|name| line.starts_with(name)) {
                println!("  {line}");
            }
        }
    }

    let after = kally.credits().balance().await?;
    println!("\nBalance     {} credits", after.credits_remaining);
    if let Some(spent) = before
        .credits_remaining
        .checked_sub(&after.credits_remaining)
    {
        println!("Spent       {spent} credits");
    }
    Ok(())
}

/// Signs in as a browser would in the CLI flow: the sandbox approves by itself and redirects to a
/// loopback address with the tokens. The client never follows a redirect; it is read here.
async fn sign_in(sandbox: &Sandbox) -> Result<Client, Box<dyn Error>> {
    let anonymous = Client::builder().base_url(sandbox.base_url()).build()?;
    let state = "quickstart";
    let redirect = anonymous
        .auth()
        .cli_authorize("http://127.0.0.1:8740/callback")
        .state(state)
        .await?;
    if redirect
        .query("state")
        .is_none_or(|answered| answered.expose() != state)
    {
        return Err("the answer belongs to another sign-in".into());
    }
    let token = redirect
        .query("access_token")
        .ok_or("the sign-in was refused")?;
    println!("Signed in   by the CLI flow");
    Ok(Client::builder()
        .base_url(sandbox.base_url())
        .access_token(token)
        .build()?)
}

/// Says what it will cost, and asks.
fn confirmed(phone: &E164, credits: &str) -> Result<bool, Box<dyn Error>> {
    if !std::io::stdin().is_terminal() {
        return Err("--live asks before it dials, and there is nobody to ask".into());
    }
    print!("This rings {phone} now and costs about {credits} credits. Call? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Awaits something, with the elapsed time on a terminal.
async fn with_progress<F: Future>(what: &str, future: F) -> F::Output {
    let shown = std::io::stderr().is_terminal();
    let started = Instant::now();
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    tokio::pin!(future);
    let output = loop {
        tokio::select! {
            output = &mut future => break output,
            _ = tick.tick() => if shown {
                eprint!("\r{what:<11} {:.1} s", started.elapsed().as_secs_f64());
            },
        }
    };
    if shown {
        eprint!("\r\x1b[2K");
    }
    println!("{what:<11} took {:.1} s", started.elapsed().as_secs_f64());
    output
}

/// What is not there (yet) is no reason to stop.
fn if_there<T>(answer: Result<T, kallyai_sdk::Error>) -> Result<Option<T>, kallyai_sdk::Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.status().is_some_and(|status| status == 404) => {
            println!("  none (yet)");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn print_transcript(transcript: &Transcript) {
    for entry in transcript.entries() {
        println!(
            "  {:>8}  {:<6} {}",
            entry.timestamp.as_deref().unwrap_or(""),
            entry.speaker().map_or("?", |speaker| speaker.as_str()),
            entry.content().unwrap_or("-"),
        );
    }
}
