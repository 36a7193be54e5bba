//! `--jq`.

use kallyai_sandbox::Sandbox;

use super::{CALL, TASK, fails, refused};
use crate::support::{Printed, kallyai};

#[tokio::test]
async fn filters_that_are_none() {
    let sandbox = Sandbox::start().await.unwrap();
    for filter in [
        "",
        ".[",
        ".calls |",
        "nosuch",
        "$x",
        "\"abc",
        "include \"a\"; .",
        "input",
        "$ENV.HOME",
    ] {
        let error = refused(&sandbox, &["calls", "history", "--jq", filter]);
        assert!(
            error["message"].as_str().unwrap().contains("--jq"),
            "{error}"
        );
    }
}

/// Where a filter fails, nothing of what it failed on is told.
#[tokio::test]
async fn filters_that_fail() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    let mut call = CALL;
    call[5] = TASK;
    let ran = kallyai(&sandbox).args(call).output().unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    for filter in [
        "tonumber",
        ".calls | ascii_downcase",
        ".calls - 1",
        ".calls.task",
        "error",
        ".calls[] | error",
        "error(\"mine\")",
        "error(null)",
        "test(\"(\")",
        "halt",
        "halt_error",
        "{} | halt_error(3)",
        "1 % 0",
        "1e400 | todate",
        "[9999999999999] | implode",
    ] {
        let error = fails(
            kallyai(&sandbox).args(["calls", "history", "--jq", filter]),
            1,
        );
        assert_eq!(error["code"], "output", "{filter}");
        let text = error.to_string();
        for part in ["canary", "Marguerite", "2025550199", "call_id"] {
            assert!(!text.contains(part), "{filter}: {text}");
        }
    }
    let error = fails(
        kallyai(&sandbox).args(["calls", "history", "--jq", "error(\"mine\")"]),
        1,
    );
    assert_eq!(error["message"], "--jq: \"mine\"");
    // What was made before is printed, and the call that was placed is placed.
    let ran = kallyai(&sandbox)
        .args(CALL)
        .args(["--jq", ".status, error(\"late\")"])
        .output()
        .unwrap();
    assert_eq!(
        (ran.status.code(), ran.out().as_str()),
        (Some(1), "success\n")
    );
    assert!(ran.err().contains("kallyai calls info "), "{}", ran.err());
    assert_eq!(sandbox.dialled().len(), 2);
}
