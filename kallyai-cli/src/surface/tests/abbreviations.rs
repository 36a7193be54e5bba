//! Shortened flags.

use super::super::expanding::{Expanded, expand};
use super::super::first_generation;
use super::super::options::{GLOBAL, Options};
use super::super::refusal::Refusal;
use super::super::table::{COMMANDS, Form, Kind};
use super::{refused, understood, wanted};

fn expanded(words: &[&str], flag: &str) -> Result<Expanded, Refusal> {
    let mut line: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    line.push(flag.to_owned());
    expand(line)
}

#[test]
fn every_flag_of_the_published_command_goes_by_every_prefix_that_no_other_has() {
    let mut tried = 0;
    for command in COMMANDS {
        let flags = command
            .arguments
            .iter()
            .filter(|argument| argument.form == Form::Flag);
        let vendor: Vec<&str> = flags
            .clone()
            .filter(|argument| argument.vendor)
            .map(|argument| argument.name)
            .chain(["help"])
            .collect();
        for name in &vendor {
            for end in 1..name.len() {
                let prefix = &name[..end];
                if flags.clone().any(|flag| flag.name == prefix) {
                    continue;
                }
                let near: Vec<&&str> = vendor
                    .iter()
                    .filter(|other| other.starts_with(prefix))
                    .collect();
                let words = command.words;
                match expanded(words, &format!("--{prefix}")) {
                    Ok(line) => {
                        assert_eq!(near, [name], "{words:?} --{prefix}");
                        assert_eq!(line.arguments.last().unwrap(), &format!("--{name}"));
                    }
                    Err(Refusal::Usage(usage)) => {
                        assert!(near.len() > 1, "{words:?} --{prefix}: {usage}");
                        for name in near {
                            assert!(usage.message.contains(&format!("--{name}")), "{usage}");
                        }
                    }
                    Err(other) => panic!("{other:?}"),
                }
                let line = expanded(words, &format!("--{prefix}=x"));
                assert_eq!(
                    line.is_ok(),
                    vendor.iter().filter(|n| n.starts_with(prefix)).count() == 1
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried} prefixes were tried");
}

#[test]
fn flags_of_ours_need_their_full_spelling_and_are_in_nobodys_way() {
    for command in COMMANDS {
        let ours = command
            .arguments
            .iter()
            .filter(|argument| argument.form == Form::Flag);
        let ours: Vec<&str> = ours
            .filter(|argument| !argument.vendor)
            .map(|a| a.name)
            .collect();
        for name in ours
            .iter()
            .copied()
            .chain(GLOBAL.iter().map(|(name, _)| *name))
        {
            let vendor = command.arguments.iter().filter(|argument| argument.vendor);
            for flag in vendor.chain(command.arguments.iter().filter(|a| a.form == Form::Fixed)) {
                assert!(
                    name == flag.name || !flag.name.starts_with(name),
                    "--{name} of ours takes a prefix of --{} in {:?}",
                    flag.name,
                    command.words
                );
            }
        }
    }
    let (message, _) = refused(&["calls", "history", "--jso"]);
    assert!(message.contains("--jso"), "{message}");
    // --time-preference-text and --timeout are ours; --time is the published command's, and so is --timezone.
    let line = [
        "calls",
        "make",
        "-p",
        "+12025550199",
        "-t",
        "Ask when they open",
    ];
    let with = |flag: &[&'static str]| [&line[..], flag].concat();
    let zone = wanted(&with(&["--timez", "Asia/Tokyo"]));
    assert_eq!(zone.arguments["timezone"], "Asia/Tokyo");
    let (message, _) = refused(&with(&["--tim", "20:00"]));
    assert_eq!(message, "--tim could be --time or --timezone");
    assert_eq!(
        understood(&with(&["--timeout", "9"])).options.timeout,
        Some(9)
    );
}

#[test]
fn the_list_of_global_flags_is_what_clap_has() {
    let command = <Options as clap::Args>::augment_args(clap::Command::new("x"));
    let known: Vec<(&str, bool)> = command
        .get_arguments()
        .map(|argument| {
            (
                argument.get_long().unwrap(),
                argument.get_action().takes_values(),
            )
        })
        .collect();
    assert_eq!(known, GLOBAL);
}

#[test]
fn what_every_command_takes_may_stand_anywhere() {
    for line in [
        ["--json", "--timeout", "3", "calls", "history"],
        ["calls", "--json", "--timeout", "3", "history"],
        ["calls", "history", "--timeout", "3", "--json"],
    ] {
        let options = understood(&line).options;
        assert!(options.json, "{line:?}");
        assert_eq!(options.timeout, Some(3), "{line:?}");
    }
}

#[test]
fn a_value_is_never_taken_for_a_word_or_a_flag() {
    // The value of a global flag that is the name of a command.
    let wanted_ = wanted(&["--profile", "calls", "coord", "goal", "g_1"]);
    assert_eq!(wanted_.command.words, ["coord", "goal"]);
    // A text that begins with a dash, as a list does.
    let line = [
        "calls",
        "make",
        "-p",
        "+12025550199",
        "--task",
        "--time to ask when they open",
    ];
    let task = wanted(&line).arguments["submission"]["task_description"].clone();
    assert_eq!(task, "--time to ask when they open");
    // What follows two dashes is words.
    let message = wanted(&["ask", "--", "--human", "is", "a", "flag"]).arguments["message"].clone();
    assert_eq!(message, "--human is a flag");
}

#[test]
fn switches_take_no_word_along() {
    let flags = COMMANDS.iter().flat_map(|command| command.arguments);
    assert!(flags.filter(|flag| flag.kind == Kind::Switch).count() > 4);
    let line = ["channels", "email-add", "--primary", "jo@example.com"];
    assert_eq!(wanted(&line).arguments["email_address"], "jo@example.com");
}

#[test]
fn every_flag_of_the_first_generation_goes_by_every_prefix_that_no_other_has() {
    // Names in one line are one flag.
    let flags: Vec<Vec<&str>> = first_generation::modes()
        .flat_map(|mode| {
            let beside = mode.flags().map(|flag| vec![flag.name]);
            let named = mode.is_named().then(|| mode.names().collect());
            beside.chain(named).collect::<Vec<_>>()
        })
        .chain(first_generation::SWITCHES.iter().map(|name| vec![*name]))
        .chain(["help", "version", "human"].map(|name| vec![name]))
        .collect();
    assert_eq!(flags.len(), 21, "{flags:?}");
    for name in flags.iter().flatten() {
        for end in 1..name.len() {
            let prefix = &name[..end];
            if flags.iter().flatten().any(|other| *other == prefix) {
                continue;
            }
            let near = flags
                .iter()
                .filter(|names| names.iter().any(|name| name.starts_with(prefix)))
                .count();
            match expanded(&[], &format!("--{prefix}")) {
                Ok(line) => {
                    assert_eq!(near, 1, "--{prefix}");
                    let full = line.arguments[0].trim_start_matches('-').to_owned();
                    let same = flags
                        .iter()
                        .any(|names| names.contains(name) && names.contains(&full.as_str()));
                    assert!(same, "--{prefix} became --{full}");
                }
                Err(_) => assert!(near > 1, "--{prefix}"),
            }
        }
    }
}
