//! Reads the words of a command line, and completes its shortened flags.
//!
//! A flag of the published command may be shortened as long as no other one of that command starts so. Flags of
//! ours need their full spelling, and are never in the way.

use std::collections::VecDeque;

use super::first_generation;
use super::options::GLOBAL;
use super::own;
use super::refusal::Refusal;
use super::table::{Argument, COMMANDS, Command, Form, Kind};

/// A command line in full spelling.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The words of the command, as far as there is one.
    pub(super) words: Vec<&'static str>,
    /// All arguments, without the program's name.
    pub(super) arguments: Vec<String>,
}

/// A flag as far as it matters here.
#[derive(Debug, Clone, Copy)]
struct Flag {
    long: &'static str,
    short: Option<char>,
    valued: bool,
    vendor: bool,
    /// Names with the same number are one flag.
    same: usize,
}

pub(super) fn expand(arguments: Vec<String>) -> Result<Expanded, Refusal> {
    let mut expanded = Expanded::default();
    let mut rest = VecDeque::from(arguments);
    let mut flags = root_flags();
    let mut leaf = false;
    while let Some(argument) = rest.pop_front() {
        if argument == "--" || (leaf && flags.is_empty()) {
            expanded.arguments.push(argument);
            expanded.arguments.extend(rest);
            break;
        }
        if let Some(long) = argument.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            let Some(flag) = find(&flags, name)? else {
                expanded.arguments.push(argument);
                continue;
            };
            let full = flag.long;
            match value {
                Some(value) => expanded.arguments.push(format!("--{full}={value}")),
                None => push(&mut expanded, flag, format!("--{full}"), &mut rest),
            }
        } else if let Some(short) = short(&argument) {
            let flag = flags.iter().find(|flag| flag.short == Some(short)).copied();
            match flag {
                Some(flag) if argument.len() == 1 + short.len_utf8() => {
                    push(&mut expanded, flag, argument, &mut rest);
                }
                _ => expanded.arguments.push(argument),
            }
        } else {
            if !leaf && argument != "help" {
                let Some(word) = child(&expanded.words, &argument) else {
                    // clap says what there is.
                    expanded.arguments.push(argument);
                    expanded.arguments.extend(rest);
                    break;
                };
                expanded.words.push(word);
                leaf = !is_group(&expanded.words);
                flags = flags_of(&expanded.words);
            }
            expanded.arguments.push(argument);
        }
    }
    Ok(expanded)
}

/// Takes the value of a flag along. Some begin like a flag, and are none: negative numbers, and a text whose first
/// word is a dash.
fn push(expanded: &mut Expanded, flag: Flag, written: String, rest: &mut VecDeque<String>) {
    let value = if flag.valued { rest.pop_front() } else { None };
    match value {
        Some(value) if value.starts_with('-') && value.contains(char::is_whitespace) => {
            expanded.arguments.push(format!("{written}={value}"));
        }
        Some(value) => expanded.arguments.extend([written, value]),
        None => expanded.arguments.push(written),
    }
}

fn short(argument: &str) -> Option<char> {
    let short = argument.strip_prefix('-')?.chars().next()?;
    (!short.is_ascii_digit()).then_some(short)
}

/// The flag of a spelling: exact, or the one of the published command that starts so.
fn find(flags: &[Flag], name: &str) -> Result<Option<Flag>, Refusal> {
    if let Some(exact) = flags.iter().find(|flag| flag.long == name) {
        return Ok(Some(*exact));
    }
    let near: Vec<Flag> = flags
        .iter()
        .filter(|flag| flag.vendor && !name.is_empty() && flag.long.starts_with(name))
        .copied()
        .collect();
    let Some((first, others)) = near.split_first() else {
        return Ok(None);
    };
    if others.iter().all(|other| other.same == first.same) {
        return Ok(Some(*first));
    }
    let names: Vec<String> = near.iter().map(|flag| format!("--{}", flag.long)).collect();
    Err(Refusal::usage(
        format!("--{name} could be {}", names.join(" or ")),
        "write one of them in full",
    ))
}

/// The words that may come next.
pub(super) fn children(words: &[&str]) -> impl Iterator<Item = &'static str> {
    let commands = COMMANDS.iter().map(|command| command.words);
    let all = commands.chain(own::OWN.iter().map(|own| own.words));
    let depth = words.len();
    let mut next: Vec<&'static str> = Vec::new();
    for candidate in all.filter(|candidate| candidate.starts_with(words)) {
        if let Some(word) = candidate.get(depth)
            && !next.contains(word)
        {
            next.push(word);
        }
    }
    next.into_iter()
}

fn child(words: &[&str], word: &str) -> Option<&'static str> {
    children(words).find(|child| *child == word)
}

pub(super) fn is_group(words: &[&str]) -> bool {
    children(words).next().is_some()
}

pub(super) fn command(words: &[&str]) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.words == words)
}

fn own_flag(
    long: &'static str,
    short: Option<char>,
    valued: bool,
    vendor: bool,
    same: usize,
) -> Flag {
    Flag {
        long,
        short,
        valued,
        vendor,
        same,
    }
}

/// The flags of every command; before the command, `--human` is the published one's.
fn globals(vendor: bool) -> impl Iterator<Item = Flag> {
    let global = move |(same, (long, valued)): (usize, &(&'static str, bool))| {
        own_flag(long, None, *valued, vendor && *long == "human", same)
    };
    GLOBAL.iter().enumerate().map(global)
}

/// Where the numbers of other flags begin.
const HELP: usize = 100;
const FIRST: usize = 200;

fn of_argument((same, argument): (usize, &'static Argument)) -> Flag {
    let valued = argument.kind != Kind::Switch;
    own_flag(
        argument.name,
        argument.short,
        valued,
        argument.vendor,
        FIRST + same,
    )
}

fn flags_of(words: &[&str]) -> Vec<Flag> {
    let Some(command) = command(words) else {
        // A group, or a command of ours whose flags are clap's business.
        return if is_group(words) {
            globals(false)
                .chain([own_flag("help", Some('h'), false, true, HELP)])
                .collect()
        } else {
            Vec::new()
        };
    };
    let flags = command
        .arguments
        .iter()
        .filter(|argument| argument.form == Form::Flag);
    let help = own_flag("help", Some('h'), false, true, HELP);
    globals(false)
        .chain([help])
        .chain(flags.enumerate().map(of_argument))
        .collect()
}

fn root_flags() -> Vec<Flag> {
    let mut flags: Vec<Flag> = globals(true).collect();
    flags.push(own_flag("help", Some('h'), false, true, HELP));
    flags.push(own_flag("version", Some('v'), false, true, HELP + 1));
    let switches = first_generation::SWITCHES.iter().enumerate();
    flags.extend(switches.map(|(same, long)| own_flag(long, None, false, true, HELP + 2 + same)));
    for (same, mode) in first_generation::modes().enumerate() {
        let same = FIRST + FIRST * same;
        let call = mode.flags().enumerate().map(|(n, argument)| {
            let flag = of_argument((0, argument));
            Flag {
                same: same + n,
                ..flag
            }
        });
        flags.extend(call);
        if mode.is_named() {
            let named = mode.names();
            flags
                .extend(named.map(|long| own_flag(long, None, mode.value().is_some(), true, same)));
        }
    }
    flags
}
