//! Waiting until goals, calls and outreach tasks have settled, over sockets.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::types::{CallRequest, CallStatus, GoalStatus, OutreachStatus, SendMessage};
use kallyai_sdk::{Client, Settles, Standing, WasSent};
use kallyai_tests::RawServer;

/// The shortest that there is.
const OFTEN: Duration = Duration::from_millis(100);

fn client(base_url: &str) -> Client {
    Client::builder()
        .base_url(base_url)
        .access_token("token")
        .max_attempts(1)
        .build()
        .unwrap()
}

/// Answers with one after the other, and then with the last.
async fn saying(answers: &'static [(&'static str, &'static str)]) -> RawServer {
    let count = AtomicUsize::new(0);
    RawServer::answering(move |_| {
        let at = count.fetch_add(1, SeqCst).min(answers.len() - 1);
        let (status, body) = answers[at];
        RawServer::bytes(status, "content-type: application/json\r\n", body)
    })
    .await
}

const OK: &str = "200 OK";

#[tokio::test]
async fn a_goal_is_waited_for() {
    let server = saying(&[
        (OK, r#"{"id": "g", "title": "t", "status": "active"}"#),
        ("503 Service Unavailable", ""),
        (OK, r#"{"id": "g", "title": "t", "status": "a_new_word"}"#),
        (OK, r#"{"id": "g", "title": "t", "status": "needs_input"}"#),
    ])
    .await;
    let waiting = client(server.base_url()).coordination().get_goal("g");
    let goal = waiting.until_settled().every(OFTEN).await.unwrap();
    assert_eq!(goal.status, GoalStatus::NeedsInput);
    assert_eq!(goal.standing(), Standing::NeedsUser);
    assert_eq!(server.heard().len(), 4);
}

#[tokio::test]
async fn its_states_are_a_stream() {
    let server = saying(&[
        (OK, r#"{"id": "o", "status": "pending"}"#),
        (OK, r#"{"id": "o", "status": "pending"}"#),
        (OK, r#"{"id": "o", "status": "in_progress"}"#),
        (
            OK,
            r#"{"id": "o", "status": "in_progress", "attempts": []}"#,
        ),
        (OK, r#"{"id": "o", "status": "failed"}"#),
    ])
    .await;
    let task = client(server.base_url()).outreach().get_task("o");
    let mut states = task.until_settled().backoff(OFTEN, OFTEN).states();
    let mut seen = Vec::new();
    while let Some(task) = states.try_next().await.unwrap() {
        seen.push(task.status.unwrap());
    }
    use OutreachStatus::{Failed, InProgress, Pending};
    assert_eq!(seen, [Pending, InProgress, InProgress, Failed]);
    assert!(states.next().await.is_none());
    assert_eq!(server.heard().len(), 5);
}

#[tokio::test]
async fn at_the_deadline_it_goes_on() {
    let server = saying(&[(OK, r#"{"id": "g", "title": "t", "status": "active"}"#)]).await;
    let waiting = client(server.base_url()).coordination().get_goal("g");
    let waiting = waiting.until_settled().every(OFTEN).deadline(OFTEN * 3);
    let error = waiting.await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.was_sent(), WasSent::Yes);
    assert_eq!(error.operation().unwrap().id, "coordination_get_goal");
    let said = error.to_string();
    assert!(
        said.contains("goes on") && said.contains("wait again"),
        "{said}"
    );
}

#[tokio::test]
async fn a_read_that_hangs_does_not_pass_the_deadline() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let started = std::time::Instant::now();
    let waiting = client(&base_url).calls().get("c").until_settled();
    let error = waiting.deadline(OFTEN * 2).await.unwrap_err();
    assert!(error.is_timeout());
    assert!(
        std::error::Error::source(&error).is_some(),
        "the read's own timeout"
    );
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn what_is_not_there_is_not_waited_for() {
    let server = saying(&[("404 Not Found", "")]).await;
    let kally = client(server.base_url());
    let error = kally.calls().get("c").until_settled().await.unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
    let error = kally.calls().get("../x").until_settled().await.unwrap_err();
    assert!(error.is_invalid_input());
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn a_select_loop_loses_nothing() {
    let server = saying(&[
        (OK, r#"{"call_id": "c", "status": "ringing"}"#),
        (OK, r#"{"call_id": "c", "status": "ringing"}"#),
        (OK, r#"{"call_id": "c", "status": "busy"}"#),
    ])
    .await;
    let waiting = client(server.base_url()).calls().get("c").until_settled();
    let mut waiting = waiting.every(OFTEN).into_future();
    let mut ticks = 0;
    let call = loop {
        tokio::select! {
            call = &mut waiting => break call.unwrap(),
            () = tokio::time::sleep(Duration::from_millis(10)) => ticks += 1,
        }
    };
    assert_eq!(call.status, CallStatus::Busy);
    assert!(ticks > 5);
    assert_eq!(server.heard().len(), 3);
}

#[tokio::test]
async fn a_call_of_the_sandbox_is_followed_to_its_end() {
    let sandbox = Sandbox::builder().call_seconds(0.5).start().await.unwrap();
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap();
    let request = CallRequest::general("+12025550199".parse().unwrap(), "Ask when they open");
    let placed = tokio::spawn(kally.calls().create(request).into_future());
    let id = loop {
        if let Some(call) = kally.calls().list().await.unwrap().calls().first() {
            break call.call_id.clone();
        }
    };
    let call = kally.calls().get(id).until_settled().every(OFTEN).await;
    assert_eq!(call.unwrap().status, CallStatus::Success);
    assert_eq!(placed.await.unwrap().unwrap().status, CallStatus::Success);
}

#[tokio::test]
async fn a_goal_of_the_sandbox_is_followed_to_its_end() {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap();
    for (message, ends) in [
        ("Book a table for two", GoalStatus::Completed),
        ("Book a table for two [ask]", GoalStatus::NeedsInput),
    ] {
        let message = SendMessage::new(message);
        let reply = kally.coordination().send_message(message).await.unwrap();
        let waiting = kally.coordination().get_goal(reply.goal_id.unwrap());
        let goal = waiting.until_settled().every(OFTEN).await.unwrap();
        assert_eq!(goal.status, ends);
    }
}
