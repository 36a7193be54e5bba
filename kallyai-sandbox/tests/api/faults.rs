//! Faults, as they arrive at the other end of the socket.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::{Duration, Instant};

use kallyai_openapi::Spec;
use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer, quick, refused};
use crate::raw;

const BALANCE: &str = "/v1/credits/balance";

#[tokio::test]
async fn a_reset_before_the_work_leaves_nothing_done() {
    let sandbox = quick().start().await.unwrap();
    sandbox.inject(Fault::on("calls_create", FaultKind::ResetBefore));
    let (received, end) = raw::exchange(&sandbox, &raw::post_call(&sandbox)).await;
    assert_eq!(
        (received.as_str(), end),
        ("", Some(io::ErrorKind::ConnectionReset))
    );
    assert!(sandbox.dialled().is_empty());
    let journal = sandbox.journal();
    assert_eq!(journal[0].operation_id.as_deref(), Some("calls_create"));
    assert_eq!(journal[0].status, None);
}

#[tokio::test]
async fn a_reset_after_the_work_loses_only_the_answer() {
    let sandbox = quick().start().await.unwrap();
    sandbox.inject(Fault::on("calls_create", FaultKind::ResetAfter));
    let (received, end) = raw::exchange(&sandbox, &raw::post_call(&sandbox)).await;
    assert_eq!(
        (received.as_str(), end),
        ("", Some(io::ErrorKind::ConnectionReset))
    );
    sandbox.assert_dialled_once("+12025550199");
    assert_eq!(sandbox.journal()[0].status, None);
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_announced() {
    let sandbox = quick().start().await.unwrap();
    sandbox.inject(Fault::everywhere(FaultKind::CutBody));
    let (received, _) = raw::exchange(&sandbox, &raw::get(&sandbox, BALANCE)).await;
    let announced: usize = received
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .unwrap();
    let body = raw::body(&received);
    assert!(!body.is_empty() && body.len() < announced, "{received}");
    assert!(body.starts_with('{'));
}

#[tokio::test]
async fn broken_json_has_its_announced_length() {
    let api = Api::quick().await;
    api.sandbox.inject(Fault::everywhere(FaultKind::BrokenJson));
    let response = api.get(BALANCE).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let text = response.text().await.unwrap();
    assert!(text.starts_with('{') && serde_json::from_str::<Value>(&text).is_err());
}

#[tokio::test]
async fn slowness_takes_its_time() {
    let api = Api::quick().await;
    let pause = Duration::from_millis(20);
    api.sandbox
        .inject(Fault::everywhere(FaultKind::Latency(pause * 5)));
    api.sandbox
        .inject(Fault::everywhere(FaultKind::SlowBody(pause)));
    let before = Instant::now();
    let response = api.get(BALANCE).send().await.unwrap();
    let head = before.elapsed();
    assert!(head >= pause * 5, "{head:?}");
    assert!(response.json::<Value>().await.unwrap()["credits_remaining"].is_number());
    // Eight pieces, a pause before each; counted from the start, because the head may be read late.
    assert!(before.elapsed() >= pause * 12, "{:?}", before.elapsed());
}

#[tokio::test]
async fn refusals_do_no_work_and_count_down() {
    let api = Api::quick().await;
    api.sandbox.inject(
        Fault::on(
            "calls_create",
            FaultKind::RateLimit {
                retry_after: Some("2".to_owned()),
            },
        )
        .times(2),
    );
    api.sandbox.inject(Fault::on(
        "calls_create",
        FaultKind::ServerError { status: 503 },
    ));
    for _ in 0..2 {
        let response = api.call("+12025550199").send().await.unwrap();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "2");
    }
    refused(api.call("+12025550199"), 503, "internal_error").await;
    assert!(api.sandbox.dialled().is_empty());
    assert_eq!(answer(api.call("+12025550199")).await.0, 201);
}

