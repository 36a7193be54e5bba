//! A goal that is watched.

use kallyai_sandbox::Sandbox;

use crate::support::{Printed, Running, kallyai};

/// Lets a goal be set going by this message. Gives its id.
fn goal(sandbox: &Sandbox, message: &str) -> String {
    let ran = kallyai(sandbox).args(["ask", message]).output().unwrap();
    ran.json()["goal_id"].as_str().unwrap().to_owned()
}

async fn world() -> Sandbox {
    let builder = Sandbox::builder().call_seconds(0.3);
    builder.start().await.unwrap()
}

#[tokio::test]
async fn until_it_is_over() {
    let sandbox = world().await;
    let id = goal(&sandbox, "Find a florist");
    let watched = kallyai(&sandbox)
        .args(["coord", "watch", &id])
        .output()
        .unwrap();
    assert_eq!(watched.status.code(), Some(0), "{}", watched.err());
    let lines = watched.lines();
    assert!(lines.iter().all(|line| line["id"] == id.as_str()));
    assert_eq!(lines[0]["status"], "active");
    assert_eq!(lines.last().unwrap()["status"], "completed");
    assert_eq!(watched.err(), "");

    let mut people = kallyai(&sandbox);
    let people = people
        .args(["coord", "watch", "--human", &id])
        .output()
        .unwrap();
    assert!(people.out().contains("completed"), "{}", people.out());
    assert_eq!(people.out().matches("Find a florist").count(), 2);
}

#[tokio::test]
async fn until_it_needs_the_user() {
    let sandbox = world().await;
    for (gate, command) in [
        ("[approve step]", "coord approve-step"),
        ("[negotiate]", "coord accept"),
        ("[soft cap]", "budget ack-cap"),
        ("[ask]", "chat --conversation-id"),
    ] {
        let id = goal(&sandbox, &format!("Find a florist {gate}"));
        let watched = kallyai(&sandbox)
            .args(["coord", "watch", &id])
            .output()
            .unwrap();
        assert_eq!(watched.status.code(), Some(0), "{}", watched.err());
        assert_eq!(watched.lines().last().unwrap()["status"], "needs_input");
        let err = watched.err();
        assert!(err.contains(&format!("kallyai {command} ")), "{err}");
        assert!(!err.contains("budget approve"), "{err}");
    }
}

#[tokio::test]
async fn one_that_was_given_up_did_not_reach_its_end() {
    let sandbox = world().await;
    let id = goal(&sandbox, "Find a florist [approve step]");
    let cancelled = kallyai(&sandbox)
        .args(["coord", "cancel-goal", &id])
        .output()
        .unwrap();
    assert_eq!(cancelled.status.code(), Some(0), "{}", cancelled.err());
    let watched = kallyai(&sandbox)
        .args(["coord", "watch", &id])
        .output()
        .unwrap();
    assert_eq!(watched.status.code(), Some(6), "{}", watched.err());
    assert_eq!(watched.json()["status"], "cancelled");
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_lets_it_go_on() {
    let sandbox = Sandbox::builder().call_seconds(60.0).start().await.unwrap();
    let id = goal(&sandbox, "Find a florist");
    let running = Running::start(kallyai(&sandbox).args(["coord", "watch", &id]));
    assert_eq!(running.json()["status"], "active");
    running.interrupt();
    let (status, rest, err) = running.end();
    assert_eq!((status.code(), rest), (Some(130), vec![]));
    assert!(err.contains(&format!("kallyai coord watch {id}")), "{err}");
}
