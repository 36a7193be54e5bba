//! A command line that leads to nothing.

use std::fmt;

use clap::builder::StyledStr;
use clap::error::ErrorKind;

/// Why there is no invocation.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Help or the version was asked for: to stdout, and that was all.
    Shown(StyledStr),
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
        let text = error.render().to_string();
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::Usage(Usage {
                message: "there is no command".to_owned(),
                hint: Some(text.trim().to_owned()),
            });
        }
        let text = text.strip_prefix("error: ").unwrap_or(&text).trim();
        let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
        let hint = rest.trim().strip_prefix("tip: ").unwrap_or(rest.trim());
        Self::Usage(Usage {
            message: message.to_owned(),
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
        })
    }
}
