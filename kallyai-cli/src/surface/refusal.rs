//! A command line that leads to nothing.

use std::fmt;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

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

impl Refusal {
    /// Whoever has no other hint gets the command's help.
    pub(super) fn with_help_of(mut self, words: &str) -> Self {
        if let Self::Usage(usage @ Usage { hint: None, .. }) = &mut self {
            let command = format!("kallyai {words}");
            usage.hint = Some(format!("see {} --help", command.trim_end()));
        }
        self
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<clap::Error> for Refusal {
    /// Takes clap's text apart: its first paragraph is the message, of the others one is the hint.
    fn from(mut error: clap::Error) -> Self {
        if !error.use_stderr() {
            return Self::Shown(error.render());
        }
        if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::Incomplete(error.render());
        }
        if hide(&mut error) == Hidden::Argument {
            return Self::usage(
                "there is an argument too many",
                "quote a text of several words; the value of a switch follows an =, like --vip=true",
            );
        }
        let text = error.render().to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text);
        let mut paragraphs = text.split("\n\n").map(str::trim);
        let message = paragraphs.next().unwrap_or_default();
        let message: Vec<&str> = message.lines().map(str::trim).collect();
        let hint = paragraphs.find(|paragraph| !paragraph.is_empty());
        // That a command takes a command says little: its help lists them.
        let is_word = error.kind() == ErrorKind::InvalidSubcommand;
        let hint = hint.filter(|paragraph| {
            !(paragraph.starts_with("For more") || is_word && paragraph.starts_with("Usage:"))
        });
        let hint = hint.map(|paragraph| paragraph.strip_prefix("tip: ").unwrap_or(paragraph));
        let hint = hint.map(|hint| {
            hint.lines()
                .map(str::trim)
                .collect::<Vec<_>>()
                .join(", or ")
        });
        Self::Usage(Usage {
            message: message.join(" "),
            hint,
        })
    }
}

/// What was taken out of an error.
#[derive(Debug, PartialEq, Eq)]
enum Hidden {
    /// All of it that matters: an argument that may be a number or a part of a task.
    Argument,
    /// A value, or nothing.
    Value,
}

/// Takes out what was written, but for what can only be a command or a flag.
fn hide(error: &mut clap::Error) -> Hidden {
    if is_written(error, ContextKind::InvalidValue) {
        let hidden = ContextValue::String("...".to_owned());
        error.insert(ContextKind::InvalidValue, hidden);
    }
    let unknown = match error.kind() {
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        _ => return Hidden::Value,
    };
    match error.get(unknown) {
        Some(ContextValue::String(word)) if !is_a_name(word, unknown) => Hidden::Argument,
        _ => Hidden::Value,
    }
}

/// Whether there is such a value; clap has other words for one that is empty.
fn is_written(error: &clap::Error, kind: ContextKind) -> bool {
    matches!(error.get(kind), Some(ContextValue::String(value)) if !value.is_empty())
}

/// The longest word that is taken for a command or a flag.
const LONGEST: usize = 30;

fn is_a_name(word: &str, kind: ContextKind) -> bool {
    let starts_well = kind != ContextKind::InvalidArg || word.starts_with('-');
    let is_plain = |c: char| c.is_ascii_lowercase() || matches!(c, '-' | '_');
    starts_well && word.len() <= LONGEST && word.chars().all(is_plain)
}
