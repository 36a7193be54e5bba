//! A call that is watched.

use std::time::Duration;

use kallyai_sandbox::{Clock, Fault, FaultKind, Sandbox};
use serde_json::Value;

use crate::support::{Home, Printed, Running, dialled, kallyai};

const SECOND: Duration = Duration::from_secs(1);

/// A world in which a call takes three seconds, which pass when somebody says so.
async fn world() -> Sandbox {
    let builder = Sandbox::builder().clock(Clock::Manual).call_seconds(3.0);
    builder.start().await.unwrap()
}

/// Begins a call. Gives its id, and the command that waits for its end.
fn call(sandbox: &Sandbox, number: &str) -> (String, Running) {
    let make = ["calls", "make", "-t", "Ask when they open", "-p", number];
    let running = Running::start(kallyai(sandbox).args(make));
    (dialled(sandbox), running)
}

#[tokio::test]
async fn one_line_a_change_and_the_last_is_the_call() {
    let sandbox = world().await;
    let (id, _call) = call(&sandbox, "+12025550199");
    let running = Running::start(kallyai(&sandbox).args(["calls", "watch", &id]));
    for (status, wait) in [("queued", 1), ("ringing", 1), ("in_progress", 1)] {
        let line = running.json();
        assert_eq!(line["call_id"], id.as_str());
        assert_eq!(line["status"], status);
        sandbox.advance(SECOND * wait);
    }
    let last = running.json();
    assert_eq!(last["status"], "success");
    assert!(last["highlights"].is_string());
    let (status, rest, err) = running.end();
    assert_eq!((status.code(), rest, err.as_str()), (Some(0), vec![], ""));
    let read: Vec<_> = sandbox.journal().into_iter().map(|e| e.method).collect();
    assert_eq!(read.iter().filter(|method| *method != "GET").count(), 1);
}

#[tokio::test]
async fn a_call_that_missed_its_goal_is_told_by_the_exit_code() {
    let sandbox = world().await;
    let (id, _call) = call(&sandbox, "+12025550102");
    sandbox.advance(SECOND * 4);
    let ran = kallyai(&sandbox)
        .args(["calls", "watch", &id])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(6), "{}", ran.err());
    assert_eq!(ran.lines().len(), 1);
    assert_eq!(ran.json()["status"], "busy");

    let unknown = kallyai(&sandbox)
        .args(["calls", "watch", "c_unknown"])
        .output()
        .unwrap();
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        unknown.err().contains("call_not_found"),
        "{}",
        unknown.err()
    );
}

#[tokio::test]
async fn people_hear_what_is_said() {
    let sandbox = world().await;
    let (id, _call) = call(&sandbox, "+12025550199");
    sandbox.advance(Duration::from_millis(2200));
    let mut watch = kallyai(&sandbox);
    let running = Running::start(watch.args(["calls", "watch", "--human", &id]));
    assert_eq!(running.line(), "HUMAN:  Hello, good day, how can I help?");
    sandbox.advance(SECOND);
    let (status, rest, _) = running.end();
    assert_eq!(status.code(), Some(0));
    let info = kallyai(&sandbox)
        .args(["calls", "info", "--human", &id])
        .output()
        .unwrap();
    let rest = rest.join("\n");
    let (_, shown) = rest.split_once("\n\n").unwrap();
    // The document has another order than the service.
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(shown), sorted(&info.out()));
    assert!(rest.starts_with("AI: "), "{rest}");
    assert_eq!(rest.matches("how can I help?").count(), 0, "{rest}");
}

#[tokio::test]
async fn who_may_not_listen_still_sees_the_end() {
    let sandbox = world().await;
    let (id, _call) = call(&sandbox, "+12025550199");
    sandbox.advance(Duration::from_millis(2200));
    let token = sandbox.issue_token(["calls:read"], SECOND * 3600);
    let mut watch = kallyai(&sandbox);
    watch.env("KALLYAI_ACCESS_TOKEN", token.access_token);
    let running = Running::start(watch.args(["calls", "watch", "--human", &id]));
    let asked = |sandbox: &Sandbox| {
        let journal = sandbox.journal().into_iter();
        journal
            .filter(|e| e.operation_id.as_deref() == Some("calls_transcript"))
            .count()
    };
    while asked(&sandbox) == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sandbox.advance(SECOND);
    let (status, out, err) = running.end();
    assert_eq!((status.code(), err.as_str()), (Some(0), ""));
    assert!(out[0].starts_with("call id"), "{out:?}");
    assert_eq!(asked(&sandbox), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_call_that_was_left_is_found_by_its_key() {
    let sandbox = world().await;
    let home = Home::new();
    let make = ["calls", "make", "--wait", "-p", "+12025550199", "-t"];
    let mut command = home.kallyai(&sandbox);
    let running = Running::start(command.args(make).arg("Ask when they open"));
    let id = dialled(&sandbox);
    running.interrupt();
    let (status, out, err) = running.end();
    assert_eq!((status.code(), out), (Some(130), vec![]));
    let error: Value = serde_json::from_str(&err).unwrap();
    let hint = error["error"]["hint"].as_str().unwrap();
    let (_, found) = hint.split_once("`kallyai calls watch ").unwrap();
    let (key, _) = found.split_once('`').unwrap();

    let mut command = home.kallyai(&sandbox);
    let running = Running::start(command.args(["calls", "watch", key]));
    assert_eq!(running.json()["status"], "queued");
    sandbox.advance(SECOND * 4);
    let (status, rest, _) = running.end();
    assert_eq!(status.code(), Some(0));
    let last: Value = serde_json::from_str(rest.last().unwrap()).unwrap();
    assert_eq!(last["call_id"], id.as_str());
    assert_eq!(last["status"], "success");
    sandbox.assert_dialled_once("+12025550199");
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_does_not_hang_up() {
    let sandbox = world().await;
    let (id, _call) = call(&sandbox, "+12025550199");
    let running = Running::start(kallyai(&sandbox).args(["calls", "watch", &id]));
    running.line();
    running.interrupt();
    let (status, rest, err) = running.end();
    assert_eq!((status.code(), rest), (Some(130), vec![]));
    assert!(err.contains(&format!("kallyai calls stop {id}")), "{err}");
    sandbox.advance(SECOND * 4);
    assert_eq!(sandbox.dialled()[0].status, "success");
}

#[tokio::test]
async fn what_passes_is_waited_for() {
    let sandbox = world().await;
    let (id, _call) = call(&sandbox, "+12025550199");
    sandbox.advance(SECOND * 4);
    let broken = FaultKind::ServerError { status: 503 };
    sandbox.inject(Fault::on("calls_get", broken).times(2));
    let ran = kallyai(&sandbox)
        .args(["calls", "watch", &id])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    assert_eq!(ran.json()["status"], "success");
}
