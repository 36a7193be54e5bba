//! Who reads standard input, and that nobody else waits for it.

use std::process::Stdio;

use kallyai_sandbox::Sandbox;

use super::CALL;
use crate::support::{Printed, Running, fed, kallyai};

/// All commands that read standard input, and what they are given here.
const READERS: &[(&[&str], &str)] = &[
    (&["chat"], "hello\n"),
    (
        &["channels", "connect", "telegram"],
        "{\"bot_token\": \"1:x\"}",
    ),
    (
        &["channels", "test", "telegram"],
        "{\"bot_token\": \"1:x\"}",
    ),
    (
        &["api", "POST", "/v1/search", "--input", "-"],
        "{\"query\": \"a florist\"}",
    ),
    (&["phone", "check"], "+12025550199\n"),
    (&["phone", "check", "-"], "+12025550199\n"),
];

#[tokio::test]
async fn those_that_read_end_with_it() {
    let sandbox = Sandbox::start().await.unwrap();
    for (line, input) in READERS {
        let ran = fed(kallyai(&sandbox).args(*line), input);
        assert_eq!(ran.status.code(), Some(0), "{line:?}: {}", ran.err());
        assert!(!ran.out().is_empty(), "{line:?}");
    }
    // MCP and imports of contacts from a pipe are read as they come, too.
    let ran = fed(kallyai(&sandbox).arg("mcp"), "");
    assert_ne!(ran.status.code(), None, "{}", ran.err());
}

#[tokio::test]
async fn what_they_read_can_be_nonsense() {
    let sandbox = Sandbox::start().await.unwrap();
    for input in [
        &b"{\"canary\": 1,}"[..],
        b"[\"canary\"]",
        b"\"canary\"",
        b"can\xffary",
        b"{} {}",
    ] {
        for line in [READERS[1].0, READERS[2].0, READERS[3].0] {
            let ran = fed(kallyai(&sandbox).args(line), input);
            let code = ran.status.code().unwrap();
            assert!([1, 2].contains(&code), "{line:?}: {code}");
            let error = super::told(&ran);
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }
    let ran = fed(kallyai(&sandbox).args(["phone", "check"]), b"can\xffary\n");
    assert_eq!(super::told(&ran)["code"], "invalid_input");
    let ran = fed(kallyai(&sandbox).arg("chat"), b"can\xffary\n");
    assert_eq!(super::told(&ran)["code"], "invalid_input");
    assert!(sandbox.journal().is_empty());
}

/// Every other command, with an open pipe that says nothing: one that read it would never end.
#[tokio::test]
async fn nobody_else_waits_for_it() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    let rows = include_str!("../../surface/rows.tsv").lines().skip(1);
    let rows = rows.map(|row| serde_json::from_str(row.split('\t').next().unwrap()).unwrap());
    let mut lines: Vec<Vec<String>> = rows.collect();
    let reads = |line: &Vec<String>| {
        let credentials = line.first().is_some_and(|word| word == "channels");
        credentials && line.iter().any(|word| word == "connect" || word == "test")
    };
    lines.retain(|line| !reads(line));
    let own: &[&[&str]] = &[
        &["auth-status"],
        &["logout", "--token-file", "t.json"],
        &["config", "path"],
        &["config", "show"],
        &["completions", "bash"],
        &["man"],
        &["phone", "check", "+12025550199"],
        &["api", "GET", "/v1/calls"],
        &["api", "POST", "/v1/search", "-f", "query=a florist"],
        &["calls", "watch", "c_1"],
        &["coord", "watch", "g_1"],
        &["inbound", "import-contacts", "missing.csv"],
        &["--help"],
        &[],
        &CALL,
    ];
    lines.extend(
        own.iter()
            .map(|line| line.iter().map(|word| (*word).to_owned()).collect()),
    );
    assert!(lines.len() > 100);
    for line in lines {
        let mut child = kallyai(&sandbox)
            .args(&line)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let open = child.stdin.take();
        let ended = child.wait().unwrap();
        assert!(ended.code().is_some(), "{line:?}");
        drop(open);
    }
}

#[tokio::test]
async fn where_nobody_can_be_asked_nobody_is() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    let mut command = kallyai(&sandbox);
    command.env("KALLYAI_CONFIRM", "always");
    let running = Running::start(command.args(CALL));
    let (status, out, err) = running.end();
    assert_eq!((status.code(), out), (Some(2), vec![]));
    assert!(err.contains("--yes"), "{err}");
    assert!(sandbox.journal().is_empty());
}
