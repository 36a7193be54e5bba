//! Rows of the refresh: one for all, outliving who asked, losing nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::Utc;
use kallyai_sandbox::{Fault, FaultKind};
use kallyai_sdk::auth::{Credentials, MemoryStore, TokenSet, TokenStore};
use kallyai_sdk::{ErrorKind, WasSent};
use kallyai_tests::RawServer;

use crate::service::{
    ask_from_many, asked, client, expired, refreshes, shared, slow_refresh, strict, tokens,
    until_refreshing,
};

#[tokio::test(flavor = "multi_thread")]
async fn row_01_one_refresh_for_1000_tasks() {
    let sandbox = strict().await;
    let store = shared(expired(&sandbox));
    slow_refresh(&sandbox, Duration::from_millis(100));
    let kally = client(sandbox.base_url(), Credentials::from_store(store.clone()));
    ask_from_many(&kally, 1000).await;
    assert_eq!(refreshes(&sandbox), 1);
    assert_eq!(asked(&sandbox, "credits_balance"), 1000);
    // The token is valid: the family was not revoked.
    assert_ne!(
        tokens(&store).refresh_token.unwrap().expose(),
        sandbox.refresh_token()
    );
    kally.credits().balance().await.unwrap();
}

#[tokio::test]
async fn row_01_clients_that_share_credentials_share_the_refresh() {
    let sandbox = strict().await;
    let credentials = Credentials::from_store(MemoryStore::with(expired(&sandbox)));
    let one = client(sandbox.base_url(), credentials.clone());
    let other = client(sandbox.base_url(), credentials);
    let (one, other) = tokio::join!(one.credits().balance(), other.credits().balance());
    one.unwrap();
    other.unwrap();
    assert_eq!(refreshes(&sandbox), 1);
}

#[tokio::test]
async fn row_02_a_refresh_outlives_the_task_that_asked_for_it() {
    let sandbox = strict().await;
    let store = shared(expired(&sandbox));
    slow_refresh(&sandbox, Duration::from_millis(300));
    let kally = client(sandbox.base_url(), Credentials::from_store(store.clone()));
    let error = kally
        .credits()
        .balance()
        .timeout(Duration::from_millis(100))
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(error.was_sent(), WasSent::No);
    // Whoever comes later takes the same one.
    kally.credits().balance().await.unwrap();
    assert_eq!(refreshes(&sandbox), 1);
    assert_eq!(asked(&sandbox, "credits_balance"), 1);
    assert_ne!(tokens(&store).access_token.expose(), "an-expired-token");
}

#[tokio::test]
async fn row_02_a_refresh_outlives_the_client() {
    let sandbox = strict().await;
    let store = shared(expired(&sandbox));
    slow_refresh(&sandbox, Duration::from_millis(300));
    let kally = client(sandbox.base_url(), Credentials::from_store(store.clone()));
    let asking = tokio::spawn(async move { kally.credits().balance().await });
    until_refreshing(&sandbox).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    // The store's lock is free when the refresh is over.
    let locked = tokio::task::spawn_blocking({
        let store = store.clone();
        move || drop(store.lock().unwrap())
    });
    locked.await.unwrap();
    assert_ne!(tokens(&store).access_token.expose(), "an-expired-token");
}

#[tokio::test]
async fn row_03_an_answer_without_refresh_token_keeps_the_old_one() {
    let server = RawServer::json(
        "200 OK",
        r#"{"access_token": "new", "expires_in": "3600.0"}"#,
    )
    .await;
    let old = TokenSet::new("old")
        .refresh_token("kept")
        .expires_at(Utc::now() - Duration::from_secs(1));
    let store = shared(old);
    let kally = client(server.base_url(), Credentials::from_store(store.clone()));
    let _ = kally.credits().balance().await;
    let kept = tokens(&store);
    assert_eq!(kept.access_token.expose(), "new");
    assert_eq!(kept.refresh_token.unwrap().expose(), "kept");
    let left = kept.expires_at.unwrap() - Utc::now();
    assert!((3590..=3600).contains(&left.num_seconds()), "{left}");
    assert!(server.heard()[1].contains("authorization: Bearer new\r\n"));
}

#[tokio::test]
async fn row_05_a_rejected_refresh_token_gives_way_to_a_newer_one() {
    let sandbox = strict().await;
    let newer = sandbox
        .issue_token(["credits:read"], Duration::from_secs(3600))
        .access_token;
    let store = shared(expired(&sandbox).refresh_token("rt-rejected"));
    // Another program, which does not lock, signs in while the service is rejecting.
    slow_refresh(&sandbox, Duration::from_millis(300));
    let rewriting = {
        let (store, newer, sandbox) = (store.clone(), newer.clone(), &sandbox);
        async move {
            until_refreshing(sandbox).await;
            store.save(&TokenSet::new(newer)).unwrap();
        }
    };
    let kally = client(sandbox.base_url(), Credentials::from_store(store.clone()));
    let (balance, ()) = tokio::join!(kally.credits().balance(), rewriting);
    balance.unwrap();
    assert_eq!(refreshes(&sandbox), 1);
    assert_eq!(tokens(&store).access_token.expose(), newer);
}

