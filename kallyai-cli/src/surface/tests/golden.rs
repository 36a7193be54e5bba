//! The whole surface in a file, so that no change of it goes unnoticed.

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use clap::{Arg, Command};

use super::super::grammar::whole;

/// Set to anything, it writes the file anew.
const VARIABLE: &str = "KALLYAI_WRITE_SURFACE";

fn describe(text: &mut String, path: &str, command: &Command) {
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    writeln!(text, "{path}: {about}").unwrap();
    let inherited = |argument: &&Arg| {
        !path.contains(' ') || (!argument.is_global_set() && argument.get_id() != "help")
    };
    for argument in command.get_arguments().filter(inherited) {
        describe_argument(text, argument);
    }
    for inner in command
        .get_subcommands()
        .filter(|inner| inner.get_name() != "help")
    {
        describe(text, &format!("{path} {}", inner.get_name()), inner);
    }
}

fn describe_argument(text: &mut String, argument: &Arg) {
    let mut names: Vec<String> = argument
        .get_short()
        .map(|short| format!("-{short}"))
        .into_iter()
        .collect();
    names.extend(argument.get_long().map(|long| format!("--{long}")));
    names.extend(
        argument
            .get_visible_aliases()
            .into_iter()
            .flatten()
            .map(|long| format!("--{long}")),
    );
    let mut line = names.join("|");
    if argument.get_action().takes_values() {
        let values = argument.get_value_names().unwrap_or_default();
        let values: Vec<&str> = values.iter().map(|value| value.as_str()).collect();
        let optional = if argument.is_require_equals_set() {
            "[=]"
        } else {
            ""
        };
        write!(line, " {optional}<{}>", values.join(" ")).unwrap();
        if argument
            .get_num_args()
            .is_some_and(|range| range.max_values() > 1)
            || matches!(argument.get_action(), clap::ArgAction::Append)
        {
            line += "...";
        }
    }
    if argument.is_required_set() {
        line += " required";
    }
    let choices = argument.get_possible_values();
    let choices: Vec<&str> = choices.iter().map(|choice| choice.get_name()).collect();
    if argument.get_action().takes_values() && !choices.is_empty() {
        write!(line, " {}", choices.join("|")).unwrap();
    }
    let defaults = argument.get_default_values();
    let defaults: Vec<&str> = defaults.iter().filter_map(|value| value.to_str()).collect();
    if argument.get_action().takes_values() && !defaults.is_empty() {
        write!(line, " ({})", defaults.join(" ")).unwrap();
    }
    let help = argument
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    writeln!(text, "    {}: {help}", line.trim()).unwrap();
}

#[test]
fn the_surface_is_what_the_file_says() {
    let mut command = whole();
    command.build();
    let mut text = String::new();
    describe(&mut text, "kallyai", &command);
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/surface/surface.txt");
    if env::var_os(VARIABLE).is_some() {
        fs::write(&file, &text).unwrap();
    }
    let known = fs::read_to_string(&file).unwrap_or_default();
    let differ = text
        .lines()
        .zip(known.lines())
        .find(|(now, then)| now != then);
    assert!(
        text == known,
        "the surface is not what tests/surface/surface.txt says; if that is meant, run this test with {VARIABLE}=1. \
         The first difference: {differ:#?}"
    );
}
