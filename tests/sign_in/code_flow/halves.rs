//! Two halves in two requests: who signs in, and whose callback ends it.

use chrono::{TimeDelta, Utc};
use kallyai_sandbox::Sandbox;
use kallyai_sdk::WasSent;
use kallyai_sdk::auth::{CodeFlow, CodeFlowSecret, TokenSet};

use super::{
    BACK, callback, client, code, confidential, location, public, query, sandbox, shown, sign_in,
};

#[tokio::test]
async fn public_and_confidential_clients_sign_in() {
    let sandbox = sandbox().await;
    for (flow, with_secret) in [(public(&sandbox), false), (confidential(&sandbox), true)] {
        sandbox.clear_journal();
        let tokens = sign_in(&flow).await;
        let left = tokens.expires_at.unwrap() - Utc::now();
        assert!(left > TimeDelta::minutes(59) && left <= TimeDelta::hours(1));
        assert_eq!(tokens.origin.as_deref(), Some(sandbox.base_url()));
        assert_eq!(tokens.client_id.as_deref(), Some(sandbox.client_id()));
        client(&sandbox, &tokens).credits().balance().await.unwrap();

        let journal = sandbox.journal();
        let (asked, exchanged) = (&journal[0], &journal[1]);
        assert_eq!(asked.path, "/v1/auth/authorize");
        assert_eq!(asked.query["response_type"], "code");
        assert_eq!(exchanged.path, "/v1/auth/gpt/token");
        assert_eq!(exchanged.body["grant_type"], "authorization_code");
        assert_eq!(exchanged.body["client_id"], sandbox.client_id());
        assert_eq!(exchanged.body.get("client_secret").is_some(), with_secret);
        assert!(!exchanged.headers.contains_key("authorization"));
        if with_secret {
            assert_eq!(asked.query["scope"], "credits:read calls:read");
            assert_eq!(tokens.scope.as_deref(), Some("credits:read calls:read"));
        } else {
            assert!(!asked.query.contains_key("scope"));
            assert!(tokens.scope.unwrap().contains("calls:write"));
        }
    }
}

#[tokio::test]
async fn the_halves_run_in_two_processes() {
    let sandbox = sandbox().await;
    let (kept, back) = {
        let flow = confidential(&sandbox);
        let begun = flow.begin();
        (
            serde_json::to_string(begun.secret()).unwrap(),
            callback(&begun).await,
        )
    };
    let kept: CodeFlowSecret = serde_json::from_str(&kept).unwrap();
    let raw_query = back.split_once('?').unwrap().1;
    let flow = confidential(&sandbox);
    let tokens = flow.finish(&kept, raw_query).await.unwrap();
    client(&sandbox, &tokens).credits().balance().await.unwrap();
}

#[tokio::test]
async fn row_08_a_forged_callback_ends_nothing() {
    let sandbox = sandbox().await;
    let flow = confidential(&sandbox);
    let begun = flow.begin();
    let back = callback(&begun).await;
    sandbox.clear_journal();
    let state = &query(begun.url())["state"];
    let other = &query(flow.begin().url())["state"];
    for forged in [
        back.replace(state.as_str(), other),
        back.replace("state=", "State="),
        format!("{back}&state={state}"),
        format!("{back}x"),
        "code=forged".to_owned(),
        "error=access_denied".to_owned(),
        format!("error=access_denied&state={other}"),
        String::new(),
    ] {
        let error = flow.finish(begun.secret(), &forged).await.unwrap_err();
        assert!(error.is_sign_in(), "{forged}: {error}");
        assert_eq!(error.was_sent(), WasSent::No);
        assert!(error.to_string().contains("does not belong"), "{error}");
        assert!(!shown(&error).contains(state.as_str()), "{error}");
    }
    assert!(sandbox.journal().is_empty());
    flow.finish(begun.secret(), &back).await.unwrap();
}

#[tokio::test]
async fn row_08_the_state_has_256_bits() {
    let sandbox = sandbox().await;
    let flow = public(&sandbox);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..100 {
        let begun = flow.begin();
        let query = query(begun.url());
        // In base64 each character has six bits.
        assert!(query["state"].len() * 6 >= 256);
        assert!(seen.insert(query["state"].clone()));
        assert!(seen.insert(query["code_challenge"].clone()));
        assert!(!begun.url().contains("verifier"));
    }
}