#[tokio::test]
async fn row_05_without_a_newer_one_somebody_signs_in_again() {
    let sandbox = strict().await;
    let store = shared(expired(&sandbox).refresh_token("rt-rejected"));
    let kally = client(sandbox.base_url(), Credentials::from_store(store.clone()));
    let error = kally.credits().balance().await.unwrap_err();
    assert!(error.is_reauth_required(), "{error}");
    assert_eq!(error.kind(), ErrorKind::SignIn);
    assert_eq!(error.was_sent(), WasSent::No);
    let text = error.to_string();
    assert!(text.contains("auth::CliLogin"), "{text}");
    // The service is not asked again and again, and what is stored stays.
    kally.credits().balance().await.unwrap_err();
    kally.credits().balance().await.unwrap_err();
    assert_eq!(refreshes(&sandbox), 1);
    assert_eq!(
        tokens(&store).refresh_token.unwrap().expose(),
        "rt-rejected"
    );
    // A new sign-in is seen at once.
    store.save(&TokenSet::new(sandbox.access_token())).unwrap();
    kally.credits().balance().await.unwrap();
}

#[tokio::test]
async fn row_06_a_logout_during_a_refresh_stays_a_logout() {
    let sandbox = strict().await;
    let store = shared(expired(&sandbox));
    slow_refresh(&sandbox, Duration::from_millis(300));
    let kally = client(sandbox.base_url(), Credentials::from_store(store.clone()));
    let logout = async {
        until_refreshing(&sandbox).await;
        store.clear().unwrap();
    };
    let (balance, ()) = tokio::join!(kally.credits().balance(), logout);
    let error = balance.unwrap_err();
    assert!(error.is_not_logged_in(), "{error}");
    assert!(store.load().unwrap().is_none());
    assert_eq!(asked(&sandbox, "credits_balance"), 0);
}

#[tokio::test]
async fn row_10_a_redirect_of_a_refresh_is_not_followed() {
    let second = RawServer::json("200 OK", r#"{"access_token": "stolen"}"#).await;
    let location = format!("location: {}/v1/auth/refresh\r\n", second.base_url());
    let server = RawServer::with("307 Temporary Redirect", &location, "").await;
    let store = shared(
        TokenSet::new("old")
            .refresh_token("precious")
            .expires_at(Utc::now() - Duration::from_secs(1)),
    );
    let kally = client(server.base_url(), Credentials::from_store(store.clone()));
    let error = kally.credits().balance().await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::No, "{error}");
    assert_eq!(server.heard().len(), 1);
    assert!(second.heard().is_empty());
    assert_eq!(tokens(&store).refresh_token.unwrap().expose(), "precious");
}

