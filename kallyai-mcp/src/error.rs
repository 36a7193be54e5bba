//! Why the server does not start, with what to do about it.

use std::fmt;
use std::io;
use std::path::Path;

/// Why the server does not start, or has ended early. `Display` says what to do about it.
#[derive(Debug)]
pub struct Error {
    text: String,
    is_invalid_input: bool,
}

impl Error {
    /// Whether the options are wrong.
    pub fn is_invalid_input(&self) -> bool {
        self.is_invalid_input
    }

    pub(crate) fn client(error: &kallyai_sdk::Error) -> Self {
        if error.is_not_logged_in() {
            return Self::said(
                "nobody is signed in: set KALLYAI_ACCESS_TOKEN, or sign in so that there is a file with tokens \
                 (~/.kallyai_token.json, or what KALLYAI_TOKEN_FILE names)",
            );
        }
        Self::options(error)
    }

    pub(crate) fn options(error: &kallyai_sdk::Error) -> Self {
        let text = match error.remedy() {
            Some(remedy) => format!("{error}; {remedy}"),
            None => error.to_string(),
        };
        Self {
            text,
            is_invalid_input: error.is_invalid_input(),
        }
    }

    pub(crate) fn protocol(error: &dyn fmt::Display) -> Self {
        Self::said(&format!("the client does not speak MCP: {error}"))
    }

    pub(crate) fn listening(error: &io::Error) -> Self {
        Self::said(&format!(
            "cannot listen on 127.0.0.1: {error}; choose another port with --http"
        ))
    }

    pub(crate) fn bearer_file(path: &Path, error: &io::Error) -> Self {
        Self::said(&format!(
            "cannot write the bearer to {}: {error}",
            path.display()
        ))
    }

    pub(crate) fn said(what: &str) -> Self {
        Self {
            text: what.to_owned(),
            is_invalid_input: false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}
