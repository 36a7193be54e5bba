//! The program as a client sees it: lines of JSON to a child process, HTTP to its port, the sandbox behind it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod calling;
mod client;
mod confirming;
mod http;
mod readme;
mod resources;
mod tasks;
mod tools;

use kallyai_sandbox::{Builder, Clock, Sandbox};
use serde_json::{Value, json};

/// Calls end at once.
fn quick() -> Builder {
    Sandbox::builder().call_seconds(0.0)
}

/// Calls last until the test lets time pass.
fn slow() -> Builder {
    Sandbox::builder().clock(Clock::Manual).call_seconds(60.0)
}

/// The arguments of a call to this number.
fn to(number: &str) -> Value {
    json!({
        "submission": {
            "task_category": "restaurant",
            "task_description": "Reserve a table for 4 at 8 pm",
            "respondent_phone": number,
        },
        "timezone": "America/New_York",
    })
}

/// What a failed tool says.
fn said(result: &Value) -> Value {
    assert_eq!(result["isError"], true, "{result}");
    assert!(result.get("structuredContent").is_none(), "{result}");
    let text = result["content"][0]["text"].as_str().unwrap();
    serde_json::from_str::<Value>(text).unwrap()["error"].take()
}
