//! What comes on standard input.

use std::io::{self, IsTerminal};

use super::Failure;

pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

pub(crate) fn unreadable(error: &io::Error) -> Failure {
    let message = format!("standard input cannot be read: {error}");
    Failure::other("input", message, "give it as a file or a pipe, in UTF-8")
}

/// Without serde's words, which can repeat a value.
pub(crate) fn no_json(line: usize, column: usize) -> Failure {
    Failure::usage(
        format!("the input is no JSON object: line {line}, column {column}"),
        "an object looks like {\"name\": \"value\"}",
    )
}
