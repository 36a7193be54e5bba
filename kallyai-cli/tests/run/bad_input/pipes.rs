//! Readers that go away.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use kallyai_sandbox::Sandbox;

use super::{CALL, can};
use crate::support::kallyai;

/// A pipe whose reader has gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn quiet(command: &mut Command, line: &[&str]) {
    let ran = command.args(line).stdout(closed()).output().unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!((ran.status.code(), err.as_str()), (Some(0), ""), "{line:?}");
}

#[tokio::test]
async fn a_reader_that_has_gone_is_no_failure() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    for line in [
        &["credits", "balance"][..],
        &["credits", "balance", "--human"],
        &["credits", "balance", "--plain"],
        &["credits", "balance", "--jq", "."],
        &["credits", "balance", "--jq", "repeat(1)"],
        &["credits", "balance", "--dry-run"],
        &["credits", "balance", "--dry-run", "--human"],
        &["api", "GET", "/v1/calls", "--paginate"],
        &["phone", "check", "+12025550199", "+12025550198"],
        &["auth-status"],
        &["config", "path"],
        &["config", "show"],
        &["completions", "bash"],
        &["completions", "fish"],
        &["completions", "zsh"],
        &["completions", "elvish"],
        &["completions", "powershell"],
        &["man"],
        &["--help"],
        &["-h"],
        &["help", "calls", "make"],
        &["--version"],
        &["--history"],
        &CALL,
    ]
    .into_iter()
    .filter(|line| can(line))
    {
        quiet(&mut kallyai(&sandbox), line);
    }
    // Errors have no reader, too: the exit code is what is left.
    let mut command = kallyai(&sandbox);
    let ran = command.arg("bogus").stderr(closed()).output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    let mut command = kallyai(&sandbox);
    let ran = command.arg("calls").stderr(closed()).output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
}

/// `| head -1`: more than a pipe holds, of which one line is read.
#[tokio::test]
async fn a_reader_that_has_seen_enough() {
    let sandbox = Sandbox::start().await.unwrap();
    for line in [
        &["completions", "bash"][..],
        &["completions", "zsh"],
        &["credits", "balance", "--jq", "repeat(\"a line\")"],
    ]
    .into_iter()
    .filter(|line| can(line))
    {
        let mut child = kallyai(&sandbox)
            .args(line)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::with_capacity(64, out)
            .read_line(&mut first)
            .unwrap();
        assert!(!first.is_empty());
        let ran = child.wait_with_output().unwrap();
        let err = String::from_utf8(ran.stderr).unwrap();
        assert_eq!((ran.status.code(), err.as_str()), (Some(0), ""), "{line:?}");
    }
}

#[tokio::test]
async fn streams_end_with_their_reader() {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    // Numbers, one after another.
    let mut child = kallyai(&sandbox)
        .args(["phone", "check"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, mut out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    writeln!(stdin, "+12025550199").unwrap();
    assert_eq!(out.read(&mut [0]).unwrap(), 1);
    drop(out);
    // It may have gone before the last is written.
    while writeln!(stdin, "+12025550199").is_ok() {}
    let ran = child.wait_with_output().unwrap();
    assert_eq!((ran.status.code(), ran.stderr.len()), (Some(0), 0));

    // Inbound calls, as they come.
    let ran = kallyai(&sandbox)
        .args(["inbound", "watch"])
        .stdout(closed())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    crate::inbound::listened_to(&sandbox, 1).await;
    sandbox.ring("+12025550142", ["Are you open?"]).unwrap();
    let ran = ran.wait_with_output().unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!((ran.status.code(), err.as_str()), (Some(0), ""));
}