#[tokio::test]
async fn other_operations_are_spared_and_faults_can_be_cleared() {
    let api = Api::quick().await;
    let fault = Fault::on("calls_create", FaultKind::ServerError { status: 500 });
    api.sandbox.inject(fault.times(9));
    assert_eq!(answer(api.get(BALANCE)).await.0, 200);
    api.sandbox.clear_faults();
    assert_eq!(answer(api.call("+12025550199")).await.0, 201);
}

async fn bent(api: &Api, kind: FaultKind, path: &str) -> Value {
    api.sandbox.inject(Fault::everywhere(kind));
    api.json(path).await
}

#[tokio::test]
async fn values_are_bent() {
    let api = Api::quick().await;
    let id = api.placed().await;
    let path = format!("/v1/calls/{id}");
    let call = bent(&api, FaultKind::UnknownEnum, &path).await;
    let text = call.to_string();
    assert_eq!(text.matches("sandbox_unknown").count(), 1, "{text}");

    let call = bent(&api, FaultKind::UnknownField, &path).await;
    assert!(call["sandbox_unknown"].is_object());
    assert!(call["metadata"]["sandbox_unknown"].is_object());
    assert!(call["submission"]["sandbox_unknown"].is_object());
    let costs = bent(&api, FaultKind::UnknownField, "/v1/credits/costs").await;
    assert!(costs["costs"].get("sandbox_unknown").is_none(), "{costs}");

    let balance = bent(&api, FaultKind::StringNumbers, BALANCE).await;
    assert_eq!(balance["credits_allocated"], "200");
}

#[tokio::test]
async fn the_other_published_shapes() {
    let api = Api::quick().await;
    let id = api.placed().await;
    let list = bent(&api, FaultKind::AlternateShape, "/v1/calls").await;
    assert_eq!(list["items"][0]["call_id"], id.as_str());
    assert!(list.get("calls").is_none());
    let transcript = bent(
        &api,
        FaultKind::AlternateShape,
        &format!("/v1/calls/{id}/transcript"),
    )
    .await;
    let turn = &transcript["transcript"][1];
    assert_eq!(turn["role"], "ASSISTANT");
    assert!(turn["text"].is_string() && turn.get("content").is_none());
    let history = bent(&api, FaultKind::AlternateShape, "/v1/credits/history").await;
    assert!(history.is_array());

    api.sandbox
        .inject(Fault::everywhere(FaultKind::AlternateShape).times(2));
    let (_, error) = answer(api.get("/v1/calls/nothing")).await;
    assert_eq!(error["error"]["code"], "call_not_found");
    assert!(error["error"].get("message").is_none());
    assert!(error["error"]["details"]["message"].is_string());
    let (status, quota) = answer(api.call("+12025550120")).await;
    assert_eq!(status, 402);
    assert_eq!(quota["plan_type"], "starter");
    assert!(quota["upgrade_url"].is_string() && quota.get("error").is_none());
}

