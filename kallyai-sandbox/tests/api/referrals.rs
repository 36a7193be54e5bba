//! Referrals: the code, who came with it, the reward, and the limits of an hour.

use std::time::Duration;

use kallyai_sandbox::{Clock, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer, refused};

async fn manual() -> Api {
    let world = Sandbox::builder().clock(Clock::Manual).call_seconds(30.0);
    Api::new(world).await
}

async fn code(api: &Api) -> String {
    let code = api.json("/v1/referrals/code").await;
    code["code"].as_str().unwrap().to_owned()
}

async fn track(api: &Api, code: &str, email: &str) -> Value {
    let (status, body) = answer(
        api.bare(Method::POST, "/v1/referrals/track")
            .json(&json!({ "code": code, "email": email })),
    )
    .await;
    assert_eq!(status, 201, "{body}");
    body["tracked"].clone()
}

async fn validate(api: &Api, code: &str) -> Value {
    let path = format!("/v1/referrals/validate/{code}");
    let (status, body) = answer(api.bare(Method::GET, &path)).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["code"], code);
    body["valid"].clone()
}

#[tokio::test]
async fn a_code_is_made_once_and_is_good_from_then_on() {
    let api = manual().await;
    assert_eq!(validate(&api, "KNOBODY").await, false);
    let first = api.json("/v1/referrals/code").await;
    assert_eq!(first, api.json("/v1/referrals/code").await);
    assert_eq!(validate(&api, &code(&api).await).await, true);
    assert_eq!(
        api.json("/v1/referrals/history").await["referrals"],
        json!([])
    );
}

#[tokio::test]
async fn who_comes_with_the_code_brings_credits_when_converted() {
    let api = manual().await;
    let code = code(&api).await;
    assert_eq!(track(&api, "KNOBODY", "grace@example.com").await, false);
    assert_eq!(track(&api, &code, "grace@example.com").await, true);
    assert_eq!(track(&api, &code, "Grace@example.com").await, false);
    let stats = api.json("/v1/referrals/stats").await;
    assert_eq!(
        (&stats["total_referrals"], &stats["pending"]),
        (&json!(1), &json!(1))
    );
    api.sandbox.advance(Duration::from_secs(30));
    let stats = api.json("/v1/referrals/stats").await;
    assert_eq!(stats["converted"], 1);
    assert_eq!(stats["total_reward_credits"], 20);
    let balance = api.json("/v1/credits/balance").await;
    assert_eq!(balance["credits_remaining"], 220);
    assert_eq!(track(&api, &code, "bob@example.com").await, true);
    let history = api.json("/v1/referrals/history").await;
    let referrals = history["referrals"].as_array().unwrap();
    assert_eq!(referrals[0]["referred_email"], "bob@example.com");
    assert_eq!(referrals[0]["status"], "pending");
    assert!(referrals[0].get("converted_at").is_none());
    assert_eq!(referrals[1]["status"], "converted");
    assert_eq!(referrals[1]["converted_at"], "2026-02-14T18:00:30Z");
}

#[tokio::test]
async fn checks_and_records_are_limited_by_the_hour() {
    let api = manual().await;
    let code = code(&api).await;
    for _ in 0..20 {
        assert_eq!(validate(&api, &code).await, true);
    }
    let path = format!("/v1/referrals/validate/{code}");
    refused(api.bare(Method::GET, &path), 429, "rate_limited").await;
    let record = |n: u32| {
        let body = json!({ "code": code, "email": format!("p{n}@example.com") });
        api.bare(Method::POST, "/v1/referrals/track").json(&body)
    };
    for n in 0..10 {
        assert_eq!(answer(record(n)).await.0, 201);
    }
    refused(record(10), 429, "rate_limited").await;
    api.sandbox.advance(Duration::from_secs(3600));
    assert_eq!(validate(&api, &code).await, true);
    assert_eq!(answer(record(10)).await.0, 201);
}
