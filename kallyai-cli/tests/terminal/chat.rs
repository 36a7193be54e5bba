//! A conversation.

use crate::pty::Session;
use crate::{kallyai, sandbox};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_goes_on_until_its_end() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox().await;
    let mut command = kallyai(&sandbox, home.path());
    command.arg("chat");
    let mut session = Session::start(command);
    session.types("What can you do?\n");
    let messages = |count: usize| {
        let journal = sandbox.journal();
        let sent = journal
            .iter()
            .filter(|entry| entry.operation_id.as_deref() == Some("coordination_send_message"));
        sent.count() >= count
    };
    while !messages(1) {
        tokio::task::yield_now().await;
    }
    session.types("And tomorrow?\n");
    while !messages(2) {
        tokio::task::yield_now().await;
    }
    session.types("\u{4}");
    let (status, screen) = session.end();
    assert_eq!(status.code(), Some(0), "{screen}");
    let journal = sandbox.journal();
    let bodies: Vec<_> = journal
        .iter()
        .filter(|entry| entry.operation_id.as_deref() == Some("coordination_send_message"))
        .map(|entry| entry.body.clone())
        .collect();
    assert!(bodies[0].get("conversation_id").is_none());
    assert!(bodies[1]["conversation_id"].is_string());
}
