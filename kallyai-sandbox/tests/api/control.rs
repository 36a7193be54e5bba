//! The control plane: journal, reset, clock, tokens, seed, state, coverage.

use std::time::Duration;

use kallyai_sandbox::{Clock, Fault, FaultKind, Fidelity, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer, call, quick, refused};

async fn control(api: &Api, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = api.bare(method, &format!("/_sandbox/{path}"));
    let (status, body) = answer(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn the_journal_tells_what_was_asked() {
    let api = Api::quick().await;
    let body = call("+12025550199");
    let request = api
        .post("/v1/calls", &body)
        .header("Idempotency-Key", "k-1");
    answer(request).await;
    answer(api.get("/v1/calls?limit=5&x=%20y")).await;
    answer(api.get("/v1/nothing")).await;
    let (_, journal) = control(&api, Method::GET, "journal", None).await;
    let requests = journal["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 3, "the control plane is not recorded");
    let first = &requests[0];
    assert_eq!(first["seq"], 1);
    assert_eq!(first["operation_id"], "calls_create");
    assert_eq!(first["method"], "POST");
    assert_eq!(first["path"], "/v1/calls");
    assert_eq!(first["query"], json!({}));
    assert_eq!(first["headers"]["idempotency-key"], "k-1");
    assert_eq!(first["headers"]["authorization"], "Bearer [masked]");
    assert_eq!(first["body"], body);
    assert_eq!(first["status"], 201);
    assert_eq!(requests[1]["query"], json!({ "limit": "5", "x": " y" }));
    assert_eq!(requests[1]["body"], Value::Null);
    assert_eq!(requests[2]["operation_id"], Value::Null);
    assert_eq!(requests[2]["status"], 404);
    assert!(!journal.to_string().contains(api.sandbox.access_token()));

    assert_eq!(api.sandbox.journal().len(), 3);
    assert_eq!(control(&api, Method::DELETE, "journal", None).await.0, 204);
    assert!(api.sandbox.journal().is_empty());
}

#[tokio::test]
async fn a_reset_makes_everything_as_it_was() {
    let api = Api::new(quick().clock(Clock::Manual)).await;
    let first = api.placed().await;
    api.sandbox.advance(Duration::from_secs(7200));
    api.sandbox
        .inject(Fault::everywhere(FaultKind::ServerError { status: 500 }).times(99));
    refused(api.get("/v1/calls"), 500, "internal_error").await;
    assert_eq!(control(&api, Method::POST, "reset", None).await.0, 204);
    assert!(api.sandbox.journal().is_empty() && api.sandbox.dialled().is_empty());
    assert!(
        api.sandbox
            .coverage()
            .iter()
            .all(|operation| operation.hits == 0)
    );
    assert_eq!(api.json("/v1/credits/balance").await["credits_used"], 0);
    assert_eq!(api.placed().await, first);
}

#[tokio::test]
async fn a_reset_ends_the_waiting() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual)).await;
    let waiting = tokio::spawn(answer(api.call("+12025550199")));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    api.sandbox.reset();
    let (status, body) = waiting.await.unwrap();
    assert_eq!(
        (status.as_u16(), &body["error"]["code"]),
        (503, &json!("service_unavailable"))
    );
}

#[tokio::test]
async fn the_clock_is_advanced() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual)).await;
    let waiting = tokio::spawn(answer(api.call("+12025550199")));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    let advance = |seconds: Value| {
        control(
            &api,
            Method::POST,
            "clock",
            Some(json!({ "advance_seconds": seconds })),
        )
    };
    let (status, body) = advance(json!(0.5)).await;
    assert_eq!(
        (status, &body["now"]),
        (200, &json!("2026-02-14T18:00:00.500Z"))
    );
    assert_eq!(waiting.await.unwrap().0, 201);
    assert_eq!(advance(json!(-1)).await.0, 400);
    assert_eq!(advance(json!(1e300)).await.0, 400);
    assert_eq!(advance(json!("soon")).await.0, 400);
}

