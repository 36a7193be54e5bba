//! Command lines that lead nowhere.

use kallyai_sandbox::Sandbox;
use serde_json::Value;

use super::{CALL, NUMBER, TASK, call_with, fails, refused};
use crate::support::{Printed, kallyai};

#[tokio::test]
async fn what_there_is_not() {
    let sandbox = Sandbox::start().await.unwrap();
    for line in [
        &["bogus"][..],
        &["calls", "bogus"],
        &["calls", "make"],
        &["calls", "make", "--bogus"],
        &["calls", "history", "extra"],
        &["calls", "history", "--", "extra"],
        &["--bogus"],
        &["--json"],
        &["-p"],
        &["-p", "+12025550199"],
        &["--call-info"],
        &["--login", "--logout"],
        &["--usage", "calls", "history"],
        &["ask"],
        &["ask", "--not-a-flag"],
        &["ask", "-x"],
        &["config", "bogus"],
        &["login", "extra"],
        // Flags of ours are not to be shortened.
        &["calls", "history", "--js"],
        &["calls", "history", "--pla"],
        &["calls", "history", "--dry-"],
        &["calls", "history", "--ye"],
        &["calls", "history", "--base", "x"],
        // What does not go together, and what is given twice.
        &["calls", "history", "--json", "--human"],
        &["calls", "history", "--json", "--plain"],
        &["calls", "history", "--jq", ".", "--plain"],
        &["calls", "history", "--jq", ".", "--human"],
        &call_with(&["--wait", "--no-wait"]),
        &call_with(&["--no-wait", "--idempotency-key", "k"]),
        &call_with(&["-p", "+12025550199"]),
        &["api", "POST", "/v1/search", "--input", "-", "-f", "a=b"],
    ] {
        refused_either_way(&sandbox, line);
    }
}

/// People get two lines, programs a document.
fn refused_either_way(sandbox: &Sandbox, line: &[&str]) {
    let human = line.contains(&"--human") && !line.contains(&"--json");
    let format = line
        .iter()
        .any(|word| ["--json", "--plain", "--jq", "--human"].contains(word));
    let ran = kallyai(sandbox).args(line).output().unwrap();
    assert_eq!(ran.status.code(), Some(2), "{line:?}: {}", ran.err());
    if human {
        two_lines(&ran.err());
    } else if !line.contains(&"--plain") {
        super::told(&ran);
    }
    if !format {
        let ran = kallyai(sandbox).arg("--human").args(line).output().unwrap();
        assert_eq!(ran.status.code(), Some(2), "{line:?}: {}", ran.err());
        two_lines(&ran.err());
    }
    assert!(sandbox.journal().is_empty(), "{line:?}");
}

fn two_lines(err: &str) {
    let lines: Vec<&str> = err.lines().collect();
    assert_eq!(lines.len(), 2, "{err}");
    assert!(lines[0].starts_with("error: "), "{err}");
    assert!(lines[1].starts_with("hint: "), "{err}");
}

