//! The authorization code flow: PKCE, codes, and who may refresh what came of them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::api::{Api, answer, client, encode, quick, refused};
use crate::sign_in::{location, query, refresh, with_token};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Where a browser begins.
fn authorize(api: &Api, pkce: bool) -> String {
    let mut parameters = vec![
        ("response_type", "code"),
        ("client_id", api.sandbox.client_id()),
        ("redirect_uri", "https://example.com/back"),
        ("state", "s"),
        ("scope", "calls:read credits.read"),
    ];
    if pkce {
        parameters.push(("code_challenge", CHALLENGE));
        parameters.push(("code_challenge_method", "S256"));
    }
    format!("/v1/auth/authorize?{}", encode(&parameters))
}

async fn code(api: &Api, pkce: bool) -> String {
    let request = api.bare(Method::GET, &authorize(api, pkce));
    let query = query(&location(request).await);
    assert_eq!(query["state"], "s");
    query["code"].clone()
}

async fn exchange(api: &Api, code: &str, more: &[(&str, &str)]) -> (u16, Value) {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", api.sandbox.client_id()),
        ("redirect_uri", "https://example.com/back"),
        ("code", code),
    ];
    form.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    form.extend_from_slice(more);
    let request = api.bare(Method::POST, "/v1/auth/gpt/token");
    let (status, body) = answer(
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encode(&form)),
    )
    .await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_verifier() {
    let api = Api::new(quick().auto_approve(true)).await;
    let good = [("code_verifier", VERIFIER)];
    let spent = code(&api, true).await;
    let (status, tokens) = exchange(&api, &spent, &good).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["scope"], "calls:read credits:read");
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(answer(with_token(&api, access)).await.0, 200);

    for (pkce, more, status) in [
        (true, vec![], 400),
        (true, vec![("code_verifier", "wrong")], 400),
        (false, vec![], 401),
        (false, vec![("client_secret", "wrong")], 401),
        (
            false,
            vec![("client_secret", api.sandbox.client_secret())],
            200,
        ),
        (
            false,
            vec![("client_secret", api.sandbox.client_secret()), good[0]],
            400,
        ),
    ] {
        let code = code(&api, pkce).await;
        assert_eq!(exchange(&api, &code, &more).await.0, status, "{more:?}");
    }
}

#[tokio::test]
async fn a_wrong_client_is_sent_nowhere() {
    let api = Api::new(quick().auto_approve(true)).await;
    let query = encode(&[
        ("response_type", "code"),
        ("client_id", "somebody"),
        ("redirect_uri", "https://example.com/back"),
    ]);
    let request = api.bare(Method::GET, &format!("/v1/auth/authorize?{query}"));
    refused(request, 400, "validation_error").await;
}

#[tokio::test]
async fn a_challenge_is_a_sha_256() {
    let api = Api::new(quick().auto_approve(true)).await;
    for challenge in [
        "short",
        &CHALLENGE.replace('-', "+"),
        &format!("{CHALLENGE}="),
    ] {
        let asked = encode(&[
            ("response_type", "code"),
            ("client_id", api.sandbox.client_id()),
            ("redirect_uri", "https://example.com/back"),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ]);
        let request = api.bare(Method::GET, &format!("/v1/auth/authorize?{asked}"));
        let back = location(request).await;
        assert_eq!(query(&back)["error"], "invalid_request", "{challenge}");
    }
}

#[tokio::test]
async fn a_second_use_of_a_code_revokes_what_came_of_the_first() {
    let api = Api::new(quick().auto_approve(true)).await;
    let good = [("code_verifier", VERIFIER)];
    let code = code(&api, true).await;
    let (_, tokens) = exchange(&api, &code, &good).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(answer(with_token(&api, access)).await.0, 200);
    let (status, error) = exchange(&api, &code, &good).await;
    assert_eq!(status, 400);
    assert_eq!(error["error"]["code"], "invalid_grant");
    refused(with_token(&api, access), 401, "token_expired").await;
    let secret = api.sandbox.client_secret();
    assert_eq!(
        renew(&api, &tokens, &[("client_secret", secret)]).await,
        401
    );
    // Others are not touched.
    let own = with_token(&api, api.sandbox.access_token());
    assert_eq!(answer(own).await.0, 200);
}

#[tokio::test]
async fn a_code_is_spent_by_a_wrong_use_too() {
    let api = Api::new(quick().auto_approve(true)).await;
    for wrong in [
        vec![("code_verifier", "wrong")],
        vec![],
        vec![("redirect_uri", "https://example.com/else")],
    ] {
        let code = code(&api, true).await;
        assert_eq!(exchange(&api, &code, &wrong).await.0, 400, "{wrong:?}");
        let good = [("code_verifier", VERIFIER)];
        assert_eq!(exchange(&api, &code, &good).await.0, 400, "{wrong:?}");
    }
}

