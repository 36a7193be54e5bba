//! What is printed how: decided once, from the flags and from where the output goes.

use std::io::{self, IsTerminal};

use terminal_size::{Width, terminal_size};

/// The flags that are about output.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    pub(crate) json: bool,
    pub(crate) human: bool,
    pub(crate) plain: bool,
    pub(crate) jq: Option<String>,
}

/// Where the output goes.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked by itself")]
pub(crate) struct Surroundings {
    pub(crate) stdin_is_terminal: bool,
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
    /// Of the terminal at stdout.
    pub(crate) width: Option<u16>,
    /// NO_COLOR, which is not empty.
    pub(crate) no_color: bool,
    /// TERM=dumb: no colours, nothing that moves.
    pub(crate) is_dumb: bool,
    /// Nobody watches: nothing that moves.
    pub(crate) is_ci: bool,
}

impl Surroundings {
    /// Of this process.
    pub(crate) fn of_process() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let stdout_is_terminal = io::stdout().is_terminal();
        Self {
            stdin_is_terminal: io::stdin().is_terminal(),
            stdout_is_terminal,
            stderr_is_terminal: io::stderr().is_terminal(),
            width: stdout_is_terminal
                .then(terminal_size)
                .flatten()
                .map(|(Width(width), _)| width)
                .filter(|width| *width > 0),
            no_color: is_set("NO_COLOR"),
            is_dumb: std::env::var_os("TERM").is_some_and(|term| term == "dumb"),
            is_ci: is_set("CI"),
        }
    }

    pub(super) fn has_color(&self, is_terminal: bool) -> bool {
        is_terminal && !self.no_color && !self.is_dumb
    }
}

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// The answer as it came.
    Json,
    /// Tab-separated.
    Plain,
}

impl Format {
    pub(super) fn of(wishes: &Wishes, is_terminal: bool) -> Self {
        match wishes {
            Wishes { json: true, .. } | Wishes { jq: Some(_), .. } => Self::Json,
            Wishes { plain: true, .. } => Self::Plain,
            Wishes { human: true, .. } => Self::Human,
            _ if is_terminal => Self::Human,
            _ => Self::Json,
        }
    }
}
