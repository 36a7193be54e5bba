//! What nobody may read who reads along: the token, the number, the task.

use std::process::Command;

use kallyai_sandbox::{Fault, FaultKind, Sandbox};

use super::{NUMBER, TASK};
use crate::support::{Home, Printed};

const TOKEN: &str = "canary_tok_31d8f1";

/// With all that makes programs talk.
fn talkative(sandbox: &Sandbox, home: &Home) -> Command {
    let mut command = home.kallyai(sandbox);
    command
        .env("RUST_LOG", "trace")
        .env("KALLYAI_LOG", "trace")
        .env("RUST_BACKTRACE", "full");
    command
}

fn keeps(text: &str, secrets: &[&str]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
}

const CALLED: [&str; 3] = ["2025550147", "Marguerite", "canary"];

#[tokio::test]
async fn a_call_is_not_told_on_standard_error() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    let home = Home::new();
    let call = ["calls", "make", "-p", NUMBER, "-t", TASK];
    let faults = [
        None,
        Some(FaultKind::ServerError { status: 500 }),
        Some(FaultKind::ResetAfter),
        Some(FaultKind::CutBody),
        Some(FaultKind::BrokenJson),
        Some(FaultKind::AlternateShape),
        Some(FaultKind::UnknownEnum),
        Some(FaultKind::Published {
            code: "safety_violation".to_owned(),
        }),
    ];
    for fault in faults {
        for more in [
            &[][..],
            &["--wait"],
            &["--human"],
            &["--plain"],
            &["--jq", "tonumber"],
        ] {
            sandbox.clear_faults();
            if let Some(fault) = &fault {
                sandbox.inject(Fault::on("calls_create", fault.clone()).times(1));
            }
            let ran = talkative(&sandbox, &home)
                .args(call)
                .args(more)
                .output()
                .unwrap();
            let err = ran.err();
            keeps(&err, &CALLED);
            keeps(&err, &[sandbox.access_token()]);
            keeps(&ran.out(), &[sandbox.access_token()]);
            assert!(!err.contains("panicked"), "{err}");
        }
    }
}

#[tokio::test]
async fn the_token_is_nowhere() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::new();
    for line in [
        &["credits", "balance"][..],
        &["credits", "balance", "--human"],
        &["credits", "balance", "--dry-run"],
        &["credits", "balance", "--dry-run", "--human"],
        &["config", "show"],
        &["config", "show", "--human"],
        &["config", "show", "--plain"],
        &["auth-status"],
        &["logout"],
        &["api", "GET", "/v1/calls", "--dry-run"],
        &[
            "api",
            "POST",
            "/v1/auth/refresh",
            "-f",
            "refresh_token=canary_tok_31d8f1",
        ],
        &["calls", "info", TOKEN],
        &["login", "--no-browser", "--dry-run"],
        &["mcp", "--tools", "nosuch"],
        &["channels", "email-verify", TOKEN],
    ] {
        let mut command = talkative(&sandbox, &home);
        command.env("KALLYAI_ACCESS_TOKEN", TOKEN);
        let ran = command.args(line).output().unwrap();
        keeps(&ran.err(), &[TOKEN]);
        keeps(&ran.out(), &[TOKEN]);
    }
    // Without a token a request can be shown as well.
    let mut command = home.kallyai(&sandbox);
    command.env_remove("KALLYAI_ACCESS_TOKEN");
    let ran = command
        .args(["credits", "balance", "--dry-run"])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
}

#[tokio::test]
async fn options_of_a_server_that_are_wrong_are_bad_input() {
    let sandbox = Sandbox::start().await.unwrap();
    let home = Home::new();
    let error = super::fails(home.kallyai(&sandbox).args(["mcp", "--tools", "nosuch"]), 2);
    assert_eq!(error["code"], "mcp");
}
