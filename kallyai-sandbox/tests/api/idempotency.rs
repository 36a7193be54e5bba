//! Idempotency keys.

use std::time::Duration;

use kallyai_sandbox::{Clock, Sandbox};

use crate::api::{Api, answer, call, quick, refused};

const KEY: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";

#[tokio::test]
async fn the_first_answer_is_replayed_and_nothing_is_dialled_again() {
    let api = Api::quick().await;
    let place = || api.call("+12025550199").header("Idempotency-Key", KEY);
    let first = answer(place()).await;
    let second = answer(place()).await;
    assert_eq!(first, second);
    api.sandbox.assert_dialled_once("+12025550199");
    assert_eq!(
        api.sandbox.dialled()[0].idempotency_key.as_deref(),
        Some(KEY)
    );
    let other = api
        .post("/v1/calls", &call("+12025550198"))
        .header("Idempotency-Key", KEY);
    refused(other, 422, "idempotency_conflict").await;
    assert_eq!(api.sandbox.dialled().len(), 1);
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual)).await;
    let place = || api.call("+12025550199").header("Idempotency-Key", KEY);
    let waiting = tokio::spawn(answer(place()));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    refused(place(), 409, "idempotency_in_progress").await;
    api.sandbox.advance(Duration::from_secs(1));
    let first = waiting.await.unwrap();
    assert_eq!(answer(place()).await, first);
    api.sandbox.assert_dialled_once("+12025550199");
}

#[tokio::test]
async fn a_refused_request_leaves_no_key() {
    let api = Api::quick().await;
    let refusal = api.call("+12025550129").header("Idempotency-Key", KEY);
    refused(refusal, 422, "safety_violation").await;
    let mended = api.call("+12025550199").header("Idempotency-Key", KEY);
    assert_eq!(answer(mended).await.0, 201);
}

#[tokio::test]
async fn keys_can_be_forgotten() {
    let api = Api::new(quick().ignore_idempotency(true)).await;
    for _ in 0..2 {
        let place = api.call("+12025550199").header("Idempotency-Key", KEY);
        assert_eq!(answer(place).await.0, 201);
    }
    let dialled = api.sandbox.dialled();
    assert_eq!(dialled.len(), 2);
    // They are told all the same.
    assert!(
        dialled
            .iter()
            .all(|call| call.idempotency_key.as_deref() == Some(KEY))
    );
}

#[tokio::test]
async fn an_odd_key_is_refused_and_not_dropped() {
    let api = Api::quick().await;
    let keys: [&[&[u8]]; 4] = [
        &[b""],
        &[b"k\xc3\xa9y"],
        &[b"one", b"two"],
        &[b"one", b"one"],
    ];
    for keys in keys {
        let request = keys.iter().fold(api.call("+12025550199"), |request, key| {
            let value = reqwest::header::HeaderValue::from_bytes(key).unwrap();
            request.header("Idempotency-Key", value)
        });
        let error = refused(request, 400, "validation_error").await;
        let reason = error["error"]["details"]["reason"].as_str().unwrap();
        assert!(reason.starts_with("header/idempotency-key"), "{reason}");
    }
    assert!(api.sandbox.dialled().is_empty());
}
