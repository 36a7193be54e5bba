//! Inbound events as they come.

use std::time::Duration;

use kallyai_sandbox::{Fault, FaultKind, Sandbox};

use crate::support::{Printed, Running, kallyai};

/// Waits until the events are being listened to.
pub(crate) async fn listened_to(sandbox: &Sandbox, times: usize) {
    for _ in 0..1000 {
        let journal = sandbox.journal().into_iter();
        let answered = journal.filter(|e| e.path == "/v1/inbound/events" && e.status.is_some());
        if answered.count() >= times {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody listens");
}

#[cfg(unix)]
#[tokio::test]
async fn each_event_is_a_line_until_ctrl_c() {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    let running = Running::start(kallyai(&sandbox).args(["inbound", "watch"]));
    listened_to(&sandbox, 1).await;
    let id = sandbox.ring("+12025550142", ["Are you open?"]).unwrap();
    for name in ["call.ringing", "call.answered", "call.completed"] {
        let event = running.json();
        assert_eq!(event["type"], name);
        assert_eq!(event["call_id"], id.as_str());
    }
    running.interrupt();
    let (status, rest, err) = running.end();
    assert_eq!((status.code(), rest, err.as_str()), (Some(130), vec![], ""));
}

#[cfg(unix)]
#[tokio::test]
async fn people_get_a_short_line() {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    let running = Running::start(kallyai(&sandbox).args(["inbound", "watch", "--human"]));
    listened_to(&sandbox, 1).await;
    sandbox.ring("+12025550142", ["Are you open?"]).unwrap();
    let line = running.line();
    assert!(line.contains("  call.ringing  +12025550142  "), "{line}");
    assert!(!line.contains('{'), "{line}");
    running.interrupt();
    assert_eq!(running.end().0.code(), Some(130));
}

#[cfg(unix)]
#[tokio::test]
async fn a_connection_that_breaks_is_nobodys_business() {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    sandbox.inject(Fault::on("inbound_events", FaultKind::ResetAfter));
    let running = Running::start(kallyai(&sandbox).args(["inbound", "watch"]));
    listened_to(&sandbox, 1).await;
    sandbox.ring("+12025550142", ["Are you open?"]).unwrap();
    for name in ["call.ringing", "call.answered", "call.completed"] {
        assert_eq!(running.json()["type"], name);
    }
    running.interrupt();
    let (status, _, err) = running.end();
    assert_eq!((status.code(), err.as_str()), (Some(130), ""));
}

#[tokio::test]
async fn who_is_not_signed_in_is_told() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut stranger = kallyai(&sandbox);
    stranger.env("KALLYAI_ACCESS_TOKEN", "of-nobody");
    let ran = stranger.args(["inbound", "watch"]).output().unwrap();
    assert_eq!(ran.status.code(), Some(4), "{}", ran.err());
    assert_eq!(ran.out(), "");
}