#[tokio::test]
async fn row_18_the_redirect_uri_has_the_same_bytes_in_both_requests() {
    let sandbox = sandbox().await;
    for written in [
        "http://127.0.0.1:8740",
        "http://127.0.0.1:8740/",
        "http://localhost:8976/callback",
        "HTTPS://App.Example.com:443/a%2fb%2Fc/../d?x=%c3%a9+y&x=1&z",
    ] {
        sandbox.clear_journal();
        let flow = CodeFlow::builder(sandbox.client_id(), written)
            .base_url(sandbox.base_url())
            .build()
            .unwrap();
        sign_in(&flow).await;
        let journal = sandbox.journal();
        assert_eq!(journal[0].query["redirect_uri"], written);
        assert_eq!(journal[1].body["redirect_uri"], written);
    }
}

#[tokio::test]
async fn row_18_pkce_is_s256_and_the_verifier_fits() {
    let sandbox = sandbox().await;
    let flow = public(&sandbox);
    let begun = flow.begin();
    let asked = query(begun.url());
    assert_eq!(asked["code_challenge_method"], "S256");
    assert_eq!(asked["code_challenge"].len(), 43);
    // The verifier of another sign-in does not do, with the right state.
    let back = callback(&begun).await;
    let other = flow.begin().secret().to_text();
    let mixed = format!(
        "{}.{}",
        asked["state"],
        other.expose().split_once('.').unwrap().1
    );
    let mixed: CodeFlowSecret = mixed.parse().unwrap();
    let error = flow.finish(&mixed, &back).await.unwrap_err();
    assert_eq!(
        (error.status().unwrap().as_u16(), code(&error)),
        (400, "invalid_grant")
    );
}

#[tokio::test]
async fn a_user_refuses() {
    let sandbox = Sandbox::start().await.unwrap();
    let flow = public(&sandbox);
    let begun = flow.begin();
    let consent = location("GET", begun.url(), "").await;
    let back = location("POST", &consent, "decision=refuse").await;
    sandbox.clear_journal();
    let error = flow.finish(begun.secret(), &back).await.unwrap_err();
    assert!(error.is_sign_in());
    assert_eq!(code(&error), "access_denied");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(
        !error.to_string().contains("KALLYAI_ACCESS_TOKEN"),
        "{error}"
    );
    assert!(sandbox.journal().is_empty());

    // A scope that there is none of.
    let flow = CodeFlow::builder(sandbox.client_id(), BACK)
        .base_url(sandbox.base_url())
        .scopes(["calls:dream"])
        .build()
        .unwrap();
    let begun = flow.begin();
    let back = callback(&begun).await;
    let error = flow.finish(begun.secret(), &back).await.unwrap_err();
    assert_eq!(code(&error), "invalid_scope");
}

#[tokio::test]
async fn a_replayed_callback_is_refused_and_revokes() {
    let sandbox = sandbox().await;
    let flow = confidential(&sandbox);
    let begun = flow.begin();
    let back = callback(&begun).await;
    let tokens = flow.finish(begun.secret(), &back).await.unwrap();
    let error = flow.finish(begun.secret(), &back).await.unwrap_err();
    assert_eq!(
        (error.status().unwrap().as_u16(), code(&error)),
        (400, "invalid_grant")
    );
    assert!(error.to_string().contains("begin the sign-in"), "{error}");
    assert_eq!(error.operation().unwrap().id, "auth_exchange_token");
    let balance = client(&sandbox, &tokens).credits().balance().await;
    assert_eq!(balance.unwrap_err().status().unwrap(), 401);
}

#[test]
fn row_09_debug_shows_no_secret() {
    let builder = CodeFlow::builder("id", BACK).client_secret("hunter2");
    let flow = builder.clone().build().unwrap();
    let begun = flow.begin();
    let text = begun.secret().to_text();
    let printed = format!(
        "{builder:?} {flow:?} {flow:#?} {begun:?} {:?}",
        begun.secret()
    );
    assert!(!printed.contains("hunter2"), "{printed}");
    for part in text.expose().split('.') {
        assert!(!printed.contains(part), "{printed}");
    }
}

#[test]
fn a_flow_is_shared_by_the_requests_of_an_application() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    fn sent<T: Send>(_: T) {}
    let flow = CodeFlow::builder("id", BACK).build().unwrap();
    let begun = flow.begin();
    shared(&flow);
    shared(begun.secret());
    sent(flow.finish(begun.secret(), ""));
    sent(flow.refresh(&TokenSet::new("a")));
}
