//! `kallyai chat` and `kallyai ask`.

use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use serde_json::Value;

use crate::support::{Printed, Running, fed, kallyai};

/// The bodies of all messages.
fn said(sandbox: &Sandbox) -> Vec<Value> {
    let journal = sandbox.journal().into_iter();
    journal
        .filter(|entry| entry.operation_id.as_deref() == Some("coordination_send_message"))
        .map(|entry| entry.body)
        .collect()
}

#[tokio::test]
async fn each_line_is_a_message_of_one_conversation() {
    let sandbox = Sandbox::start().await.unwrap();
    let input = "Hello there [no goal]\r\n\n  And hello again [no goal]";
    let ran = fed(kallyai(&sandbox).arg("chat"), input);
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    let replies = ran.lines();
    assert_eq!(replies.len(), 2);
    let conversation = &replies[0]["conversation_id"];
    assert!(conversation.is_string());
    assert_eq!(&replies[1]["conversation_id"], conversation);
    assert_eq!(replies[0]["response"], "I am at your service.");
    let said = said(&sandbox);
    assert_eq!(said[0]["message"], "Hello there [no goal]");
    assert_eq!(said[0].get("conversation_id"), None);
    assert_eq!(said[1]["message"], "And hello again [no goal]");
    assert_eq!(&said[1]["conversation_id"], conversation);
    assert_eq!(ran.err(), "");

    // It can be gone on with later.
    let mut later = kallyai(&sandbox);
    later.args(["chat", "--conversation-id", conversation.as_str().unwrap()]);
    let ran = fed(&mut later, "Still there? [no goal]\n/quit\nNot said");
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
    assert_eq!(&ran.lines()[0]["conversation_id"], conversation);
    assert_eq!(ran.lines().len(), 1);
}

#[tokio::test]
async fn the_first_failure_of_a_pipe_is_its_end() {
    let sandbox = Sandbox::start().await.unwrap();
    let input = "One [no goal]\nTwo [quota_exceeded]\nThree [no goal]\n";
    let ran = fed(kallyai(&sandbox).arg("chat"), input);
    assert_eq!(ran.status.code(), Some(5));
    assert_eq!(ran.lines().len(), 1);
    let error: Value = serde_json::from_str(&ran.err()).unwrap();
    assert_eq!(error["error"]["code"], "quota_exceeded");
    assert_eq!(said(&sandbox).len(), 2);
}

#[tokio::test]
async fn people_get_words() {
    let sandbox = Sandbox::start().await.unwrap();
    let ran = fed(
        kallyai(&sandbox).args(["chat", "--human"]),
        "Hello [no goal]",
    );
    assert_eq!(ran.out(), "I am at your service.\n");

    let ran = fed(
        kallyai(&sandbox).args(["ask", "--human", "Find", "a florist"]),
        "",
    );
    let out = ran.out();
    let (reply, goal) = out.split_once("goal: ").unwrap();
    assert_eq!(
        reply,
        "I will see to it: Find a florist\n- started a goal\n"
    );
    assert_eq!(goal.trim().len(), 36, "{goal}");

    sandbox.inject(Fault::on(
        "coordination_send_message",
        FaultKind::AlternateShape,
    ));
    let ran = fed(
        kallyai(&sandbox).args(["ask", "--human", "Hi [no goal]"]),
        "",
    );
    assert_eq!(
        ran.out(),
        "I am at your service.\nyou could say: Book a table for two\n"
    );
}

#[tokio::test]
async fn people_are_told_what_becomes_of_their_goals() {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    let mut running = Running::start(kallyai(&sandbox).args(["chat", "--human"]));
    running.say("Find a florist");
    assert_eq!(running.told(), "Find a florist: completed");
    running.say("Find a dentist [ask]");
    let waits = "Find a dentist: the goal waits for an answer of yours:";
    assert_eq!(running.told(), waits);
    // Its conversation is this one.
    running.say("Tomorrow at nine");
    running.told();
    assert_eq!(running.told(), "Find a dentist: completed");
    let (status, out, err) = running.end();
    assert_eq!((status.code(), err.as_str()), (Some(0), ""));
    assert!(out.contains(&"Thank you, I go on.".to_owned()), "{out:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_says_what_goes_on() {
    let sandbox = Sandbox::builder().call_seconds(60.0).start().await.unwrap();
    let mut running = Running::start(kallyai(&sandbox).args(["chat", "--human"]));
    running.say("Find a florist");
    let goal = loop {
        if let Some(id) = running.line().strip_prefix("goal: ") {
            break id.to_owned();
        }
    };
    running.interrupt();
    // The end of its input would be another end.
    let told = running.told();
    let (status, _, err) = running.end();
    let err = told + &err;
    assert_eq!(status.code(), Some(130));
    let look = format!("`kallyai coord watch {goal}`");
    assert!(
        err.contains("one goal goes on") && err.contains(&look),
        "{err}"
    );
    assert!(err.contains("`kallyai chat --conversation-id "), "{err}");
}

#[tokio::test]
async fn nothing_is_said_where_that_is_asked_for() {
    let sandbox = Sandbox::start().await.unwrap();
    let ran = fed(kallyai(&sandbox).args(["chat", "--dry-run"]), "Hello");
    assert_eq!(ran.status.code(), Some(2));
    let mut wary = kallyai(&sandbox);
    let ran = fed(wary.arg("chat").env("KALLYAI_CONFIRM", "always"), "Hello");
    assert_eq!(ran.status.code(), Some(2));
    assert!(ran.err().contains("--yes"), "{}", ran.err());
    let ran = fed(kallyai(&sandbox).arg("chat"), b"Ren\xe9\n");
    assert_eq!(ran.status.code(), Some(2));
    assert!(sandbox.journal().is_empty());
}
