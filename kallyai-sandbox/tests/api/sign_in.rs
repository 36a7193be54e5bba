//! Tokens, scopes, and the ways to get them.

use std::collections::HashMap;
use std::time::Duration;

use kallyai_sandbox::{Clock, Sandbox};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use crate::api::{Api, answer, encode, quick, refused};

const CLI: &str = "/v1/auth/cli?redirect_uri=http%3A%2F%2F127.0.0.1%3A8976%2Fcallback&state=s%26t";

pub(crate) async fn location(request: reqwest::RequestBuilder) -> Url {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 302);
    response.headers()["location"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap()
}

pub(crate) fn query(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

pub(crate) fn with_token(api: &Api, token: &str) -> reqwest::RequestBuilder {
    api.bare(Method::GET, "/v1/credits/balance")
        .bearer_auth(token)
}

#[tokio::test]
async fn only_issued_tokens_are_taken() {
    let api = Api::quick().await;
    let other = Sandbox::start().await.unwrap();
    let path = "/v1/credits/balance";
    refused(api.bare(Method::GET, path), 401, "missing_token").await;
    refused(
        api.bare(Method::GET, path)
            .header("authorization", "Basic eDp5"),
        401,
        "missing_token",
    )
    .await;
    refused(with_token(&api, "sbx_at_made_up"), 401, "token_expired").await;
    refused(with_token(&api, other.access_token()), 401, "token_expired").await;
    refused(
        with_token(&api, api.sandbox.refresh_token()),
        401,
        "token_expired",
    )
    .await;
}

#[tokio::test]
async fn tokens_expire_by_the_clock_of_the_world() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual)).await;
    let short = api
        .sandbox
        .issue_token(["credits:read"], Duration::from_secs(60));
    assert_eq!(answer(with_token(&api, &short.access_token)).await.0, 200);
    api.sandbox.advance(Duration::from_secs(60));
    refused(with_token(&api, &short.access_token), 401, "token_expired").await;
    assert_eq!(
        answer(with_token(&api, api.sandbox.access_token())).await.0,
        200
    );
}

#[tokio::test]
async fn scopes_are_enforced_in_both_spellings() {
    let api = Api::quick().await;
    let token = api
        .sandbox
        .issue_token(["calls.read"], Duration::from_secs(60));
    let list = api
        .bare(Method::GET, "/v1/calls")
        .bearer_auth(&token.access_token);
    assert_eq!(answer(list).await.0, 200);
    let error = refused(with_token(&api, &token.access_token), 403, "forbidden").await;
    assert_eq!(error["error"]["details"]["reason"], "credits:read");
}

#[tokio::test]
async fn the_cli_flow_asks_on_a_page() {
    let api = Api::quick().await;
    for (decision, key) in [("approve", "access_token"), ("refuse", "error")] {
        let consent = location(api.bare(Method::GET, CLI)).await;
        let http = crate::api::client();
        let page = http.get(consent.clone()).send().await.unwrap();
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let html = page.text().await.unwrap();
        assert!(html.contains("<form") && !html.contains("8976") && !html.contains("s&t"));

        let senseless = http.post(consent.clone()).body("decision=maybe");
        assert_eq!(answer(senseless).await.0, 400);
        let decide = || {
            http.post(consent.clone())
                .body(format!("decision={decision}"))
        };
        let back = location(decide()).await;
        assert!(back.as_str().starts_with("http://127.0.0.1:8976/callback?"));
        let query = query(&back);
        assert!(query.contains_key(key), "{decision}");
        assert_eq!(query["state"], "s&t");
        assert_eq!(answer(decide()).await.0, 404);
    }
}

#[tokio::test]
async fn approved_beforehand_it_comes_straight_back() {
    let api = Api::new(quick().auto_approve(true)).await;
    let query = query(&location(api.bare(Method::GET, CLI)).await);
    assert_eq!(query["expires_in"], "3600");
    assert_eq!(query["state"], "s&t");
    assert_eq!(
        answer(with_token(&api, &query["access_token"])).await.0,
        200
    );
    let body = json!({ "refresh_token": query["refresh_token"] });
    let refreshed = api.bare(Method::POST, "/v1/auth/refresh").json(&body);
    assert_eq!(answer(refreshed).await.0, 200);
}

