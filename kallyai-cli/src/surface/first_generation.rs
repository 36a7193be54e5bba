//! The first generation: flags without a command.

use clap::{Arg, ArgAction, ArgMatches};

use super::grammar;
use super::refusal::Refusal;
use super::table::{Argument, Command, FIRST_GENERATION, Form};

/// The flags that stand for commands of ours.
pub(super) const SWITCHES: &[&str] = &["login", "logout", "auth-status"];

const HEADING: &str = "First generation: flags without a command";

/// A command of the first generation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mode(pub(super) &'static Command);

pub(super) fn modes() -> impl Iterator<Item = Mode> {
    FIRST_GENERATION.iter().map(Mode)
}

impl Mode {
    /// The flags that ask for it, without their dashes.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        self.0.words.iter().map(|word| word.trim_start_matches('-'))
    }

    /// What goes with it.
    pub(super) fn flags(self) -> impl Iterator<Item = &'static Argument> {
        self.0
            .arguments
            .iter()
            .filter(|argument| argument.form == Form::Flag)
    }

    /// The value of the flag that asks for it.
    pub(super) fn value(self) -> Option<&'static Argument> {
        self.0
            .arguments
            .iter()
            .find(|argument| argument.form == Form::Value)
    }

    /// Whether a flag of its own asks for it, and not one of those that go with it.
    pub(super) fn is_named(self) -> bool {
        !self
            .flags()
            .any(|flag| self.names().any(|name| name == flag.name))
    }

    fn is_asked(self, matches: &ArgMatches) -> bool {
        let named = self.is_named().then(|| self.names().next()).flatten();
        let ids = named.into_iter().chain(self.flags().map(|flag| flag.name));
        ids.into_iter().any(|id| is_there(matches, id))
    }
}

fn is_there(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(clap::parser::ValueSource::CommandLine)
}

/// The flags of the first generation.
pub(super) fn arguments() -> Vec<Arg> {
    let mut arguments = Vec::new();
    for mode in modes() {
        arguments.extend(
            mode.flags()
                .map(|flag| grammar::argument(flag).required(false)),
        );
        let mut names = mode.names();
        if let (true, Some(name)) = (mode.is_named(), names.next()) {
            let flag = Arg::new(name)
                .long(name)
                .visible_aliases(names.collect::<Vec<_>>());
            arguments.push(match mode.value() {
                Some(value) => flag
                    .value_name(value.name.to_uppercase())
                    .help(mode.0.about),
                None => flag.action(ArgAction::SetTrue).help(mode.0.about),
            });
        }
    }
    for name in SWITCHES {
        let about = super::own::find(&[name]).map_or("", |own| own.about);
        arguments.push(
            Arg::new(*name)
                .long(*name)
                .action(ArgAction::SetTrue)
                .help(about),
        );
    }
    arguments
        .into_iter()
        .map(|argument| argument.help_heading(HEADING).hide_short_help(true))
        .collect()
}

/// What a command line without a command asks for.
#[derive(Debug)]
pub(super) enum Old {
    /// An operation.
    Mode(Mode),
    /// A command of ours.
    Switch(&'static str),
    /// Nothing at all.
    Nothing,
}

/// Finds what is asked for, and refuses two at once.
pub(super) fn asked(matches: &ArgMatches) -> Result<Old, Refusal> {
    let modes = modes().filter(|mode| mode.is_asked(matches)).map(Old::Mode);
    let switches = SWITCHES.iter().filter(|name| matches.get_flag(name));
    let mut all = modes.chain(switches.map(|name| Old::Switch(name)));
    match (all.next(), all.next()) {
        (None, _) => Ok(Old::Nothing),
        (Some(old), None) => Ok(old),
        (Some(one), Some(other)) => Err(Refusal::usage(
            format!("{} and {} cannot go together", one.name(), other.name()),
            "give one of them",
        )),
    }
}

impl Old {
    /// The flag that asks for it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Mode(mode) => mode.0.words.first().copied().unwrap_or_default().to_owned(),
            Self::Switch(name) => format!("--{name}"),
            Self::Nothing => String::new(),
        }
    }
}
