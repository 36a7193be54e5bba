//! The refresh by the client of the flow.

use kallyai_sandbox::Sandbox;
use kallyai_sdk::WasSent;
use kallyai_sdk::auth::{CodeFlow, TokenSet};
use kallyai_tests::RawServer;

use super::{BACK, client, code, confidential, public, raw, sandbox, shown, sign_in, start};

#[tokio::test]
async fn row_03_an_answer_without_refresh_token_keeps_the_old_one() {
    let builder = Sandbox::builder()
        .auto_approve(true)
        .keep_refresh_token(true);
    let sandbox = start(builder).await;
    let flow = confidential(&sandbox);
    let old = sign_in(&flow).await;
    let new = flow.refresh(&old).await.unwrap();
    assert_ne!(new.access_token.expose(), old.access_token.expose());
    let refresh_token = |tokens: &TokenSet| tokens.refresh_token.clone().unwrap();
    assert_eq!(refresh_token(&new).expose(), refresh_token(&old).expose());
    flow.refresh(&new).await.unwrap();

    // An empty one is none, and what the answer does not say stays.
    let body = r#"{"access_token":"a","refresh_token":""}"#;
    let server = RawServer::json("200 OK", body).await;
    let mut old = TokenSet::new("o").refresh_token("r");
    old.scope = Some("calls:read".to_owned());
    let new = raw(&server).refresh(&old).await.unwrap();
    assert_eq!(refresh_token(&new).expose(), "r");
    assert_eq!(new.scope.as_deref(), Some("calls:read"));
    assert!(new.expires_at.is_none());
}

#[tokio::test]
async fn a_refresh_rotates() {
    let builder = Sandbox::builder().auto_approve(true).strict_rotation(true);
    let sandbox = start(builder).await;
    for flow in [public(&sandbox), confidential(&sandbox)] {
        let first = sign_in(&flow).await;
        let second = flow.refresh(&first).await.unwrap();
        assert_eq!(second.origin, first.origin);
        assert_eq!(second.client_id, first.client_id);
        assert_eq!(second.scope, first.scope);
        client(&sandbox, &second).credits().balance().await.unwrap();
        flow.refresh(&second).await.unwrap();
        // Spent.
        let error = flow.refresh(&first).await.unwrap_err();
        assert_eq!(error.status().unwrap(), 401);
        assert_eq!(code(&error), "invalid_grant");
        assert!(error.is_reauth_required() && error.is_sign_in());
        assert_eq!(error.was_sent(), WasSent::Yes);
        assert!(error.to_string().contains("sign in again"), "{error}");
    }
}

#[tokio::test]
async fn row_10_tokens_go_to_their_own_service_and_client_only() {
    let server = RawServer::json("200 OK", r#"{"access_token":"a"}"#).await;
    let flow = raw(&server);
    let with = |origin: &str, client_id: &str| {
        let mut tokens = TokenSet::new("o").refresh_token("hunter2");
        tokens.origin = Some(origin.to_owned());
        tokens.client_id = Some(client_id.to_owned());
        tokens
    };
    for foreign in [
        with("https://api.kallyai.com", "id"),
        with(server.base_url(), "another"),
    ] {
        let error = flow.refresh(&foreign).await.unwrap_err();
        assert!(error.is_invalid_input());
        assert_eq!(error.was_sent(), WasSent::No);
        assert!(!shown(&error).contains("hunter2"));
    }
    let error = flow.refresh(&TokenSet::new("o")).await.unwrap_err();
    assert!(error.is_reauth_required());
    assert!(server.heard().is_empty());
    flow.refresh(&with(server.base_url(), "id")).await.unwrap();
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn only_a_refused_token_wants_a_new_sign_in() {
    let sandbox = sandbox().await;
    let tokens = sign_in(&confidential(&sandbox)).await;
    let wrong = CodeFlow::builder(sandbox.client_id(), BACK)
        .base_url(sandbox.base_url())
        .client_secret("wrong")
        .build()
        .unwrap();
    let error = wrong.refresh(&tokens).await.unwrap_err();
    assert_eq!(code(&error), "invalid_client");
    assert!(!error.is_reauth_required());
    for (status, body) in [
        ("502 Bad Gateway", "<html>"),
        ("429 Too Many Requests", "{}"),
        ("500 Internal Server Error", r#"{"error":"invalid_grant"}"#),
    ] {
        let server = RawServer::json(status, body).await;
        let old = TokenSet::new("o").refresh_token("r");
        let error = raw(&server).refresh(&old).await.unwrap_err();
        assert!(!error.is_reauth_required(), "{status}");
    }
    confidential(&sandbox).refresh(&tokens).await.unwrap();
}
