//! Calls that take longer than a client waits.

use std::time::Duration;

use kallyai_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{Client, NUMBER};
use crate::{quick, said, slow, to};

/// Until the sandbox rings; the call is dialled by a task of its own.
async fn dialled(sandbox: &Sandbox) {
    while sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn placing_a_call_answers_with_a_handle() {
    let sandbox = slow().start().await.unwrap();
    let flags = ["--no-confirmation", "--place-wait", "0"];
    let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
    let placed = client.call("calls_create", to(NUMBER)).await;
    assert_eq!(placed["structuredContent"]["status"], "placed");
    let key = placed["structuredContent"]["idempotency_key"].clone();
    dialled(&sandbox).await;

    // A client that gives a token hears at once that it goes on.
    let wait = json!({
        "name": "calls_wait",
        "arguments": { "idempotency_key": key },
        "_meta": { "progressToken": "mine" },
    });
    let id = client.begin("tools/call", wait).await;
    let progress = client.receive().await;
    assert_eq!(progress["method"], "notifications/progress");
    assert_eq!(progress["params"]["progressToken"], "mine");
    assert!(progress["params"]["progress"].is_number());
    sandbox.advance(Duration::from_secs(60));
    let over = client.answer(id).await;
    assert_eq!(
        over["result"]["structuredContent"]["status"], "success",
        "{over}"
    );
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn waiting_has_an_end() {
    let sandbox = slow().start().await.unwrap();
    let flags = ["--no-confirmation", "--place-wait", "0", "--wait", "0"];
    let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
    let placed = client.call("calls_create", to(NUMBER)).await;
    let key = placed["structuredContent"]["idempotency_key"].clone();
    let again = client
        .call("calls_wait", json!({ "idempotency_key": key }))
        .await;
    assert_eq!(again["structuredContent"]["status"], "placed");
    assert!(client.heard.is_empty(), "nobody has asked for progress");
    let unknown = client
        .call("calls_wait", json!({ "idempotency_key": "x" }))
        .await;
    assert_eq!(said(&unknown)["kind"], "refused");
}

/// Cancels a request, and sees that it has no answer and the client still has a server.
async fn cancel(client: &mut Client, id: u64) {
    let cancelled = json!({
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": { "requestId": id, "reason": "no longer wanted" },
    });
    client.send(&cancelled).await;
    client.names().await;
    assert!(client.heard.iter().all(|message| message["id"] != id));
}

#[tokio::test]
async fn a_cancelled_request_leaves_its_call_in_a_known_state() {
    let sandbox = slow().start().await.unwrap();
    let flags = [
        "--no-confirmation",
        "--place-wait",
        "10",
        "--calls-per-hour",
        "1",
    ];
    let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
    let id = client.begin_call("calls_create", to(NUMBER)).await;
    dialled(&sandbox).await;
    cancel(&mut client, id).await;

    // The model asks again: it is the same call, although no more may be placed.
    let asked = client.begin_call("calls_create", to(NUMBER)).await;
    sandbox.advance(Duration::from_secs(60));
    let found = client.answer(asked).await;
    let found = &found["result"]["structuredContent"];
    assert_eq!(found["status"], "success", "{found}");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_cancelled_wait_can_be_begun_again() {
    let sandbox = slow().start().await.unwrap();
    let flags = ["--no-confirmation", "--place-wait", "0"];
    let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
    let placed = client.call("calls_create", to(NUMBER)).await;
    let wait = json!({ "idempotency_key": placed["structuredContent"]["idempotency_key"] });
    dialled(&sandbox).await;
    let id = client.begin_call("calls_wait", wait.clone()).await;
    cancel(&mut client, id).await;
    sandbox.advance(Duration::from_secs(60));
    let over: Value = client.call("calls_wait", wait).await;
    assert_eq!(over["structuredContent"]["status"], "success");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_loop_of_the_model_dials_once() {
    let sandbox = quick().start().await.unwrap();
    let mut client = Client::of_2025(&sandbox, &["--no-confirmation"], json!({})).await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(client.begin_call("calls_create", to(NUMBER)).await);
    }
    for _ in ids {
        let answer = client.receive().await;
        assert_eq!(answer["result"]["isError"], false, "{answer}");
    }
    sandbox.assert_dialled_once(NUMBER);
}

/// Waits until the call is found among those of the account, lets it end, and waits for that.
async fn found_and_over(client: &mut Client, sandbox: &Sandbox, handle: &Value) -> Value {
    let mut found = json!({ "status": "placed", "call_id": null });
    while found["status"] == "placed" {
        let result = client.call("calls_wait", handle.clone()).await;
        assert_eq!(result["isError"], false, "{result}");
        found = result["structuredContent"].clone();
        if !found["call_id"].is_null() {
            sandbox.advance(Duration::from_secs(60));
        }
    }
    found
}

#[tokio::test]
async fn the_next_start_with_the_same_session_dials_nothing_again() {
    let sandbox = quick().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("session");
    let flags = [
        "--no-confirmation",
        "--place-wait",
        "10",
        "--session-file",
        file.to_str().unwrap(),
    ];
    let mut calls = Vec::new();
    for _ in 0..2 {
        let mut client = Client::of_2025(&sandbox, &flags, json!({})).await;
        let placed = client.call("calls_create", to(NUMBER)).await;
        calls.push(placed["structuredContent"]["call_id"].clone());
        assert!(client.close().await.0);
    }
    assert_eq!(calls[0], calls[1]);
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_server_that_ends_leaves_its_call_to_the_next_one() {
    let sandbox = slow().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("session");
    let session = file.to_str().unwrap();
    let flags = [
        "--no-confirmation",
        "--place-wait",
        "0",
        "--wait",
        "1",
        "--session-file",
        session,
    ];
    let mut first = Client::of_2025(&sandbox, &flags, json!({})).await;
    let placed = first.call("calls_create", to(NUMBER)).await;
    let handle = json!({ "idempotency_key": placed["structuredContent"]["idempotency_key"] });
    dialled(&sandbox).await;
    assert_eq!(first.close().await, (true, String::new()));

    let mut second = Client::of_2025(&sandbox, &flags, json!({})).await;
    // As the README says: this one does not know the handle, but the same call has the same.
    let unknown = second.call("calls_wait", handle.clone()).await;
    assert_eq!(said(&unknown)["kind"], "refused");
    let again = second.call("calls_create", to(NUMBER)).await;
    let again = &again["structuredContent"];
    assert_eq!(again["idempotency_key"], handle["idempotency_key"]);
    let found = found_and_over(&mut second, &sandbox, &handle).await;
    assert_eq!(found["status"], "success", "{found}");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn the_next_start_with_the_same_log_knows_the_handle() {
    let sandbox = slow().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (log, session) = (
        directory.path().join("calls.log"),
        directory.path().join("session"),
    );
    let flags = [
        "--no-confirmation",
        "--place-wait",
        "0",
        "--wait",
        "1",
        "--place-log",
        log.to_str().unwrap(),
        "--session-file",
        session.to_str().unwrap(),
    ];
    let mut first = Client::of_2025(&sandbox, &flags, json!({})).await;
    let placed = first.call("calls_create", to(NUMBER)).await;
    let handle = json!({ "idempotency_key": placed["structuredContent"]["idempotency_key"] });
    dialled(&sandbox).await;
    assert!(first.close().await.0);

    let mut second = Client::of_2025(&sandbox, &flags, json!({})).await;
    let over = found_and_over(&mut second, &sandbox, &handle).await;
    assert_eq!(over["status"], "success", "{over}");
    // The model asks again: it is the same call.
    let again = second.call("calls_create", to(NUMBER)).await;
    assert_eq!(again["structuredContent"]["call_id"], over["call_id"]);
    sandbox.assert_dialled_once(NUMBER);
}
