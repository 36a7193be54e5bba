//! Takes the values of a command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgMatches, FromArgMatches};
use serde_json::{Map, Value};

use super::expanding::{Expanded, command, expand};
use super::first_generation::{self, Mode, Old};
use super::grammar;
use super::invocation::{Asked, Invocation, Wanted};
use super::machine::Machine;
use super::options::Options;
use super::own::{self, Placing};
use super::refusal::{Refusal, Usage};
use super::table::{Argument, Command, Fallback, Form, Handler};
use super::values;

/// Understands the arguments that follow the program's name.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    machine: Machine,
) -> Result<Invocation, Refusal> {
    let mut texts = Vec::new();
    for (index, argument) in arguments.into_iter().enumerate() {
        let text = argument.into_string().map_err(|_| {
            Refusal::usage(
                format!("argument {} is no UTF-8", index + 1),
                "write it in UTF-8",
            )
        })?;
        texts.push(text);
    }
    let expanded = expand(texts)?;
    let words = expanded.words.join(" ");
    understood(expanded, machine).map_err(|refusal| refusal.with_help_of(&words))
}

fn understood(expanded: Expanded, machine: Machine) -> Result<Invocation, Refusal> {
    let program = std::iter::once("kallyai".to_owned());
    let matches = grammar::for_words(&expanded.words)
        .try_get_matches_from(program.chain(expanded.arguments))?;
    let options = Options::from_arg_matches(&deepest(&matches))?;
    let asked = asked(&matches, machine)?;
    Ok(Invocation { options, asked })
}

/// The matches of the command itself: what every command takes is there wherever it was written.
fn deepest(matches: &ArgMatches) -> ArgMatches {
    let mut matches = matches;
    while let Some((_, inner)) = matches.subcommand() {
        matches = inner;
    }
    matches.clone()
}

fn asked(root: &ArgMatches, machine: Machine) -> Result<Asked, Refusal> {
    let old = first_generation::asked(root)?;
    let mut words = Vec::new();
    let mut matches = root;
    while let Some((word, inner)) = matches.subcommand() {
        words.push(word);
        matches = inner;
        if let Some(own) = own::find(&words) {
            alone(&old, &words)?;
            return Ok((own.read)(matches)?);
        }
    }
    if let Some(command) = command(&words) {
        alone(&old, &words)?;
        let arguments = fill(command, matches, machine)?;
        let wanted = Wanted {
            command,
            arguments,
            first_generation: false,
        };
        return ours(wanted, matches);
    }
    match old {
        Old::Mode(mode) => mode_asked(mode, matches, machine),
        Old::Switch("login") => Ok(Asked::Login(own::Login::default())),
        Old::Switch("logout") => Ok(Asked::Logout),
        Old::Switch(_) => Ok(Asked::AuthStatus),
        Old::Nothing => Err(Refusal::Usage(Usage {
            message: "there is no command".to_owned(),
            hint: Some("kallyai --help lists them".to_owned()),
        })),
    }
}

/// A flag that stands for a command goes with no command.
fn alone(old: &Old, words: &[&str]) -> Result<(), Refusal> {
    if let Old::Nothing = old {
        return Ok(());
    }
    Err(Refusal::usage(
        format!(
            "{} is a command of its own, and cannot go with {}",
            old.name(),
            words.join(" ")
        ),
        "give one of them",
    ))
}

fn ours(wanted: Wanted, matches: &ArgMatches) -> Result<Asked, Refusal> {
    Ok(match wanted.command.handler {
        Handler::Request => Asked::Operation(wanted),
        Handler::Call if wanted.first_generation => Asked::Call {
            wanted,
            wait: None,
            key: None,
        },
        Handler::Call => {
            let placing = Placing::from_arg_matches(matches)?;
            Asked::Call {
                wanted,
                wait: placing.wait(),
                key: placing.idempotency_key,
            }
        }
        Handler::Import => match file(&wanted) {
            Some(file) => Asked::ImportContacts(file),
            None => Asked::Operation(wanted),
        },
        Handler::Credentials => Asked::Credentials(wanted),
        Handler::Portal => Asked::Portal(wanted),
    })
}

/// The contacts' file, if the source is one: it is there, or its name can only be a file's.
fn file(wanted: &Wanted) -> Option<PathBuf> {
    let source = wanted.arguments.get("source")?.as_str()?;
    let path = PathBuf::from(source);
    (path.extension().is_some() || path.components().count() > 1 || path.is_file()).then_some(path)
}

fn mode_asked(mode: Mode, matches: &ArgMatches, machine: Machine) -> Result<Asked, Refusal> {
    let missing: Vec<String> = mode
        .flags()
        .filter(|flag| flag.required && flag.default.is_none() && !matches.contains_id(flag.name))
        .map(Argument::written)
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::usage(
            format!("{} is missing", missing.join(", ")),
            "a call needs --phone and --task",
        ));
    }
    let command = mode.0;
    let mut arguments = fill(command, matches, machine)?;
    if let (Some(argument), Some(name)) = (mode.value(), mode.names().next()) {
        let value = matches.get_one::<String>(name).map_or("", String::as_str);
        put(argument, &values::read(argument, value)?, &mut arguments);
    }
    ours(
        Wanted {
            command,
            arguments,
            first_generation: true,
        },
        matches,
    )
}

/// Fills the arguments of the operation.
fn fill(
    command: &Command,
    matches: &ArgMatches,
    machine: Machine,
) -> Result<Map<String, Value>, Refusal> {
    let mut filled = Map::new();
    for argument in command.arguments {
        if let Some(value) = value(argument, matches, machine)? {
            put(argument, &value, &mut filled);
        }
    }
    Ok(filled)
}

fn put(argument: &Argument, value: &Value, filled: &mut Map<String, Value>) {
    for path in argument.feeds {
        values::put(filled, path, value.clone());
    }
}

fn value(
    argument: &Argument,
    matches: &ArgMatches,
    machine: Machine,
) -> Result<Option<Value>, Refusal> {
    let mut written: Vec<&String> = Vec::new();
    if !matches!(argument.form, Form::Fixed | Form::Value) {
        written.extend(
            matches
                .get_many::<String>(argument.name)
                .into_iter()
                .flatten(),
        );
    }
    if argument.list && !written.is_empty() {
        let values = written.iter().map(|text| values::read(argument, text));
        return Ok(Some(Value::Array(values.collect::<Result<_, _>>()?)));
    }
    let words: Vec<&str> = written.iter().map(|text| text.as_str()).collect();
    let text = match argument.default {
        _ if !words.is_empty() => words.join(" "),
        None => return Ok(None),
        Some(Fallback::Value(value)) => value.to_owned(),
        Some(Fallback::Language) => machine.language().to_owned(),
        Some(Fallback::TimeZone) => machine.time_zone().ok_or_else(no_time_zone)?,
    };
    values::read(argument, &text).map(Some)
}

fn no_time_zone() -> Refusal {
    Refusal::usage(
        "this machine does not say its time zone",
        "give it: kallyai calls make --timezone Europe/Madrid",
    )
}
