//! Why a command has not done what it was asked for.

use kallyai_sdk::Error;
use kallyai_sdk::auth::StoreError;

use crate::output::{ErrorShown, Exit, Output, Unprinted};
use crate::setup::ConfigError;

/// What is told, and how the command ends.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What the library says.
    Library(Box<Error>),
    /// What the command says.
    Shown(Box<ErrorShown>, Exit),
    /// What there is cannot be printed.
    Unprinted(Unprinted),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let shown = ErrorShown::new("invalid_input", message).with_hint(hint);
        Self::Shown(Box::new(shown), Exit::Usage)
    }

    pub(crate) fn other(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let shown = ErrorShown::new(code, message).with_hint(hint);
        Self::Shown(Box::new(shown), Exit::Failure)
    }

    /// Ctrl-C, where nothing is to be said about it.
    pub(crate) fn interrupted() -> Self {
        let shown = ErrorShown::new("interrupted", "interrupted: nothing was sent")
            .with_hint("the same command asks again");
        Self::Shown(Box::new(shown), Exit::Interrupted)
    }

    /// Nobody has said yes.
    pub(crate) fn declined() -> Self {
        let shown = ErrorShown::new("declined", "nothing was sent: you did not say yes")
            .with_hint("type y to say yes, or give --yes to be asked nothing");
        Self::Shown(Box::new(shown), Exit::Failure)
    }

    /// Tells it, and says how the command ends.
    pub(crate) fn tell(&self, output: &Output) -> Exit {
        match self {
            Self::Library(error) => {
                output.error(&ErrorShown::from(&**error));
                Exit::from(&**error)
            }
            Self::Shown(shown, exit) => {
                output.error(shown);
                *exit
            }
            Self::Unprinted(why) => output.unprinted(why),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Library(Box::new(error))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

impl From<Unprinted> for Failure {
    fn from(why: Unprinted) -> Self {
        Self::Unprinted(why)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(
            error.to_string(),
            "mend the file, or name another with KALLYAI_CONFIG",
        )
    }
}