#[tokio::test]
async fn tokens_go_to_loopback_only() {
    let api = Api::new(quick().auto_approve(true)).await;
    for uri in [
        "https://127.0.0.1:1/",
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "http://localhost@example.com/",
        "http://127.1:8/",
        "nonsense",
        "",
    ] {
        let path = format!("/v1/auth/cli?{}", encode(&[("redirect_uri", uri)]));
        let request = api.bare(Method::GET, &path);
        refused(request, 400, "validation_error").await;
    }
    refused(
        api.bare(Method::GET, "/v1/auth/cli"),
        400,
        "validation_error",
    )
    .await;
}

pub(crate) async fn refresh(api: &Api, token: &str) -> (u16, Value) {
    let body = json!({ "refresh_token": token });
    let (status, body) = answer(api.bare(Method::POST, "/v1/auth/refresh").json(&body)).await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn a_refresh_brings_new_tokens() {
    let api = Api::quick().await;
    let (status, first) = refresh(&api, api.sandbox.refresh_token()).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], api.sandbox.refresh_token());
    let access = first["access_token"].as_str().unwrap();
    assert_eq!(answer(with_token(&api, access)).await.0, 200);
    // Without strict rotation the old one goes on.
    assert_eq!(refresh(&api, api.sandbox.refresh_token()).await.0, 200);
    assert_eq!(refresh(&api, "sbx_rt_made_up").await.0, 401);
}

#[tokio::test]
async fn reuse_revokes_the_family_under_strict_rotation() {
    let api = Api::new(quick().strict_rotation(true)).await;
    let stranger = api
        .sandbox
        .issue_token(["credits:read"], Duration::from_secs(60));
    let (_, first) = refresh(&api, api.sandbox.refresh_token()).await;
    let (_, second) = refresh(&api, first["refresh_token"].as_str().unwrap()).await;
    let newest = second["access_token"].as_str().unwrap();
    assert_eq!(answer(with_token(&api, newest)).await.0, 200);
    assert_eq!(refresh(&api, api.sandbox.refresh_token()).await.0, 401);
    refused(with_token(&api, newest), 401, "token_expired").await;
    assert_eq!(
        refresh(&api, second["refresh_token"].as_str().unwrap())
            .await
            .0,
        401
    );
    assert_eq!(
        answer(with_token(&api, &stranger.access_token)).await.0,
        200
    );
}

#[tokio::test]
async fn the_service_may_keep_the_refresh_token() {
    let builder = quick().strict_rotation(true).keep_refresh_token(true);
    let api = Api::new(builder).await;
    for _ in 0..2 {
        let (status, body) = refresh(&api, api.sandbox.refresh_token()).await;
        assert_eq!(status, 200);
        assert!(body.get("refresh_token").is_none(), "{body}");
        let access = body["access_token"].as_str().unwrap();
        assert_eq!(answer(with_token(&api, access)).await.0, 200);
    }
}

#[tokio::test]
async fn a_refresh_keeps_scopes_and_lifetime() {
    let api = Api::quick().await;
    let short = api
        .sandbox
        .issue_token(["credits:read"], Duration::from_secs(7));
    let (_, body) = refresh(&api, &short.refresh_token).await;
    assert_eq!(body["expires_in"], 7);
    assert_eq!(body["scope"], "credits:read");
}

#[tokio::test]
async fn google_gives_tokens() {
    let api = Api::quick().await;
    let sent = |token: &str| {
        let body = json!({ "id_token": token });
        api.bare(Method::POST, "/v1/auth/google/validate")
            .json(&body)
    };
    let (status, tokens) = answer(sent("anything")).await;
    assert_eq!(status, 200, "{tokens}");
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(answer(with_token(&api, access)).await.0, 200);
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(&api, refresh_token).await.0, 200);
    refused(sent("invalid-token"), 401, "token_expired").await;
    assert_eq!(answer(sent("")).await.0, 400);
}

#[tokio::test]
async fn apple_gives_tokens_once_for_a_code() {
    let api = Api::quick().await;
    let sent = |token: &str, code: &str| {
        let body = json!({ "identity_token": token, "authorization_code": code });
        api.bare(Method::POST, "/v1/auth/apple/token").json(&body)
    };
    let (status, tokens) = answer(sent("anything", "c1")).await;
    assert_eq!(status, 200, "{tokens}");
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(answer(with_token(&api, access)).await.0, 200);
    refused(sent("anything", "c1"), 401, "token_expired").await;
    refused(sent("invalid", "c2"), 401, "token_expired").await;
    refused(sent("anything", "invalid"), 401, "token_expired").await;
    assert_eq!(answer(sent("anything", "c3")).await.0, 200);
}
