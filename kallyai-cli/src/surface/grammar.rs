//! What clap is told: all that `--help` needs, and the arguments of the command that is asked for.

use std::fmt::Write;

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Args, Command as Clap, ValueHint};

use super::expanding::{children, command, is_group};
use super::own::{self, Placing};
use super::table::{Argument, Command, Fallback, Form, GROUPS, HEADINGS, Handler, Kind};
use super::{first_generation, options};

/// The whole surface, for completions, the manual and tests.
pub(crate) fn whole() -> Clap {
    root(None)
}

/// The program; only the command of these words has its arguments.
pub(super) fn for_words(words: &[&'static str]) -> Clap {
    root(Some(words))
}

fn root(target: Option<&[&'static str]>) -> Clap {
    let version = Arg::new("version")
        .long("version")
        .short('v')
        .action(ArgAction::Version)
        .help("Print the version");
    // The summary leaves them out; the manual takes its texts for summaries.
    let old = first_generation::arguments().into_iter();
    let root = Clap::new("kallyai")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .arg_required_else_help(true)
        .override_usage(USAGE)
        .help_template(template())
        .after_long_help(examples(EXAMPLES))
        .arg(version)
        .args(old.map(|flag| flag.hide_short_help(target.is_some())));
    let root = options::Options::augment_args(root).about(ABOUT);
    let groups = HEADINGS.iter().flat_map(|(_, groups)| groups.iter());
    // The template lists them.
    root.subcommands(groups.map(|word| node(&[word], target).hide(target.is_some())))
}

const ABOUT: &str = "Phone calls, e-mail, bookings and errands by KallyAI";

const USAGE: &str =
    "kallyai [OPTIONS] <COMMAND>\n       kallyai [OPTIONS] --phone <E164> --task <TEXT>";

const EXAMPLES: &[&str] = &[
    "kallyai login",
    "kallyai ask book a table for two at Bella tomorrow at 8",
    "kallyai calls make -p +12025550199 -t \"Ask when they open\"",
    "kallyai calls history",
];

/// The commands stand by headings, as they are used, and not by letters.
fn template() -> String {
    let mut template = String::from("{about-with-newline}\n{usage-heading} {usage}\n");
    // Writing to a String cannot fail.
    for (heading, groups) in HEADINGS {
        let _ = writeln!(template, "\n\x1b[1m\x1b[4m{heading}:\x1b[0m");
        for group in *groups {
            let _ = writeln!(template, "  \x1b[1m{group:<14}\x1b[0m {}", about(&[group]));
        }
    }
    template + "\n{all-args}{after-help}"
}

fn about(words: &[&str]) -> &'static str {
    if let Some(command) = command(words) {
        return command.about;
    }
    if let Some(own) = own::find(words) {
        return own.about;
    }
    let group = GROUPS.iter().find(|(group, _)| *group == words);
    group.map_or("", |(_, about)| about)
}

fn node(words: &[&'static str], target: Option<&[&'static str]>) -> Clap {
    let name = words.last().copied().unwrap_or_default();
    let node = Clap::new(name).about(about(words));
    let wanted = target.is_none_or(|target| target.starts_with(words));
    if is_group(words) {
        let node = node.subcommand_required(true).arg_required_else_help(true);
        if !wanted {
            return node;
        }
        return node.subcommands(children(words).map(|word| {
            let mut inner = words.to_vec();
            inner.push(word);
            self::node(&inner, target)
        }));
    }
    match (wanted, command(words), own::find(words)) {
        (true, Some(command), _) => operation(node, command),
        (true, None, Some(own)) => (own.augment)(node)
            .about(own.about)
            .long_about(None)
            .after_long_help(examples(own.examples)),
        _ => node,
    }
}

fn operation(node: Clap, command: &'static Command) -> Clap {
    let unwritten = |form| matches!(form, Form::Fixed | Form::Value);
    let written = command.arguments.iter();
    let written = written.filter(|argument| !unwritten(argument.form));
    let node = node
        .long_about(details(command))
        .after_long_help(examples(command.examples))
        .args(written.map(argument));
    if command.handler == Handler::Call {
        return Placing::augment_args(node.next_help_heading(MORE))
            .about(command.about)
            .long_about(details(command));
    }
    node
}

/// What it does, and what to mind before.
fn details(command: &Command) -> String {
    format!("{}.\n\n{}", command.about, command.details)
}

fn examples(lines: &[&str]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    format!("\x1b[1m\x1b[4mExamples:\x1b[0m\n  {}", lines.join("\n  "))
}

const MORE: &str = "More options";

/// An argument of the table.
pub(super) fn argument(argument: &'static Argument) -> Arg {
    let mut arg = Arg::new(argument.name)
        .value_name(value_name(argument))
        .help(help(argument))
        .required(argument.required && argument.default.is_none());
    match argument.form {
        Form::Flag => {
            arg = arg.long(argument.name);
            if let Some(short) = argument.short {
                arg = arg.short(short);
            }
            if !argument.vendor {
                arg = arg.help_heading(MORE);
            }
            if argument.list {
                arg = arg.action(ArgAction::Append);
            }
        }
        Form::List => arg = arg.num_args(1..),
        Form::Words => arg = arg.num_args(1..).allow_negative_numbers(true),
        Form::Position | Form::Value | Form::Fixed => {}
    }
    match argument.kind {
        Kind::Switch => {
            let values = [PossibleValue::new("true"), PossibleValue::new("false")];
            arg.num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
                .value_parser(values)
                .hide_possible_values(true)
        }
        Kind::Boolean => {
            let values = [
                PossibleValue::new("true").aliases(["yes", "1"]),
                PossibleValue::new("false").aliases(["no", "0"]),
            ];
            arg.value_parser(values)
        }
        Kind::Choice(choices) => {
            arg.value_parser(clap::builder::PossibleValuesParser::new(choices))
        }
        Kind::Integer { .. } | Kind::Number => arg.allow_negative_numbers(true),
        Kind::Text if argument.name == "source" => arg.value_hint(ValueHint::FilePath),
        _ => arg,
    }
}

fn value_name(argument: &Argument) -> String {
    if argument.form != Form::Flag {
        return argument.name.to_uppercase();
    }
    let name = match argument.kind {
        Kind::Text => "TEXT",
        Kind::Switch | Kind::Boolean => "BOOL",
        Kind::Integer { .. } | Kind::Number => "N",
        Kind::Choice(_) => return argument.name.to_uppercase(),
        Kind::Json => "JSON",
        Kind::Date => "YYYY-MM-DD",
        Kind::Time => "HH:MM",
        Kind::LocalDateTime => "YYYY-MM-DDTHH:MM",
        Kind::TimeZone => "ZONE",
        Kind::Phone => "E164",
    };
    name.to_owned()
}

/// What the document says, without its last full stop, as clap has it.
fn help(argument: &Argument) -> String {
    let said = argument.help.strip_suffix('.').unwrap_or(argument.help);
    let default = match argument.default {
        None => return said.to_owned(),
        Some(Fallback::Value(value)) => format!("[default: {value}]"),
        Some(Fallback::Language) => {
            "[default: the machine's, en where that is neither en nor es]".to_owned()
        }
        Some(Fallback::TimeZone) => "[default: the machine's]".to_owned(),
    };
    format!("{said} {default}")
}