/// Refreshes as a client.
async fn renew(api: &Api, tokens: &Value, more: &[(&str, &str)]) -> u16 {
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", api.sandbox.client_id()),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    form.extend_from_slice(more);
    let request = api
        .bare(Method::POST, "/v1/auth/gpt/token")
        .header("content-type", "application/x-www-form-urlencoded");
    answer(request.body(encode(&form))).await.0.as_u16()
}

#[tokio::test]
async fn only_its_client_refreshes_a_grant() {
    let api = Api::new(quick().auto_approve(true)).await;
    let secret = [("client_secret", api.sandbox.client_secret())];
    let verifier = ("code_verifier", VERIFIER);

    let public = code(&api, true).await;
    let (_, public) = exchange(&api, &public, &[verifier]).await;
    assert_eq!(renew(&api, &public, &[]).await, 200);
    // The endpoint for programs knows no client.
    let token = public["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(&api, token).await.0, 401);

    // Who has shown the secret once shows it again; a wrong try spends nothing.
    let confidential = code(&api, true).await;
    let (_, confidential) = exchange(&api, &confidential, &[secret[0], verifier]).await;
    assert_eq!(renew(&api, &confidential, &[]).await, 401);
    let wrong = [("client_secret", "wrong")];
    assert_eq!(renew(&api, &confidential, &wrong).await, 401);
    assert_eq!(renew(&api, &confidential, &secret).await, 200);

    // What the flow for commands gave is no client's.
    let path = "/v1/auth/cli?redirect_uri=http%3A%2F%2F127.0.0.1%3A8976";
    let command = query(&location(api.bare(Method::GET, path)).await);
    let command = json!({ "refresh_token": command["refresh_token"] });
    assert_eq!(renew(&api, &command, &secret).await, 401);
    let token = command["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(&api, token).await.0, 200);

    // What was issued for a test is anybody's.
    let issued = json!({ "refresh_token": api.sandbox.refresh_token() });
    assert_eq!(renew(&api, &issued, &secret).await, 200);
}

#[tokio::test]
async fn reuse_at_the_token_endpoint_revokes_the_family() {
    let api = Api::new(quick().auto_approve(true).strict_rotation(true)).await;
    let code = code(&api, true).await;
    let (_, tokens) = exchange(&api, &code, &[("code_verifier", VERIFIER)]).await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(renew(&api, &tokens, &[]).await, 200);
    assert_eq!(answer(with_token(&api, access)).await.0, 200);
    assert_eq!(renew(&api, &tokens, &[]).await, 401);
    refused(with_token(&api, access), 401, "token_expired").await;
}

#[tokio::test]
async fn the_page_asks_and_a_refusal_comes_back_with_the_state() {
    let api = Api::quick().await;
    for (decision, key) in [("approve", "code"), ("refuse", "error")] {
        let consent = location(api.bare(Method::GET, &authorize(&api, true))).await;
        let decided = client().post(consent).body(format!("decision={decision}"));
        let back = location(decided).await;
        assert!(back.as_str().starts_with("https://example.com/back?"));
        let query = query(&back);
        assert!(query.contains_key(key), "{decision}");
        assert_eq!(query.len(), 2, "{decision}");
        assert_eq!(query["state"], "s");
        if key == "error" {
            assert_eq!(query["error"], "access_denied");
        }
    }
}

#[tokio::test]
async fn the_journal_shows_no_secret_of_the_flow() {
    let api = Api::new(quick().auto_approve(true)).await;
    let code = code(&api, true).await;
    let more = [
        ("code_verifier", VERIFIER),
        ("client_secret", api.sandbox.client_secret()),
    ];
    let (_, tokens) = exchange(&api, &code, &more).await;
    renew(&api, &tokens, &more[1..]).await;
    let journal = api.sandbox.journal();
    assert_eq!(journal.len(), 3);
    assert_eq!(journal[0].query["state"], "[masked]");
    for entry in &journal {
        let shown = serde_json::to_string(entry).unwrap();
        for secret in [
            code.as_str(),
            VERIFIER,
            api.sandbox.client_secret(),
            tokens["refresh_token"].as_str().unwrap(),
        ] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    // What both requests must have in common stays.
    let address = "https://example.com/back";
    assert_eq!(journal[0].query["redirect_uri"], address);
    assert_eq!(journal[1].body["redirect_uri"], address);
}
