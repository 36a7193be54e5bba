//! What goes wrong: one error line, one hint, the right end, and nothing is dialled.

mod command_line;
#[cfg(unix)]
mod files;
#[cfg(feature = "jq")]
mod filters;
#[cfg(unix)]
mod pipes;
mod placing;
mod refusals;
mod secrets;
mod service;
mod settings;
mod standard_input;
mod values;

use std::process::{Command, Output};

use kallyai_sandbox::Sandbox;
use serde_json::Value;

use crate::support::{Printed, kallyai};

/// A call that nothing is wrong with, but for what a test adds.
const CALL: [&str; 6] = [
    "calls",
    "make",
    "-p",
    "+12025550199",
    "-t",
    "Ask when they open",
];

/// A number and a task that must not be repeated.
const NUMBER: &str = "+12025550147";
const TASK: &str = "Ask Marguerite about the canary";

/// The error that a command has told, and nothing else: a document with a message and a hint, of one line each.
fn told(ran: &Output) -> Value {
    assert_eq!(ran.out(), "", "{}", ran.err());
    let err = ran.err();
    let mut lines = err.lines();
    let error = lines.next().unwrap_or_default();
    assert_eq!(lines.next(), None, "{err}");
    let error: Value = serde_json::from_str(error).unwrap_or_else(|_| panic!("{err}"));
    let error = error["error"].clone();
    for part in ["code", "message", "hint"] {
        let text = error[part].as_str();
        let text = text.unwrap_or_else(|| panic!("no {part}: {error}"));
        assert!(!text.is_empty() && !text.contains('\n'), "{error}");
    }
    assert!(error.get("correlation_id").is_some(), "{error}");
    error
}

/// Whether this build can do what is asked for.
fn can(line: &[&str]) -> bool {
    cfg!(feature = "jq") || !line.contains(&"--jq")
}

/// Runs it and sees how it ends. Gives the error.
fn fails(command: &mut Command, code: i32) -> Value {
    let ran = command.output().unwrap();
    assert_eq!(ran.status.code(), Some(code), "{command:?}: {}", ran.err());
    told(&ran)
}

/// Refused before anything is sent. Gives the error.
fn refused(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let error = fails(kallyai(sandbox).args(arguments), 2);
    assert!(sandbox.journal().is_empty(), "{arguments:?}");
    error
}

fn call_with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&CALL[..], more].concat()
}
