//! Makes a list of appointments, one call after the other: the structs are read from JSON, and
//! `#[derive(CallTask)]` makes the calls of them. What cannot be called is in the table, too.
//!
//! `cargo run --example clinic_batch` talks to the sandbox on this machine: no account, no phone rings.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::error::Error;
use std::process::ExitCode;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::{CallTask, Client};
use serde::Deserialize;

/// What a program would read from a file. The numbers are made up; what becomes of a call to each, the
/// sandbox's README says.
const LIST: &str = r#"[
    {"id": 1, "clinic": "Northside Dental", "phone": "+12025550151", "patient": "Ada", "what": "a check-up"},
    {"id": 2, "clinic": "Harbour Eye Clinic", "phone": "+12025550102", "patient": "Ben", "what": "an eye test",
     "when": "any morning"},
    {"id": 3, "clinic": "Old Town Practice", "phone": "+12025550101", "patient": "Cleo", "what": "a vaccination"},
    {"id": 4, "clinic": "Hill Physio", "phone": "(202) 555-0198", "patient": "Dan", "what": "a first visit"},
    {"id": 5, "clinic": "Dr. Lee", "phone": "+12025550127", "patient": "Eve", "what": "a blood test"}
]"#;

/// An appointment that is wanted.
#[derive(CallTask, Deserialize)]
#[call(
    category = "clinic",
    task = "Make an appointment for {patient}: {what}"
)]
struct Appointment {
    /// Of no concern to the clinic.
    #[call(skip)]
    id: u32,
    #[call(business_name)]
    clinic: String,
    /// As somebody typed it. A field of type `E164` would refuse the whole list for one bad number; a
    /// text refuses one request.
    #[call(phone)]
    phone: String,
    #[call(user_name)]
    patient: String,
    what: String,
    #[call(time_preference)]
    when: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await?;
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()?;

    let list: Vec<Appointment> = serde_json::from_str(LIST)?;
    println!("{:<3} {:<20} {:<14} result", "id", "clinic", "number");
    for appointment in &list {
        let result = match call(&kally, appointment).await {
            Ok(status) => status,
            // One that fails is no reason to leave out the others. The text shows neither number nor task.
            Err(error) => error.to_string(),
        };
        println!(
            "{:<3} {:<20} {:<14} {result}",
            appointment.id,
            appointment.clinic,
            masked(&appointment.phone)
        );
    }
    println!(
        "\nDialled     {} of {}",
        sandbox.dialled().len(),
        list.len()
    );
    Ok(())
}

async fn call(kally: &Client, appointment: &Appointment) -> Result<String, kallyai_sdk::Error> {
    let call = kally.calls().create(appointment.to_call_request()?).await?;
    Ok(call.status.to_string())
}

/// The last two digits tell the rows apart, and nobody can call them.
fn masked(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    let last = digits.len().saturating_sub(2);
    digits
        .iter()
        .skip(last)
        .fold("..".to_owned(), |mut shown, digit| {
            shown.push(*digit);
            shown
        })
}