#[tokio::test]
async fn what_is_typed_is_not_repeated() {
    let sandbox = Sandbox::start().await.unwrap();
    let unquoted = TASK.split(' ').collect::<Vec<_>>();
    for line in [
        &[&["calls", "make", "-p", NUMBER, "-t"], &unquoted[..]].concat()[..],
        &["calls", NUMBER],
        &[NUMBER],
        &[TASK],
        &["calls", "make", TASK],
        &["calls", "info", "c_1", NUMBER],
        &["calls", "make", "--category", TASK],
        &["calls", "make", &format!("--taks={TASK}")],
        &[
            "calls",
            "make",
            &format!("-p{NUMBER}"),
            &format!("-t{TASK}"),
            &format!("-x{NUMBER}"),
        ],
        &["calls", "history", "--limit", NUMBER],
        &["calls", "history", "--timeout", &format!("{NUMBER}s")],
        &["channels", "connect", TASK],
        &["api", "POST", "/v1/search", "-F", &format!("a={TASK}")],
        &["api", "POST", "/v1/search", "-f", TASK],
        &["api", TASK, "/v1/search"],
        &["api", "GET", TASK],
        &["api", "GET", &format!("/v1/{NUMBER}/../x")],
        &["completions", TASK],
        &["mcp", "--http", TASK],
        &["mcp", "--numbers", TASK],
    ] {
        let ran = kallyai(&sandbox).args(line).output().unwrap();
        let (err, code) = (ran.err(), ran.status.code());
        assert_eq!(code, Some(2), "{line:?}: {err}");
        for secret in [&NUMBER[1..], "Marguerite", "canary"] {
            assert!(!err.contains(secret), "{line:?}: {err}");
        }
        super::told(&ran);
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn two_dashes_end_the_flags() {
    let sandbox = Sandbox::start().await.unwrap();
    let asked = |line: &[&str]| -> Value {
        let ran = kallyai(&sandbox)
            .args(line)
            .args(["--dry-run"])
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(0), "{line:?}: {}", ran.err());
        ran.json()
    };
    let dry = |line: &[&str]| -> Value {
        let mut command = kallyai(&sandbox);
        let ran = command.args(["--dry-run"]).args(line).output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{line:?}: {}", ran.err());
        ran.json()["body"].clone()
    };
    assert_eq!(
        dry(&["ask", "--", "--human", "-x"])["message"],
        "--human -x"
    );
    assert_eq!(dry(&["ask", "--", "--yes"])["message"], "--yes");
    let task = "--date is the flag you want";
    let mut line = CALL.to_vec();
    line[5] = task;
    assert_eq!(dry(&line)["submission"]["task_description"], task);
    assert_eq!(
        asked(&["ask", "-5", "degrees"])["body"]["message"],
        "-5 degrees"
    );
    // What follows is a number, and the flag that is in it asks for nothing.
    refused(&sandbox, &["phone", "verify-start", "--", "--dry-run"]);
}

#[tokio::test]
async fn any_request_keeps_to_its_rules() {
    let sandbox = Sandbox::start().await.unwrap();
    for line in [
        &["FETCH", "/v1/calls"][..],
        &["", "/v1/calls"],
        &["GET", ""],
        &["GET", "v1/calls"],
        &["GET", "/v1/../admin"],
        &["GET", "/v1/%2e%2e/admin"],
        &["GET", "/v1/calls?limit=1"],
        &["GET", "/v1/calls#x"],
        &["GET", "/v1/calls/"],
        &["GET", "/v1/calls;x"],
        &["GET", "/v1/calls\\..\\x"],
        &["GET", "//other.example/v1/calls"],
        &["GET", "http://other.example/v1/calls"],
        &["GET", "/v1/calls\r\nHost: other.example"],
        &["GET", "/v1/calls", "-q", "limit"],
        &["GET", "/v1/calls", "--paginate", "-q", "limit=0"],
        &["GET", "/v1/calls", "--paginate", "-q", "limit=many"],
        &["GET", "/v1/calls", "--paginate", "-q", "offset=-1"],
        &["GET", "/v1/nothing", "--paginate"],
        &["POST", "/v1/calls", "--paginate"],
        &["POST", "/v1/calls", "-f", "a"],
        &["POST", "/v1/calls", "-F", "a=b"],
        &["POST", "/v1/calls", "--input", "missing.json"],
        &["POST", "/v1/calls", "--input", "."],
        &["POST", "/v1/calls", "--input", "-"],
        &["POST", "/v1/calls", "-f", "phone_number=911"],
        &[
            "POST",
            "/v1/calls",
            "-F",
            "submission={\"respondent_phone\":\"2025550147\"}",
        ],
    ] {
        let error = refused(&sandbox, &[&["api"], line].concat());
        assert!(
            !error["message"].as_str().unwrap().contains("query("),
            "{error}"
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn arguments_that_are_no_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::start().await.unwrap();
    let bad = OsStr::from_bytes(b"can\xffary");
    for before in [&["calls"][..], &["ask"], &CALL[..5], &["--profile"], &[]] {
        let error = fails(kallyai(&sandbox).args(before).arg(bad), 2);
        assert!(!error.to_string().contains("can"), "{error}");
    }
    assert!(sandbox.journal().is_empty());
}