/// A service that refreshes and rejects every token.
async fn never_satisfied(refreshed: Arc<AtomicUsize>) -> RawServer {
    RawServer::answering(move |request| {
        if request.starts_with("POST /v1/auth/refresh ") {
            let number = refreshed.fetch_add(1, Ordering::SeqCst);
            let body = format!(r#"{{"access_token": "new-{number}", "expires_in": 3600}}"#);
            RawServer::bytes("200 OK", "content-type: application/json\r\n", &body)
        } else {
            let body = r#"{"error": {"code": "unauthorized", "message": "no"}}"#;
            RawServer::bytes("401 Unauthorized", "", body)
        }
    })
    .await
}

#[tokio::test]
async fn row_20_a_service_that_always_says_401_is_asked_twice() {
    let refreshed = Arc::new(AtomicUsize::new(0));
    let server = never_satisfied(Arc::clone(&refreshed)).await;
    let tokens = TokenSet::new("old")
        .refresh_token("good")
        .expires_at(Utc::now() + Duration::from_secs(3000));
    let kally = client(
        server.base_url(),
        Credentials::from_store(MemoryStore::with(tokens)),
    );
    let error = kally.credits().balance().await.unwrap_err();
    assert!(error.is_sign_in(), "{error}");
    assert_eq!(error.status().unwrap().as_u16(), 401);
    assert_eq!(refreshed.load(Ordering::SeqCst), 1);
    assert_eq!(server.heard().len(), 3);
    // The token is new: asking for another one would not help.
    for _ in 0..10 {
        kally.credits().balance().await.unwrap_err();
    }
    assert_eq!(refreshed.load(Ordering::SeqCst), 1);
    assert_eq!(server.heard().len(), 13);
}

#[tokio::test]
async fn row_20_a_rejection_that_no_refresh_mends_says_that_the_service_has_answered() {
    let sandbox = strict().await;
    for refresh_token in [None, Some("rt-rejected")] {
        let mut tokens = TokenSet::new("forgotten");
        tokens.refresh_token = refresh_token.map(Into::into);
        let kally = client(
            sandbox.base_url(),
            Credentials::from_store(MemoryStore::with(tokens)),
        );
        let error = kally.credits().balance().await.unwrap_err();
        assert!(error.is_reauth_required(), "{error}");
        assert_eq!(error.was_sent(), WasSent::Yes);
        assert_eq!(error.status().unwrap().as_u16(), 401);
    }
}

#[tokio::test]
async fn row_20_the_refresh_and_the_repetition_take_no_more_than_the_request_may() {
    let sandbox = strict().await;
    let tokens = TokenSet::new("forgotten").refresh_token(sandbox.refresh_token());
    slow_refresh(&sandbox, Duration::from_secs(2));
    let kally = client(
        sandbox.base_url(),
        Credentials::from_store(MemoryStore::with(tokens)),
    );
    let started = std::time::Instant::now();
    let request = kally.credits().balance();
    let error = request
        .timeout(Duration::from_millis(300))
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn row_20_only_a_token_that_is_still_in_use_is_refreshed_after_a_401() {
    let sandbox = strict().await;
    // The service has forgotten the access token, though it has not expired.
    let tokens = TokenSet::new("forgotten")
        .refresh_token(sandbox.refresh_token())
        .expires_at(Utc::now() + Duration::from_secs(3000));
    let kally = client(
        sandbox.base_url(),
        Credentials::from_store(MemoryStore::with(tokens)),
    );
    ask_from_many(&kally, 50).await;
    assert_eq!(refreshes(&sandbox), 1);
}

#[tokio::test]
async fn row_20_a_call_that_was_rejected_is_dialled_once() {
    let sandbox = strict().await;
    let tokens = TokenSet::new("forgotten").refresh_token(sandbox.refresh_token());
    let kally = client(
        sandbox.base_url(),
        Credentials::from_store(MemoryStore::with(tokens)),
    );
    let request = kallyai_sdk::types::CallRequest::general(
        "+12025550123".parse().unwrap(),
        "Ask when they open",
    );
    // That number is refused by a code of its own; another one is dialled.
    kally.calls().create(request).await.unwrap_err();
    let request = kallyai_sdk::types::CallRequest::general(
        "+12025550199".parse().unwrap(),
        "Ask when they open",
    );
    kally.calls().create(request).await.unwrap();
    sandbox.assert_dialled_once("+12025550199");
    let keys: Vec<_> = sandbox
        .journal()
        .iter()
        .filter(|entry| entry.operation_id.as_deref() == Some("calls_create"))
        .map(|entry| entry.headers["idempotency-key"].clone())
        .collect();
    // The repetition after the 401 has the key of the first attempt.
    assert_eq!(keys.len(), 3);
    assert_eq!(keys[0], keys[1]);
    assert_ne!(keys[1], keys[2]);
}

#[tokio::test]
async fn a_token_that_was_given_is_never_refreshed() {
    let sandbox = strict().await;
    let kally = client(
        sandbox.base_url(),
        Credentials::from_access_token("forgotten").unwrap(),
    );
    let error = kally.credits().balance().await.unwrap_err();
    assert!(error.is_sign_in());
    assert_eq!(error.status().unwrap().as_u16(), 401);
    assert_eq!(sandbox.journal().len(), 1);
}

#[tokio::test]
async fn a_service_that_is_down_costs_no_token() {
    let sandbox = strict().await;
    let store = shared(expired(&sandbox));
    let down = Fault::on("auth_refresh_token", FaultKind::ServerError { status: 503 }).times(1);
    sandbox.inject(down);
    let kally = client(sandbox.base_url(), Credentials::from_store(store.clone()));
    // Repeated, and fine.
    kally.credits().balance().await.unwrap();
    assert_eq!(refreshes(&sandbox), 2);
}

#[tokio::test]
async fn without_refresh_token_an_expired_token_says_so_and_sends_nothing() {
    let sandbox = strict().await;
    let tokens = TokenSet::new("old").expires_at(Utc::now() - Duration::from_secs(1));
    let kally = client(
        sandbox.base_url(),
        Credentials::from_store(MemoryStore::with(tokens)),
    );
    let error = kally.credits().balance().await.unwrap_err();
    assert!(error.is_reauth_required(), "{error}");
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn an_empty_store_says_how_to_sign_in() {
    let sandbox = strict().await;
    let kally = client(
        sandbox.base_url(),
        Credentials::from_store(MemoryStore::new()),
    );
    let error = kally.credits().balance().await.unwrap_err();
    assert!(error.is_not_logged_in(), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("auth::CliLogin") && text.contains("KALLYAI_ACCESS_TOKEN"),
        "{text}"
    );
    assert!(sandbox.journal().is_empty());
}
