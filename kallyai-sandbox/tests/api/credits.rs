//! Credits: what calls cost, and what happens when there are none.

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer, refused};

#[tokio::test]
async fn a_call_is_debited_by_the_published_prices() {
    let api = Api::quick().await;
    let costs = &api.json("/v1/credits/costs").await["costs"]["call"];
    assert_eq!(costs, &json!({ "base": 1, "per_minute": 0.1 }));
    let before = api.json("/v1/credits/balance").await;
    assert_eq!(before["credits_remaining"], 200);

    let (_, call) = answer(api.call("+12025550199")).await;
    let minutes = call["duration_seconds"].as_f64().unwrap() / 60.0;
    let expected = ((1.0 + 0.1 * minutes) * 100.0).round() / 100.0;
    assert_eq!(call["credits_used"].as_f64(), Some(expected));

    let after = api.json("/v1/credits/balance").await;
    assert_eq!(after["credits_used"], call["credits_used"]);
    let remaining = after["credits_remaining"].as_f64().unwrap();
    assert!((remaining - (200.0 - expected)).abs() < 1e-9);

    let (_, unanswered) = answer(api.call("+12025550101")).await;
    assert_eq!(unanswered["credits_used"], 1);

    let history = api.json("/v1/credits/history").await;
    let entries = history["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["credits"], 1);
    assert_eq!(entries[1]["credits"], call["credits_used"]);
    assert_eq!(entries[1]["description"], "A call to Italian Bistro");
    let limited = api.json("/v1/credits/history?limit=1").await;
    assert_eq!(limited["entries"].as_array().unwrap().len(), 1);

    let breakdown = api.json("/v1/credits/breakdown").await;
    assert_eq!(breakdown["items"][0]["action_type"], "call");
    assert_eq!(breakdown["items"][0]["transaction_count"], 2);
    assert_eq!(
        breakdown["total_spent"],
        breakdown["items"][0]["credits_total"]
    );
}

#[tokio::test]
async fn without_credits_nothing_is_dialled() {
    let api = Api::quick().await;
    let state = api.json("/_sandbox/state").await;
    let load = |allocated: u32| {
        let mut state = state.clone();
        state["ledger"]["allocated"] = json!(allocated);
        api.bare(Method::PUT, "/_sandbox/state").json(&state)
    };
    assert_eq!(answer(load(99)).await.0, 204);
    refused(api.call("+12025550101"), 402, "quota_exceeded").await;
    assert!(api.sandbox.dialled().is_empty());
    assert_eq!(answer(load(100)).await.0, 204);
    assert_eq!(answer(api.call("+12025550101")).await.0, 201);
    refused(api.call("+12025550101"), 402, "quota_exceeded").await;
    assert_eq!(
        api.json("/v1/credits/balance").await["credits_remaining"],
        0
    );
}

#[tokio::test]
async fn prices_and_plans_are_public() {
    let api = Api::quick().await;
    for path in ["/v1/credits/costs", "/v1/credits/plans"] {
        assert_eq!(answer(api.bare(Method::GET, path)).await.0, 200);
    }
    let plans = api.json("/v1/credits/plans").await;
    assert_eq!(plans["plans"]["pro"]["overage_rate"], "0.10");
}

#[tokio::test]
async fn estimates_follow_the_price_list() {
    let api = Api::quick().await;
    let expected: [(&str, Value); 7] = [
        ("call", json!(1.5)),
        ("email", json!(0.3)),
        ("search", json!(0.5)),
        ("booking", json!(0.5)),
        ("ride", json!(0.5)),
        ("food", json!(0.5)),
        ("errand", json!(1)),
    ];
    for (kind, credits) in expected {
        let body = json!({ "type": kind, "description": "Something" });
        let (status, estimate) = answer(api.post("/v1/goals/estimate", &body)).await;
        assert_eq!(status, 200);
        assert_eq!(estimate["estimated_credits"], credits, "{kind}");
    }
}

#[tokio::test]
async fn a_new_month_brings_new_credits() {
    let api = Api::new(crate::api::quick().clock(kallyai_sandbox::Clock::Manual)).await;
    api.placed().await;
    let before = api.json("/v1/credits/balance").await;
    assert_eq!(before["period_end"], "2026-03-01T00:00:00Z");
    assert_ne!(before["credits_used"], 0);
    api.sandbox
        .advance(std::time::Duration::from_secs(40 * 24 * 3600));
    let token = api
        .sandbox
        .issue_token(["credits:read"], std::time::Duration::from_secs(60));
    let json = async |path: &str| {
        let request = api.bare(Method::GET, path).bearer_auth(&token.access_token);
        answer(request).await.1
    };
    let after = json("/v1/credits/balance").await;
    assert_eq!(after["period_start"], "2026-03-01T00:00:00Z");
    assert_eq!(after["period_end"], "2026-04-01T00:00:00Z");
    assert_eq!(
        (&after["credits_used"], &after["credits_remaining"]),
        (&json!(0), &json!(200))
    );
    assert_eq!(json("/v1/credits/breakdown").await["items"], json!([]));
    // What was spent before is still told.
    let history = json("/v1/credits/history").await;
    assert_eq!(history["entries"].as_array().unwrap().len(), 1);
}
