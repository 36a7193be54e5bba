//! Calls whose answer is lost: found again, or said to be unknown, and never dialled twice.

use std::time::Duration;

use http::StatusCode;
use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::types::{CallRequest, CallStatus};
use kallyai_sdk::{Client, ClientBuilder, WasSent};
use kallyai_tests::RawServer;

const NUMBER: &str = "+12025550199";

fn builder(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
}

fn request() -> CallRequest {
    CallRequest::general(NUMBER.parse().unwrap(), "Ask when they open")
}

fn lose_the_answer(sandbox: &Sandbox, kind: FaultKind) {
    sandbox.inject(Fault::on("calls_create", kind).times(1));
}

/// How often `POST /v1/calls` was sent.
fn sent(sandbox: &Sandbox) -> usize {
    let journal = sandbox.journal();
    let calls = journal
        .iter()
        .filter(|entry| entry.operation_id.as_deref() == Some("calls_create"));
    calls.count()
}

#[tokio::test]
async fn a_lost_answer_is_found_in_the_list() {
    for hidden in [false, true] {
        for fault in [FaultKind::ResetAfter, FaultKind::CutBody] {
            let sandbox = Sandbox::builder()
                .ignore_idempotency(true)
                .hide_active(hidden)
                .call_seconds(0.1)
                .start()
                .await
                .unwrap();
            lose_the_answer(&sandbox, fault);
            let kally = builder(&sandbox).build().unwrap();
            let call = kally.calls().create(request()).await.unwrap();
            assert_eq!(call.status, CallStatus::Success);
            assert_eq!(sent(&sandbox), 1);
            sandbox.assert_dialled_once(NUMBER);
        }
    }
}

#[tokio::test]
async fn a_call_that_goes_on_is_waited_for() {
    let sandbox = Sandbox::builder().call_seconds(2.0).start().await.unwrap();
    let kally = builder(&sandbox).build().unwrap();
    // The answer does not come in time; the phone rings all the same.
    let create = kally.calls().create(request());
    let call = create
        .attempt_timeout(Duration::from_millis(300))
        .await
        .unwrap();
    assert_eq!(call.status, CallStatus::Success);
    assert_eq!(sent(&sandbox), 1);
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn what_was_never_done_is_not_found_and_not_sent_again() {
    let sandbox = Sandbox::start().await.unwrap();
    // An earlier call like it, by somebody else, is not taken for it.
    let other = builder(&sandbox).build().unwrap();
    other.calls().create(request()).await.unwrap();
    sandbox.advance(Duration::from_secs(60));

    lose_the_answer(&sandbox, FaultKind::ResetBefore);
    let kally = builder(&sandbox).build().unwrap();
    let error = kally.calls().create(request()).await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert!(error.idempotency_key().is_some());
    assert!(error.to_string().contains("look there"), "{error}");
    assert_eq!(sent(&sandbox), 2);
}

#[tokio::test]
async fn two_alike_prove_nothing() {
    let sandbox = Sandbox::builder().call_seconds(0.2).start().await.unwrap();
    lose_the_answer(&sandbox, FaultKind::ResetAfter);
    let kally = builder(&sandbox).build().unwrap();
    let one = kally.calls().create(request()).into_future();
    let other = kally.calls().create(request()).into_future();
    let (one, other) = tokio::join!(one, other);
    assert_eq!(sent(&sandbox), 2);
    // The one whose answer arrived has its call; what became of the other may be told from that.
    let ids: Vec<String> = [one, other]
        .into_iter()
        .flatten()
        .map(|call| call.call_id)
        .collect();
    assert!(!ids.is_empty());
    let mut different = ids.clone();
    different.dedup();
    assert_eq!(ids, different, "one call answers for one request");
}

#[tokio::test]
async fn a_call_that_was_given_up_is_not_taken_for_the_next() {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    let kally = builder(&sandbox).build().unwrap();
    let given_up = kally.calls().create(request()).into_future();
    let _ = tokio::time::timeout(Duration::from_millis(50), given_up).await;

    lose_the_answer(&sandbox, FaultKind::ResetBefore);
    let error = kally.calls().create(request()).await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::Maybe);
}

#[tokio::test]
async fn a_trusted_key_is_sent_again() {
    for fault in [
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::CutBody,
        FaultKind::ServerError { status: 503 },
    ] {
        let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
        lose_the_answer(&sandbox, fault);
        let kally = builder(&sandbox)
            .trust_idempotency_key(true)
            .build()
            .unwrap();
        let call = kally.calls().create(request()).await.unwrap();
        assert_eq!(call.status, CallStatus::Success);
        assert_eq!(sent(&sandbox), 2);
        sandbox.assert_dialled_once(NUMBER);
        let keys: Vec<_> = sandbox
            .journal()
            .iter()
            .filter_map(|entry| entry.headers.get("idempotency-key").cloned())
            .collect();
        assert_eq!(keys.len(), 2);
        assert_eq!(keys[0], keys[1], "one key for all attempts");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_proves_nothing() {
    for kind in [FaultKind::CutBody, FaultKind::BrokenJson] {
        let sandbox = Sandbox::start().await.unwrap();
        lose_the_answer(&sandbox, kind);
        // Somebody has taken the list away.
        let unavailable = FaultKind::ServerError { status: 503 };
        sandbox.inject(Fault::on("calls_list", unavailable).times(9));
        let kally = builder(&sandbox).build().unwrap();
        let error = kally.calls().create(request()).await.unwrap_err();
        assert_eq!(error.was_sent(), WasSent::Maybe, "{error}");
        assert!(error.is_outcome_unknown());
        sandbox.assert_dialled_once(NUMBER);
    }
}

#[tokio::test]
async fn a_conflict_of_no_known_code_proves_nothing() {
    let body = r#"{"error": {"code": "conflict", "message": "a call of this key goes on"}}"#;
    let server = RawServer::json("409 Conflict", body).await;
    let kally = Client::builder()
        .base_url(server.base_url())
        .access_token("a-token")
        .build()
        .unwrap();
    let create = kally.calls().create(request());
    let error = create.idempotency_key("order-1").await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::CONFLICT));
    assert_eq!(error.was_sent(), WasSent::Maybe, "{error}");
}

#[tokio::test]
async fn a_clone_is_the_same_call() {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    let kally = builder(&sandbox).build().unwrap();
    let create = kally.calls().create(request());
    let one = create.clone().await.unwrap();
    let other = create.await.unwrap();
    assert_eq!(one.call_id, other.call_id);
    sandbox.assert_dialled_once(NUMBER);
}
