//! many_accounts and headless refresh once an account, and leave nothing behind.

#![allow(clippy::unwrap_used)]

use std::process::Command;

fn shown(example: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(kallyai_examples::built(example).unwrap())
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("TMPDIR", home.path())
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    assert_eq!(complaints, "");
    assert!(std::fs::read_dir(home.path()).unwrap().next().is_none());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn many_accounts_refreshes_each_once() {
    let shown = shown("many_accounts");
    assert!(shown.contains("work        200 credits"), "{shown}");
    assert!(shown.contains("home        200 credits"), "{shown}");
    assert!(shown.contains("1 for work, 1 for home"), "{shown}");
}

#[test]
fn headless_refreshes_once_for_all_tasks() {
    let shown = shown("headless");
    assert!(shown.contains("Answers     100"), "{shown}");
    assert!(shown.contains("Refreshes   1\n"), "{shown}");
}

#[test]
fn headless_says_how_to_sign_in() {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(kallyai_examples::built("headless").unwrap())
        .arg("--live")
        .env_clear()
        .env("HOME", home.path())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        complaints.contains("nobody is signed in") && complaints.contains("auth::CliLogin"),
        "{complaints}"
    );
}
