//! The control plane: journal, reset, clock, tokens, seed, state, coverage.

use std::time::Duration;

use kallyai_sandbox::{Clock, Fault, FaultKind, Fidelity, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer, call, quick, refused};
use crate::raw;

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
        Some(json!({ "advanced_ns": "x" })),
    )
    .await;
    assert_eq!(status, 400);
    let reason = error["error"]["details"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("advanced_ns"), "{reason}");
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
    for operation in operations {
        let id = operation.operation_id;
        assert_ne!(operation.fidelity, Fidelity::Example, "{id}");
    }
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
    for path in ["outbound", "nothing", ""] {
        let (status, body) = control(&api, Method::POST, path, Some(json!({}))).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (404, &json!("not_found")),
            "{path}"
        );
    }
    for path in [
        "/_sandbox",
        "/_sandbox/",
        "/_sandbox/consent/%ff",
        "/_sandbox/recordings/%ff",
    ] {
        let (status, body) = answer(api.bare(Method::GET, path)).await;
        assert_eq!(
            (status.as_u16(), &body["error"]["code"]),
            (404, &json!("not_found"))
        );
    }
    assert!(
        api.sandbox.journal().is_empty(),
        "none of it is a request for the API"
    );
    assert_eq!(control(&api, Method::PATCH, "journal", None).await.0, 405);
    assert_eq!(
        control(&api, Method::POST, "seed", Some(json!({}))).await.0,
        400
    );
}

#[tokio::test]
async fn refusals_of_bodies_have_the_envelope() {
    let sandbox = quick().start().await.unwrap();
    let broken = "PUT /_sandbox/state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                  Transfer-Encoding: chunked\r\n\r\nnonsense\r\n";
    let (answer, _) = raw::exchange(&sandbox, broken).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(raw::body(&answer).contains("validation_error"), "{answer}");
}

#[tokio::test]
async fn a_reset_restores_the_first_seed_and_counts_from_one() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual).seed(7)).await;
    let waiting = tokio::spawn(answer(api.call("+12025550199")));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    let first = api.sandbox.dialled()[0].call_id.clone();
    control(&api, Method::POST, "seed", Some(json!({ "seed": 42 }))).await;
    api.sandbox.reset();
    // Answered now, and not in the new journal.
    assert_eq!(waiting.await.unwrap().0, 503);
    let again = tokio::spawn(answer(api.call("+12025550199")));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(api.sandbox.dialled()[0].call_id, first);
    let journal = api.sandbox.journal();
    assert_eq!(
        (journal.len(), journal[0].seq, journal[0].status),
        (1, 1, None)
    );
    api.sandbox.advance(Duration::from_secs(1));
    assert_eq!(again.await.unwrap().0, 201);
}

