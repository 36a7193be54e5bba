//! The examples of `#[derive(CallTask)]` call whom they should, and show no number.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

fn run(example: &str, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    let output = Command::new(kallyai_examples::built(example).unwrap())
        .args(arguments)
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("TMPDIR", home.path())
        .output()
        .unwrap();
    assert!(std::fs::read_dir(home.path()).unwrap().next().is_none());
    output
}

fn shown(example: &str, arguments: &[&str]) -> String {
    let output = run(example, arguments);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    assert_eq!(complaints, "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn restaurant_task_books_a_table() {
    let shown = shown(
        "restaurant_task",
        &["--party-size", "6", "--wish", "a high chair"],
    );
    for expected in [
        "Italian Bistro, E164(+1..99)",
        "Reserve a table for 6 on ",
        " at 20:00, by the window if there is one",
        "            a high chair",
        "Call        success",
    ] {
        assert!(shown.contains(expected), "{expected} is missing in {shown}");
    }
    assert!(!shown.contains("5550199"), "{shown}");
}

#[test]
fn restaurant_task_says_what_is_wrong() {
    let output = run("restaurant_task", &["--party-size", "51"]);
    assert!(!output.status.success());
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(complaints.starts_with("error: "), "{complaints}");
    assert!(complaints.contains("calls_create"), "{complaints}");
}

#[test]
fn clinic_batch_calls_those_that_can_be_called() {
    let shown = shown("clinic_batch", &[]);
    let rows: Vec<&str> = shown.lines().collect();
    for (row, number, result) in [
        (1, "..51", "success"),
        (2, "..02", "busy"),
        (3, "..01", "no_answer"),
        (4, "..98", "phone: the phone number does not start with +"),
        (5, "..27", "blocked_number"),
    ] {
        let line: &str = rows[row];
        assert!(line.starts_with(&row.to_string()), "{shown}");
        assert!(line.contains(number) && line.contains(result), "{shown}");
    }
    assert!(shown.contains("Dialled     3 of 5"), "{shown}");
    for number in ["5550151", "5550102", "5550101", "555-0198", "5550127"] {
        assert!(!shown.contains(number), "{shown}");
    }
}