#[tokio::test]
async fn every_name_is_taken_by_the_control_plane() {
    let api = Api::quick().await;
    let inject = |body: Value| answer(api.bare(Method::POST, "/_sandbox/faults").json(&body));
    for body in [
        json!({ "fault": "latency", "ms": 1 }),
        json!({ "fault": "slow_body", "ms": 1, "probability": 0.5 }),
        json!({ "fault": "rate_limit", "retry_after": 2 }),
        json!({ "fault": "rate_limit", "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT" }),
        json!({ "fault": "server_error", "status": 502, "times": 3 }),
        json!({ "fault": "reset_before" }),
        json!({ "fault": "reset_after" }),
        json!({ "fault": "cut_body" }),
        json!({ "fault": "broken_json" }),
        json!({ "fault": "unknown_enum" }),
        json!({ "fault": "unknown_field" }),
        json!({ "fault": "string_numbers" }),
        json!({ "fault": "alternate_shape" }),
    ] {
        for id in ["*", "calls_get"] {
            let mut body = body.clone();
            body["operation_id"] = json!(id);
            assert_eq!(inject(body.clone()).await.0, 204, "{body}");
        }
    }
    for body in [
        json!({ "operation_id": "*", "fault": "earthquake" }),
        json!({ "operation_id": "*", "fault": "latency" }),
        json!({ "operation_id": "nothing", "fault": "cut_body" }),
        json!({ "operation_id": "*", "fault": "cut_body", "times": 1, "probability": 1 }),
        json!({ "operation_id": "*", "fault": "cut_body", "probability": 2 }),
        json!({ "operation_id": "*", "fault": "server_error", "status": 404 }),
        json!({ "operation_id": "*", "fault": "cut_body", "colour": "red" }),
        json!({ "operation_id": "*", "fault": "cut_body", "ms": 5 }),
        json!({ "operation_id": "*", "fault": "latency", "ms": 5, "status": 500 }),
        json!({ "operation_id": "*", "fault": "latency", "ms": 5, "retry_after": 1 }),
        json!({ "operation_id": "*", "fault": "rate_limit", "retry_after": "soon" }),
        json!({ "operation_id": "*", "fault": "rate_limit", "retry_after": -1 }),
        json!({ "operation_id": "*", "fault": "rate_limit", "retry_after": "1\r\nx: y" }),
        json!({ "operation_id": "calls_recording", "fault": "unknown_enum" }),
        json!({ "operation_id": "calls_calendar", "fault": "string_numbers" }),
        json!({ "operation_id": "*", "fault": "error", "code": "quota_exceeded" }),
        json!({ "operation_id": "calls_get", "fault": "error", "code": "quota_exceeded" }),
        json!({ "operation_id": "calls_get", "fault": "error", "code": "nothing" }),
        json!({ "operation_id": "calls_get", "fault": "error" }),
        json!({ "operation_id": "calls_get", "fault": "cut_body", "code": "call_not_found" }),
        json!({ "fault": "cut_body" }),
    ] {
        let (status, answer) = inject(body.clone()).await;
        assert_eq!(
            (status.as_u16(), &answer["error"]["code"]),
            (400, &json!("validation_error")),
            "{body}"
        );
    }
    let cleared = api.bare(Method::DELETE, "/_sandbox/faults");
    assert_eq!(answer(cleared).await.0, 204);
    assert_eq!(answer(api.get(BALANCE)).await.0, 200);
}

#[tokio::test]
async fn what_is_set_can_be_read_and_set_again() {
    let api = Api::quick().await;
    let faults = || api.json("/_sandbox/faults");
    assert_eq!(faults().await, json!({ "faults": [] }));
    let set = [
        json!({ "operation_id": "*", "fault": "latency", "ms": 1, "times": 2 }),
        json!({ "operation_id": "calls_get", "fault": "slow_body", "ms": 0, "probability": 0.5 }),
        json!({ "operation_id": "*", "fault": "rate_limit", "retry_after": 2, "times": 1 }),
        json!({
            "operation_id": "*", "fault": "rate_limit", "times": 1,
            "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT",
        }),
        json!({ "operation_id": "*", "fault": "server_error", "status": 502, "times": 3 }),
        json!({ "operation_id": "calls_get", "fault": "reset_before", "times": 1 }),
        json!({ "operation_id": "calls_get", "fault": "reset_after", "times": 1 }),
        json!({ "operation_id": "calls_get", "fault": "cut_body", "times": 1 }),
        json!({ "operation_id": "calls_get", "fault": "broken_json", "times": 1 }),
        json!({ "operation_id": "calls_get", "fault": "unknown_enum", "times": 1 }),
        json!({ "operation_id": "calls_get", "fault": "unknown_field", "times": 1 }),
        json!({ "operation_id": "calls_get", "fault": "string_numbers", "times": 1 }),
        json!({ "operation_id": "calls_get", "fault": "alternate_shape", "times": 1 }),
    ];
    for fault in &set {
        let inject = api.bare(Method::POST, "/_sandbox/faults").json(fault);
        assert_eq!(answer(inject).await.0, 204, "{fault}");
    }
    assert_eq!(faults().await, json!({ "faults": set }));
    // A hit takes one of the times, and what is spent is gone.
    refused(api.get(BALANCE), 429, "rate_limited").await;
    let left = faults().await;
    assert_eq!(left["faults"][0]["times"], 1);
    assert_eq!(left["faults"].as_array().unwrap().len(), set.len() - 1);
    api.sandbox.clear_faults();
    assert_eq!(faults().await, json!({ "faults": [] }));
    // What nobody says is one time, with the status 500.
    let short = json!({ "operation_id": "*", "fault": "server_error" });
    answer(api.bare(Method::POST, "/_sandbox/faults").json(&short)).await;
    let shown = json!({ "operation_id": "*", "fault": "server_error", "status": 500, "times": 1 });
    assert_eq!(faults().await, json!({ "faults": [shown] }));
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let api = Api::new(Sandbox::builder().seed(7)).await;
        let fault = Fault::everywhere(FaultKind::ServerError { status: 500 });
        api.sandbox.inject(fault.probability(0.5));
        let mut run = Vec::new();
        for _ in 0..20 {
            run.push(answer(api.get(BALANCE)).await.0.as_u16());
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&200) && runs[0].contains(&500));
}