#[tokio::test]
async fn chance_follows_a_new_seed() {
    let api = Api::quick().await;
    let mut runs = Vec::new();
    for _ in 0..2 {
        control(&api, Method::POST, "seed", Some(json!({ "seed": 42 }))).await;
        api.sandbox.clear_faults();
        let fault = Fault::everywhere(FaultKind::ServerError { status: 500 });
        api.sandbox.inject(fault.probability(0.5));
        let mut run = Vec::new();
        for _ in 0..20 {
            run.push(answer(api.get("/v1/credits/costs")).await.0.as_u16());
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_loaded_world_goes_on_at_its_time_and_takes_the_tokens_of_this_one() {
    let api = Api::new(quick().clock(Clock::Manual)).await;
    api.sandbox.advance(Duration::from_nanos(1_000_000_999));
    let (_, state) = control(&api, Method::GET, "state", None).await;
    let other = Api::new(quick().clock(Clock::Manual)).await;
    let load = |state: &Value| control(&other, Method::PUT, "state", Some(state.clone()));
    assert_eq!(load(&state).await.0, 204);
    let (_, loaded) = control(&other, Method::GET, "state", None).await;
    assert_eq!(loaded["advanced_ns"], state["advanced_ns"]);
    assert_eq!(state["advanced_ns"], 1_000_000_999);
    // Those that were printed, and those of the dump.
    other.json("/v1/credits/balance").await;
    let dumped = other
        .bare(Method::GET, "/v1/credits/balance")
        .bearer_auth(api.sandbox.access_token());
    assert_eq!(answer(dumped).await.0, 200);
    let refresh = json!({ "refresh_token": other.sandbox.refresh_token() });
    let refresh = other.bare(Method::POST, "/v1/auth/refresh").json(&refresh);
    assert_eq!(answer(refresh).await.0, 200);

    let mut strange = state.clone();
    strange["advanced_ns"] = json!(-5);
    assert_eq!(load(&strange).await.0, 204);
    let (_, loaded) = control(&other, Method::GET, "state", None).await;
    assert_eq!(loaded["advanced_ns"], 0);
}

#[tokio::test]
async fn tokens_are_issued_within_reason() {
    let api = Api::quick().await;
    for wanted in [
        json!({ "scopes": ["calls:read", "calls:dance"] }),
        json!({ "expires_in": 315_360_001 }),
        json!({ "expires_in": u64::MAX }),
    ] {
        let (status, body) = control(&api, Method::POST, "tokens", Some(wanted)).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (400, &json!("validation_error"))
        );
    }
    let wanted = json!({ "scopes": ["calls.read"], "expires_in": 315_360_000 });
    let (status, token) = control(&api, Method::POST, "tokens", Some(wanted)).await;
    assert_eq!((status, &token["scope"]), (200, &json!("calls:read")));
}

#[tokio::test]
async fn the_journal_shows_no_secret() {
    let api = Api::quick().await;
    let body = json!({ "refresh_token": api.sandbox.refresh_token() });
    answer(api.bare(Method::POST, "/v1/auth/refresh").json(&body)).await;
    let form = format!(
        "grant_type=refresh_token&client_id=c&client_secret={}",
        api.sandbox.client_secret()
    );
    let exchange = api
        .bare(Method::POST, "/v1/auth/gpt/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    answer(exchange).await;
    let broken = api
        .bare(Method::POST, "/v1/auth/refresh")
        .header("content-type", "application/json")
        .body(format!(
            "{{\"refresh_token\": \"{}\"",
            api.sandbox.refresh_token()
        ));
    answer(broken).await;
    answer(api.get("/v1/calls?token=sbx_x&limit=5")).await;
    let (_, journal) = control(&api, Method::GET, "journal", None).await;
    let requests = &journal["requests"];
    assert!(!requests.to_string().contains("sbx_"), "{requests}");
    assert_eq!(requests[0]["body"], json!({ "refresh_token": "[masked]" }));
    assert_eq!(requests[1]["body"]["client_secret"], "[masked]");
    assert_eq!(requests[1]["body"]["client_id"], "c");
    assert_eq!(requests[2]["body"], "[masked]");
    assert_eq!(
        requests[3]["query"],
        json!({ "token": "[masked]", "limit": "5" })
    );
}

#[tokio::test]
async fn only_loopback_is_served_and_no_foreign_page_steers() {
    let sandbox = quick().start().await.unwrap();
    let ask = async |method: &str, path: &str, headers: &str| {
        let request = format!("{method} {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
        raw::exchange(&sandbox, &request).await.0
    };
    for path in ["/_sandbox/state", "/v1/credits/costs"] {
        for host in [
            "localhost",
            "LOCALHOST:1",
            "127.0.0.1:8980",
            "[::1]:1",
            "[::1]",
        ] {
            let answer = ask("GET", path, &format!("Host: {host}\r\n")).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{host}: {answer}");
        }
        for host in [
            "evil.example",
            "127.0.0.1.evil.example:80",
            "localhost.evil.example",
            "127.0.0.2",
            "",
        ] {
            let answer = ask("GET", path, &format!("Host: {host}\r\n")).await;
            assert!(answer.starts_with("HTTP/1.1 421"), "{host}: {answer}");
        }
        let elsewhere = format!("http://evil.example{path}");
        let answer = ask("GET", &elsewhere, "Host: localhost\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    }
    assert!(
        sandbox
            .journal()
            .iter()
            .all(|entry| entry.status == Some(200))
    );
    for (origin, status) in [
        ("http://evil.example", 403),
        ("null", 403),
        ("http://localhost:3000", 403),
        ("http://localhost:1", 204),
    ] {
        let headers = format!("Host: localhost:1\r\nOrigin: {origin}\r\n");
        let answer = ask("POST", "/_sandbox/reset", &headers).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{origin}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_world_is_dumped_loaded_and_seeded_in_rust_as_well() {
    let api = Api::quick().await;
    let id = api.placed().await;
    let state = api.sandbox.state().unwrap();
    assert_eq!(state, api.json("/_sandbox/state").await);
    let other = Api::quick().await;
    other.sandbox.load(&state).unwrap();
    assert_eq!(other.sandbox.dialled()[0].call_id, id);
    assert_eq!(
        other.json(&format!("/v1/calls/{id}")).await["status"],
        "success"
    );
    let error = other.sandbox.load(&json!({ "calls": 7 })).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the state cannot be loaded: ")
    );
    assert_eq!(other.sandbox.dialled().len(), 1, "nothing has changed");
    // The same seed gives the same ids.
    let (one, two) = (Api::quick().await, Api::quick().await);
    one.sandbox.seed(42);
    two.sandbox.seed(42);
    assert_eq!(one.placed().await, two.placed().await);
}