#[tokio::test]
async fn tokens_are_issued_to_order() {
    let api = Api::quick().await;
    let wanted = json!({ "scopes": ["calls:read"], "expires_in": 60 });
    let (status, token) = control(&api, Method::POST, "tokens", Some(wanted)).await;
    assert_eq!(status, 200);
    assert_eq!(token["expires_in"], 60);
    assert_eq!(token["scope"], "calls:read");
    let with = |token: &Value, path: &str| {
        api.bare(Method::GET, path)
            .bearer_auth(token["access_token"].as_str().unwrap())
    };
    assert_eq!(answer(with(&token, "/v1/calls")).await.0, 200);
    refused(with(&token, "/v1/credits/balance"), 403, "forbidden").await;
    let (_, full) = control(&api, Method::POST, "tokens", None).await;
    assert_eq!(answer(with(&full, "/v1/credits/balance")).await.0, 200);
    let expired = json!({ "expires_in": 0 });
    let (_, expired) = control(&api, Method::POST, "tokens", Some(expired)).await;
    refused(with(&expired, "/v1/calls"), 401, "token_expired").await;
}

#[tokio::test]
async fn a_seed_makes_ids_the_same() {
    let api = Api::quick().await;
    let seed = || control(&api, Method::POST, "seed", Some(json!({ "seed": 42 })));
    assert_eq!(seed().await.0, 204);
    let first = api.placed().await;
    let other = Api::new(quick().seed(42)).await;
    assert_eq!(other.placed().await, first);
    // The same seed again takes no id twice.
    seed().await;
    assert_ne!(api.placed().await, first);
    let twin = Api::new(quick().seed(42)).await;
    assert_eq!(twin.sandbox.access_token(), other.sandbox.access_token());
    assert!(twin.sandbox.access_token().starts_with("sbx_"));
}

#[tokio::test]
async fn the_world_is_dumped_and_loaded() {
    let api = Api::quick().await;
    let place = |api: &Api| {
        api.call("+12025550199")
            .header("Idempotency-Key", "the-key")
    };
    let placed = answer(place(&api)).await;
    let (_, state) = control(&api, Method::GET, "state", None).await;

    let other = Api::quick().await;
    assert_eq!(
        control(&other, Method::PUT, "state", Some(state)).await.0,
        204
    );
    // Its tokens are those of the dumped world now.
    let list = other
        .bare(Method::GET, "/v1/calls")
        .bearer_auth(api.sandbox.access_token());
    assert_eq!(answer(list).await.1["calls"][0], placed.1);
    let replay = other
        .bare(Method::POST, "/v1/calls")
        .bearer_auth(api.sandbox.access_token())
        .header("Idempotency-Key", "the-key")
        .json(&call("+12025550199"));
    assert_eq!(answer(replay).await, placed);
    let (status, error) = control(
        &other,
        Method::PUT,
        "state",
        Some(json!({ "advanced_ms": "x" })),
    )
    .await;
    assert_eq!(status, 400);
    let reason = error["error"]["details"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("advanced_ms"), "{reason}");
}

#[tokio::test]
async fn coverage_counts_and_is_honest() {
    let api = Api::quick().await;
    api.placed().await;
    let (_, coverage) = control(&api, Method::GET, "coverage", None).await;
    let of = |id: &str| {
        coverage["operations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|operation| operation["operation_id"] == id)
            .unwrap()
            .clone()
    };
    assert_eq!(
        of("calls_create"),
        json!({ "operation_id": "calls_create", "fidelity": "documented", "hits": 1 })
    );
    assert_eq!(of("calls_stop")["fidelity"], "assumed");
    let operations = api.sandbox.coverage();
    assert_eq!(
        operations.len(),
        kallyai_openapi::Spec::load().unwrap().operations().len()
    );
    assert!(
        operations
            .iter()
            .any(|operation| operation.fidelity == Fidelity::Example)
    );
}

#[tokio::test]
async fn dialled_calls_are_told() {
    let api = Api::quick().await;
    let id = api.placed().await;
    let (_, calls) = control(&api, Method::GET, "calls", None).await;
    let call = &calls["calls"][0];
    assert_eq!(call["call_id"], id.as_str());
    assert_eq!(call["to"], "+12025550199");
    assert_eq!(call["idempotency_key"], Value::Null);
    assert_eq!(call["status"], "success");
    assert!(call["dialled_at"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn what_is_not_there_says_so() {
    let api = Api::quick().await;
    for path in ["inbound", "nothing", ""] {
        let (status, body) = control(&api, Method::POST, path, Some(json!({}))).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (404, &json!("not_found")),
            "{path}"
        );
    }
    assert_eq!(control(&api, Method::PATCH, "journal", None).await.0, 405);
    assert_eq!(
        control(&api, Method::POST, "seed", Some(json!({}))).await.0,
        400
    );
}
