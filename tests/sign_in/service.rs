//! A service whose refreshes are counted.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::Client;
use kallyai_sdk::auth::{Credentials, MemoryStore, TokenSet, TokenStore};

/// A sandbox that revokes everything when a refresh token is used twice.
pub(crate) async fn strict() -> Sandbox {
    Sandbox::builder()
        .strict_rotation(true)
        .start()
        .await
        .unwrap()
}

/// Tokens that have expired; the refresh token is good.
pub(crate) fn expired(sandbox: &Sandbox) -> TokenSet {
    TokenSet::new("an-expired-token")
        .refresh_token(sandbox.refresh_token())
        .expires_at(Utc::now() - Duration::from_secs(10))
}

/// How often the service was asked to refresh.
pub(crate) fn refreshes(sandbox: &Sandbox) -> usize {
    asked(sandbox, "auth_refresh_token")
}

/// How often an operation was asked for.
pub(crate) fn asked(sandbox: &Sandbox, operation: &str) -> usize {
    sandbox
        .journal()
        .iter()
        .filter(|entry| entry.operation_id.as_deref() == Some(operation))
        .count()
}

/// Waits until the service is being asked to refresh.
pub(crate) async fn until_refreshing(sandbox: &Sandbox) {
    while refreshes(sandbox) == 0 {
        tokio::task::yield_now().await;
    }
}

/// Asks from so many tasks at once; all get an answer.
pub(crate) async fn ask_from_many(kally: &Client, tasks: usize) {
    let tasks: Vec<_> = (0..tasks)
        .map(|_| {
            let kally = kally.clone();
            tokio::spawn(async move { kally.credits().balance().await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

/// Makes the next refresh take so long.
pub(crate) fn slow_refresh(sandbox: &Sandbox, latency: Duration) {
    sandbox.inject(Fault::on("auth_refresh_token", FaultKind::Latency(latency)).times(1));
}

/// A client of a service with credentials.
pub(crate) fn client(base_url: &str, credentials: Credentials) -> Client {
    Client::builder()
        .base_url(base_url)
        .credentials(credentials)
        .build()
        .unwrap()
}

/// A memory store that a test can look into while a client uses it.
pub(crate) fn shared(tokens: TokenSet) -> Arc<MemoryStore> {
    Arc::new(MemoryStore::with(tokens))
}

pub(crate) fn tokens(store: &MemoryStore) -> TokenSet {
    store.load().unwrap().unwrap()
}
