//! The agent books its table, and is stopped before it does more; definitions are written in all dialects.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use serde_json::Value;

fn shown(example: &str, arguments: &[&str]) -> String {
    let output = Command::new(kallyai_examples::built(example).unwrap())
        .args(arguments)
        .env_clear()
        .output()
        .unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{complaints}");
    assert_eq!(complaints, "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn agent_loop_books_a_table_and_is_stopped() {
    let shown = shown("agent_loop", &[]);
    let lines: Vec<&str> = shown.lines().collect();
    let count = |beginning: &str| {
        let found = lines.iter().filter(|line| line.starts_with(beginning));
        found.count()
    };
    assert_eq!(count("Answer"), 4, "{shown}");
    assert_eq!(count("Refused"), 4, "{shown}");
    for expected in [
        "it rings a phone; it costs up to 4 credits; it cannot be taken back: yes",
        "bytes, with words of strangers",
        "this number costs more than a call",
        "what may be a phone number",
        "the session may spend 5 credits, has spent 1.",
        "this may ring phones that nobody has named",
        "Dialled     1 time(s)",
        "0 set aside",
    ] {
        assert!(shown.contains(expected), "{expected} is missing in {shown}");
    }
    for number in ["5550199", "5550100", "5550142"] {
        assert!(!shown.contains(number), "{shown}");
    }
}

#[test]
fn tool_definitions_are_json_in_every_dialect() {
    for (dialect, first) in [
        ("openai", "/0/function/name"),
        ("anthropic", "/0/name"),
        ("gemini", "/0/function_declarations/0/name"),
        ("plain", "/0/name"),
    ] {
        for arguments in [&[dialect][..], &[dialect, "--all"]] {
            let written: Value =
                serde_json::from_str(&shown("tool_definitions", arguments)).unwrap();
            assert!(
                written.pointer(first).is_some_and(Value::is_string),
                "{dialect}"
            );
        }
    }
}
