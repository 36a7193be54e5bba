//! The subscription, its pages, and the older views of it.

use std::time::Duration;

use kallyai_sandbox::{Clock, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer, encode, refused};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn manual() -> Api {
    Api::new(Sandbox::builder().clock(Clock::Manual)).await
}

async fn change(api: &Api, plan: &str) -> Value {
    let request = api.post(
        "/v1/subscriptions/change-plan",
        &json!({ "new_plan": plan }),
    );
    let (status, body) = answer(request).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// Tokens do not live for a month.
async fn later(api: &Api, path: &str) -> Value {
    let token = api
        .sandbox
        .issue_token(["credits:read", "subscription:read"], DAY);
    let request = api.bare(Method::GET, path).bearer_auth(&token.access_token);
    let (status, body) = answer(request).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// Opens a link of the sandbox and presses a button there.
async fn press(api: &Api, url: &str, decision: &str) -> reqwest::Response {
    let path = url.strip_prefix(api.sandbox.base_url()).unwrap();
    let page = api.bare(Method::GET, path).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(page.contains(&format!("value=\"{decision}\"")), "{page}");
    api.bare(Method::POST, path)
        .body(encode(&[("decision", decision)]))
        .send()
        .await
        .unwrap()
}

async fn portal(api: &Api) -> String {
    let portal = api.json("/v1/stripe/billing-portal").await;
    portal["url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_upgrade_counts_at_once() {
    let api = manual().await;
    let before = api.json("/v1/subscriptions/status").await;
    assert_eq!(before["plan_type"], "starter");
    assert_eq!(before["current_period_start"], "2026-02-01T00:00:00Z");
    api.sandbox.ring("+12025550142", ["Hello"]).unwrap();
    let changed = change(&api, "pro").await;
    assert_eq!(changed["change_type"], "upgrade");
    assert_eq!(changed["new_period_start"], "2026-02-14T18:00:00Z");
    assert_eq!(changed["new_period_end"], "2026-03-14T18:00:00Z");
    let balance = api.json("/v1/credits/balance").await;
    assert_eq!(balance["plan_type"], "pro");
    assert_eq!(balance["credits_allocated"], 600);
    assert_eq!(balance["credits_remaining"], 600);
    assert_eq!(balance["period_end"], "2026-03-14T18:00:00Z");
    // Spent credits stay in the history, and begin at nothing in the new period.
    let same = change(&api, "pro").await;
    assert_eq!(same["change_type"], "refresh");
}

#[tokio::test]
async fn a_downgrade_waits_for_the_end_of_the_period_and_can_be_given_up() {
    let api = manual().await;
    change(&api, "power").await;
    let changed = change(&api, "starter").await;
    assert_eq!(changed["change_type"], "downgrade_scheduled");
    assert_eq!(changed["new_period_start"], "2026-03-14T18:00:00Z");
    let status = api.json("/v1/subscriptions/status").await;
    assert_eq!(status["plan_type"], "power");
    assert_eq!(status["pending_change"]["new_plan"], "starter");
    assert_eq!(
        status["pending_change"]["effective_date"],
        "2026-03-14T18:00:00Z"
    );
    let again = api.post(
        "/v1/subscriptions/change-plan",
        &json!({ "target_plan": "business" }),
    );
    refused(again, 400, "pending_change_exists").await;
    let give_up = || {
        api.bare(Method::DELETE, "/v1/subscriptions/pending-change")
            .bearer_auth(api.sandbox.access_token())
    };
    let (status, body) = answer(give_up()).await;
    assert_eq!((status.as_u16(), &body["success"]), (200, &json!(true)));
    refused(give_up(), 404, "pending_change_not_found").await;
    change(&api, "starter").await;
    api.sandbox.advance(28 * DAY);
    let status = later(&api, "/v1/subscriptions/status").await;
    assert_eq!(status["plan_type"], "starter");
    assert!(status.get("pending_change").is_none());
    assert_eq!(status["current_period_start"], "2026-03-14T18:00:00Z");
    let balance = later(&api, "/v1/credits/balance").await;
    assert_eq!(balance["credits_allocated"], 200);
}

#[tokio::test]
async fn three_changes_an_hour() {
    let api = manual().await;
    for plan in ["pro", "power", "business"] {
        change(&api, plan).await;
    }
    let fourth = || {
        api.post(
            "/v1/subscriptions/change-plan",
            &json!({ "new_plan": "business" }),
        )
    };
    refused(fourth(), 429, "rate_limited").await;
    api.sandbox.advance(Duration::from_secs(3600));
    let token = api.sandbox.issue_token(["calls:read"], DAY);
    let request = api
        .bare(Method::POST, "/v1/subscriptions/change-plan")
        .bearer_auth(&token.access_token)
        .json(&json!({ "new_plan": "business" }));
    assert_eq!(answer(request).await.0, 200);
}

#[tokio::test]
async fn the_portal_cancels_and_takes_up_again() {
    let api = manual().await;
    let url = portal(&api).await;
    assert_eq!(press(&api, &url, "cancel").await.status(), 200);
    refused(
        api.get("/v1/subscriptions/status"),
        400,
        "no_active_subscription",
    )
    .await;
    refused(
        api.get("/v1/stripe/billing-portal"),
        400,
        "no_active_subscription",
    )
    .await;
    let plan = json!({ "new_plan": "pro" });
    let change = api.post("/v1/subscriptions/change-plan", &plan);
    refused(change, 400, "no_active_subscription").await;
    let mine = api.json("/v1/users/me/subscription").await;
    assert_eq!(mine["has_active_subscription"], false);
    assert_eq!(mine["status"], "cancelled");
    // What is paid can be spent.
    let balance = api.json("/v1/credits/balance").await;
    assert_eq!(balance["credits_remaining"], 200);
    api.sandbox.advance(20 * DAY);
    assert_eq!(
        later(&api, "/v1/users/me/subscription").await["status"],
        "expired"
    );
    let balance = later(&api, "/v1/credits/balance").await;
    assert_eq!(balance["credits_remaining"], 0);
    assert_eq!(press(&api, &url, "resume").await.status(), 200);
    let status = later(&api, "/v1/subscriptions/status").await;
    assert_eq!(status["current_period_start"], "2026-03-06T18:00:00Z");
    let balance = later(&api, "/v1/credits/balance").await;
    assert_eq!(balance["credits_remaining"], 200);
}

#[tokio::test]
async fn the_checkout_begins_a_trial_which_becomes_a_subscription() {
    let api = manual().await;
    let asked = json!({
        "success_url": "https://example.com/paid", "cancel_url": "https://example.com/not"
    });
    let checkout = || api.post("/v1/stripe/trial-checkout", &asked);
    let (_, first) = answer(checkout()).await;
    let url = first["checkout_url"].as_str().unwrap();
    let response = press(&api, url, "cancel").await;
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], "https://example.com/not");
    let status = api.json("/v1/subscriptions/status").await;
    assert_eq!(status["plan_type"], "starter");
    // A link is good once.
    let path = url.strip_prefix(api.sandbox.base_url()).unwrap();
    refused_page(&api, path).await;
    let (_, second) = answer(checkout()).await;
    let response = press(&api, second["checkout_url"].as_str().unwrap(), "pay").await;
    assert_eq!(response.headers()["location"], "https://example.com/paid");
    let status = api.json("/v1/subscriptions/status").await;
    assert_eq!(status["status"], "trial");
    assert_eq!(status["plan_type"], "trial");
    assert_eq!(
        api.json("/v1/users/me/subscription").await["plan"]["type"],
        "trial"
    );
    let change = api.post(
        "/v1/subscriptions/change-plan",
        &json!({ "new_plan": "pro" }),
    );
    refused(change, 400, "trial_requires_checkout").await;
    let balance = api.json("/v1/credits/balance").await;
    assert_eq!(balance["credits_allocated"], 20);
    api.sandbox.advance(7 * DAY);
    let status = later(&api, "/v1/subscriptions/status").await;
    assert_eq!(status["status"], "active");
    assert_eq!(status["current_period_start"], "2026-02-21T18:00:00Z");
}

async fn refused_page(api: &Api, path: &str) {
    let (status, body) = answer(api.bare(Method::GET, path)).await;
    assert_eq!(
        (status.as_u16(), &body["error"]["code"]),
        (404, &json!("not_found"))
    );
}

#[tokio::test]
async fn pages_take_only_their_buttons_and_no_foreign_origin() {
    let api = manual().await;
    let url = portal(&api).await;
    let path = url.strip_prefix(api.sandbox.base_url()).unwrap();
    let post = |body: &'static str| api.bare(Method::POST, path).body(body);
    for body in ["", "decision=pay", "decision=%00"] {
        let (status, _) = answer(post(body)).await;
        assert_eq!(status, 400, "{body}");
    }
    let foreign = post("decision=cancel").header("origin", "https://example.com");
    assert_eq!(answer(foreign).await.0, 403);
    assert_eq!(
        api.json("/v1/subscriptions/status").await["status"],
        "active"
    );
    refused_page(&api, "/_sandbox/links/sbx_link_0").await;
}

#[tokio::test]
async fn approved_beforehand_the_checkout_is_paid_by_opening_it() {
    let api = Api::new(Sandbox::builder().auto_approve(true)).await;
    let asked = json!({ "success_url": "https://example.com/paid", "cancel_url": "https://a.b" });
    let (_, checkout) = answer(api.post("/v1/stripe/trial-checkout", &asked)).await;
    let url = checkout["checkout_url"].as_str().unwrap();
    let path = url.strip_prefix(api.sandbox.base_url()).unwrap();
    let response = api.bare(Method::GET, path).send().await.unwrap();
    assert_eq!(response.headers()["location"], "https://example.com/paid");
    assert_eq!(
        api.json("/v1/subscriptions/status").await["status"],
        "trial"
    );
}

#[tokio::test]
async fn the_older_views_agree_with_the_newer_ones() {
    let api = Api::quick().await;
    api.placed().await;
    answer(api.call("+12025550102")).await;
    let balance = api.json("/v1/credits/balance").await;
    let statistics = api.json("/v1/users/me/statistics").await;
    for (older, newer) in [
        ("plan_type", "plan_type"),
        ("minutes_allocated", "credits_allocated"),
        ("minutes_used", "credits_used"),
        ("minutes_remaining", "credits_remaining"),
        ("period_start", "period_start"),
        ("period_end", "period_end"),
    ] {
        assert_eq!(statistics[older], balance[newer], "{older}");
    }
    assert_eq!(statistics["calls_used"], 2);
    assert_eq!(statistics["calls_allocated"], 200);
    assert_eq!(statistics["calls_remaining"], 198);
    let used = balance["credits_used"].as_f64().unwrap();
    let percentage = statistics["usage_percentage"].as_f64().unwrap();
    assert!((percentage - used / 2.0).abs() < 0.06, "{percentage}");
    let mine = api.json("/v1/users/me/subscription").await;
    assert_eq!(mine["plan"]["minutes_included"], 200);
    assert_eq!(mine["plan"]["period"], "monthly");
    assert_eq!(mine["auto_renew"], true);
    let annual = json!({ "new_plan": "business", "annual": true });
    answer(api.post("/v1/subscriptions/change-plan", &annual)).await;
    let mine = api.json("/v1/users/me/subscription").await;
    assert_eq!(mine["plan"]["type"], "business");
    assert_eq!(mine["plan"]["period"], "annual");
    let url = mine["management_url"].as_str().unwrap();
    assert_eq!(press(&api, url, "cancel").await.status(), 200);
    let plans = answer(api.bare(Method::GET, "/v1/stripe/plans")).await.1;
    assert_eq!(plans["total"], 4);
    assert_eq!(plans["items"][1]["id"], "plan_pro");
}

#[tokio::test]
async fn the_portal_has_a_second_published_shape() {
    let api = Api::quick().await;
    let fault = json!({ "operation_id": "billing_portal", "fault": "alternate_shape" });
    let set = api.bare(Method::POST, "/_sandbox/faults").json(&fault);
    assert_eq!(answer(set).await.0, 204);
    let portal = api.json("/v1/stripe/billing-portal").await;
    assert!(portal.get("url").is_none() && portal["portal_url"].is_string());
}
