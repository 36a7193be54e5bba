//! A command line that leads to nothing.

use std::fmt;

use clap::builder::StyledStr;
use clap::error::ErrorKind;

/// Why there is no invocation.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Help or the version was asked for: to stdout, and that was all.
    Shown(StyledStr),
    /// The command line ends too early: help to stderr, and exit 2.
    Incomplete(StyledStr),
    /// The command line is wrong: exit 2.
    Usage(Usage),
}

/// What is wrong with a command line. It never holds a phone number or a task.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Usage {
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: Option<String>,
}

impl Refusal {
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage(Usage {
            message: message.into(),
            hint: Some(hint.into()),
        })
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<clap::Error> for Refusal {
    /// Takes clap's text apart: its first paragraph is the message, the others are the hint.
    fn from(error: clap::Error) -> Self {
        if !error.use_stderr() {
            return Self::Shown(error.render());
        }
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::Incomplete(error.render());
        }
        let text = error.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let mut paragraphs = text.split("\n\n").map(str::trim);
        let message = paragraphs.next().unwrap_or_default();
        let message: Vec<&str> = message.lines().map(str::trim).collect();
        let hint: Vec<&str> = paragraphs
            .filter(|paragraph| !paragraph.is_empty() && !paragraph.starts_with("For more"))
            .map(|paragraph| paragraph.strip_prefix("tip: ").unwrap_or(paragraph))
            .collect();
        Self::Usage(Usage {
            message: message.join(" "),
            hint: (!hint.is_empty()).then(|| hint.join("\n")),
        })
    }
}
