//! Completions and the manual.

use std::fs;
use std::process::Command;

use clap::ValueEnum;
use clap_complete::Shell;

use super::super::table::COMMANDS;
use super::super::{completions, manual, manual_pages};

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    completions(shell, &mut script).unwrap();
    String::from_utf8(script).unwrap()
}

#[test]
fn every_shell_completes_every_flag() {
    for shell in Shell::value_variants() {
        let script = script(*shell);
        for name in [
            "batch-archive",
            "party-size",
            "whatsapp",
            "no-wait",
            "auth-status",
        ] {
            assert!(script.contains(name), "{shell}: {name}");
        }
    }
}

#[test]
fn shells_that_are_here_can_read_theirs() {
    let directory = tempfile::tempdir().unwrap();
    let mut read = 0;
    for (shell, program, flags) in [
        (Shell::Bash, "bash", &["-n"][..]),
        (Shell::Zsh, "zsh", &["-n"]),
        (Shell::Fish, "fish", &["--no-execute"]),
    ] {
        let file = directory.path().join(program);
        fs::write(&file, script(shell)).unwrap();
        match Command::new(program).args(flags).arg(&file).output() {
            Ok(output) => {
                assert!(output.status.success(), "{program}: {output:?}");
                read += 1;
            }
            Err(error) => eprintln!("{program} is not here: {error}"),
        }
    }
    assert!(read > 0 || cfg!(not(unix)), "there is no shell");
}

#[test]
fn every_command_has_a_page() {
    let directory = tempfile::tempdir().unwrap();
    manual_pages(directory.path()).unwrap();
    for command in COMMANDS {
        let name = format!("kallyai-{}.1", command.words.join("-"));
        let page = fs::read_to_string(directory.path().join(&name)).unwrap();
        assert!(
            page.contains("SYNOPSIS") && page.contains("DESCRIPTION"),
            "{name}: {page}"
        );
        assert!(!page.contains('\x1b'), "{name}: {page}");
    }
    let mut first = Vec::new();
    manual(&mut first).unwrap();
    let first = String::from_utf8(first).unwrap();
    assert!(
        first.contains("kallyai\\-calls") && !first.contains('\x1b'),
        "{first}"
    );
}