#[tokio::test]
async fn a_fault_waits_for_an_answer_that_it_can_bend() {
    let api = Api::quick().await;
    let id = api.placed().await;
    api.sandbox
        .inject(Fault::everywhere(FaultKind::UnknownEnum));
    assert_eq!(answer(api.get("/v1/credits/costs")).await.0, 200);
    let call = api.json(&format!("/v1/calls/{id}")).await;
    assert!(call.to_string().contains("sandbox_unknown"));
    // It was meant for one answer.
    let call = api.json(&format!("/v1/calls/{id}")).await;
    assert!(!call.to_string().contains("sandbox_unknown"));

    // A placed call has one shape, its refusal two.
    api.sandbox
        .inject(Fault::on("calls_create", FaultKind::AlternateShape));
    api.placed().await;
    let (_, quota) = answer(api.call("+12025550120")).await;
    assert_eq!(quota["plan_type"], "starter");
}

/// Every published error of every operation can be had, and the work is not done.
#[tokio::test]
async fn every_published_error_can_be_had() {
    let spec = Spec::load().unwrap();
    let statuses: BTreeMap<String, u16> = spec
        .error_codes()
        .into_iter()
        .map(|known| (known.code, known.status))
        .collect();
    let api = Api::quick().await;
    let mut seen = BTreeSet::new();
    for operation in spec.operations() {
        let mut codes = operation.error_codes.clone();
        codes.push("rate_limited".to_owned());
        if !operation.public {
            codes.extend(["missing_token", "token_expired", "forbidden"].map(str::to_owned));
        }
        for code in codes.iter().filter(|code| statuses.contains_key(*code)) {
            let fault = json!({ "operation_id": operation.id, "fault": "error", "code": code });
            let inject = api.bare(Method::POST, "/_sandbox/faults").json(&fault);
            assert_eq!(answer(inject).await.0, 204, "{fault}");
            let path = operation.path.replace(['{', '}'], "");
            let request = api.bare(operation.method.parse().unwrap(), &path);
            refused(request, statuses[code], code).await;
            seen.insert(code.clone());
        }
    }
    assert_eq!(seen.len(), statuses.len(), "{seen:?}");
    assert!(api.sandbox.dialled().is_empty());
}

#[tokio::test]
async fn an_error_that_an_operation_does_not_have_is_not_injected() {
    let api = Api::quick().await;
    let kind = || FaultKind::Published {
        code: "toll_number".to_owned(),
    };
    api.sandbox.inject(Fault::on("credits_balance", kind()));
    api.sandbox.inject(Fault::everywhere(kind()));
    assert_eq!(answer(api.get(BALANCE)).await.0, 200);
    api.sandbox.inject(Fault::on("calls_create", kind()));
    refused(api.call("+12025550199"), 422, "toll_number").await;
    // It was meant for one request.
    api.placed().await;
}
