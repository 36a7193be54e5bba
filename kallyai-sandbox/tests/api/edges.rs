//! Requests at the edges of what the spec allows, and the document that says what it allows. Other
//! people's tools have found them: other-tools/README.md.

use kallyai_openapi::Spec;
use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer, quick, refused};
use crate::raw;

/// 2^65: nothing counts so far.
const HUGE: &str = "36893488147419103232";

#[tokio::test]
async fn an_offset_that_nobody_counts_to_leaves_nothing() {
    let api = Api::quick().await;
    api.placed().await;
    for offset in ["1", "18446744073709551615", HUGE] {
        let page = api.json(&format!("/v1/calls?offset={offset}")).await;
        assert_eq!(page["calls"], json!([]), "{offset}");
    }
    for limit in [HUGE, "-36893488147419103232"] {
        let path = format!("/v1/calls?limit={limit}");
        refused(api.get(&path), 400, "validation_error").await;
    }
    let index = format!("/v1/inbound/calls/x/action-items/{HUGE}");
    let request = api
        .bare(Method::PATCH, &index)
        .bearer_auth(api.sandbox.access_token())
        .json(&json!({ "status": "done" }));
    assert_eq!(answer(request).await.0, 404);
}

#[tokio::test]
async fn a_strange_path_gets_a_documented_answer() {
    let sandbox = quick().start().await.unwrap();
    // This operation has no 404.
    for code in ["%00", "%ff", "a%2fb", "a%5cb", "%2e%2e"] {
        let path = format!("/v1/referrals/validate/{code}");
        let (answer, _) = raw::exchange(&sandbox, &raw::get(&sandbox, &path)).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{code}: {answer}");
        assert!(raw::body(&answer).contains("validation_error"), "{answer}");
    }
    // Any other character is one.
    let path = "/v1/referrals/validate/a%0ab%7f";
    let (answer, _) = raw::exchange(&sandbox, &raw::get(&sandbox, path)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_field_of_a_form_that_nobody_knows_may_come_twice() {
    let api = Api::quick().await;
    let exchange = |more: &str| {
        let form = format!(
            "grant_type=refresh_token&client_id={}&refresh_token={}{more}",
            api.sandbox.client_id(),
            api.sandbox.refresh_token()
        );
        api.bare(Method::POST, "/v1/auth/gpt/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    };
    assert_eq!(answer(exchange("&f=1&f=2")).await.0, 200);
    refused(exchange("&client_id=x"), 400, "validation_error").await;
}

#[tokio::test]
async fn a_number_that_cannot_be_kept_is_refused() {
    let api = Api::quick().await;
    let rule = |priority: &str| {
        let rule = format!(
            r#"{{"name": "R", "priority": {priority}, "is_active": true, "action": "reject"}}"#
        );
        api.bare(Method::POST, "/v1/inbound/rules")
            .bearer_auth(api.sandbox.access_token())
            .header("content-type", "application/json")
            .body(rule)
    };
    for priority in ["-9223372036854775808", "9223372036854775807"] {
        let (status, kept) = answer(rule(priority)).await;
        assert_eq!(status, 200, "{kept}");
        assert_eq!(kept["priority"].to_string(), priority);
    }
    for priority in [
        HUGE,
        "-36893488147419103232",
        "9223372036854775808",
        "1e400",
    ] {
        refused(rule(priority), 400, "validation_error").await;
    }
}

#[tokio::test]
async fn the_document_says_what_this_world_answers() {
    let api = Api::quick().await;
    let (status, mut document) = answer(api.bare(Method::GET, "/_sandbox/openapi.json")).await;
    assert_eq!(status, 200);
    let here = api.sandbox.base_url();
    assert_eq!(document["servers"][0]["url"], here);
    let flow =
        document["components"]["securitySchemes"]["oauth"]["flows"]["authorizationCode"].take();
    assert_eq!(flow["tokenUrl"], format!("{here}/v1/auth/gpt/token"));
    let calls = document["components"]["schemas"]["CallStatus"]["enum"].take();
    for status in ["success", "queued", "ringing", "in_progress"] {
        assert!(
            calls.as_array().unwrap().contains(&json!(status)),
            "{calls}"
        );
    }
    document["components"]["schemas"]["GoalStepStatus"]["enum"].take();
    document["servers"].take();

    // All else is the spec.
    let mut spec: Value = Spec::load().unwrap().document().clone();
    spec["components"]["securitySchemes"]["oauth"]["flows"]["authorizationCode"].take();
    for schema in ["CallStatus", "GoalStepStatus"] {
        spec["components"]["schemas"][schema]["enum"].take();
    }
    spec["servers"].take();
    assert!(document == spec, "it is not the spec");
}
