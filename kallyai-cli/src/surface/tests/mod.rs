//! The surface, from the outside.

mod abbreviations;
mod golden;
mod old;
mod own;
mod refusals;
mod rows;
mod scripts;

use super::{Asked, Invocation, Machine, Refusal, Wanted, parse};

/// A machine in London, whose user reads English.
pub(super) const LONDON: Machine = Machine {
    locale: || Some("en-GB".to_owned()),
    time_zone: || Some("Europe/London".to_owned()),
};

pub(super) fn try_parse(arguments: &[&str]) -> Result<Invocation, Refusal> {
    parse(arguments.iter().map(Into::into), LONDON)
}

pub(super) fn understood(arguments: &[&str]) -> Invocation {
    try_parse(arguments).unwrap_or_else(|refusal| panic!("{arguments:?}: {refusal:?}"))
}

/// What is wrong with a command line: message and hint.
pub(super) fn refused(arguments: &[&str]) -> (String, String) {
    match try_parse(arguments) {
        Err(Refusal::Usage(usage)) => (usage.message, usage.hint.unwrap_or_default()),
        other => panic!("{arguments:?} was not refused: {other:?}"),
    }
}

/// The operation that a command line leads to, whoever handles it.
pub(super) fn wanted(arguments: &[&str]) -> Wanted {
    match understood(arguments).asked {
        Asked::Operation(wanted)
        | Asked::Call { wanted, .. }
        | Asked::Credentials(wanted)
        | Asked::Portal(wanted) => wanted,
        other => panic!("{arguments:?} is no operation: {other:?}"),
    }
}
