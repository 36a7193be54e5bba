//! What comes on standard input.

use std::io::{self, BufRead, IsTerminal};

use tokio::sync::oneshot;

use super::Failure;

pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

pub(crate) fn unreadable(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::InvalidData {
        return Failure::usage("standard input is no UTF-8", "give it in UTF-8");
    }
    let message = format!("standard input cannot be read: {error}");
    Failure::other("input", message, "give it as a file or a pipe")
}

/// Without serde's words, which can repeat a value.
pub(crate) fn no_json(line: usize, column: usize) -> Failure {
    Failure::usage(
        format!("the input is no JSON object: line {line}, column {column}"),
        "an object looks like {\"name\": \"value\"}",
    )
}

/// The next line, without its end; nothing at the end of the input.
///
/// Dropped before it is ready, it takes the line with it that is typed next.
pub(crate) async fn line() -> Result<Option<String>, Failure> {
    let (read, line) = oneshot::channel();
    // A thread of its own: a runtime would wait at its end for one that still reads.
    let reading = std::thread::Builder::new().spawn(move || {
        // Whoever has ended meanwhile does not listen any more.
        let _ = read.send(io::stdin().lock().lines().next());
    });
    reading.map_err(|error| unreadable(&error))?;
    match line.await {
        Ok(line) => line.transpose().map_err(|error| unreadable(&error)),
        Err(_) => Ok(None),
    }
}
