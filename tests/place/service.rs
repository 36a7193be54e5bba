//! What the tests share: worlds, clients, requests.

use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::types::CallRequest;
use kallyai_sdk::{Client, ClientBuilder};

pub(crate) const NUMBER: &str = "+12025550199";
pub(crate) const KEY: &str = "order-4711";

pub(crate) fn builder(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
}

pub(crate) fn client(sandbox: &Sandbox) -> Client {
    builder(sandbox).build().unwrap()
}

/// A client that trusts idempotency keys.
pub(crate) fn trusting(sandbox: &Sandbox) -> Client {
    let builder = builder(sandbox).trust_idempotency_key(true);
    builder.build().unwrap()
}

pub(crate) fn request() -> CallRequest {
    to(NUMBER)
}

pub(crate) fn to(number: &str) -> CallRequest {
    CallRequest::general(number.parse().unwrap(), "Ask when they open")
}

/// A world whose calls take this long.
pub(crate) async fn world(seconds: f64) -> Sandbox {
    let builder = Sandbox::builder().call_seconds(seconds);
    builder.start().await.unwrap()
}

/// The same, by a service that forgets idempotency keys.
pub(crate) async fn forgetful(seconds: f64) -> Sandbox {
    let builder = Sandbox::builder().ignore_idempotency(true);
    builder.call_seconds(seconds).start().await.unwrap()
}

/// The next call's request or answer is lost.
pub(crate) fn lose(sandbox: &Sandbox, kind: FaultKind) {
    sandbox.inject(Fault::on("calls_create", kind));
}

/// How often this operation was asked for.
pub(crate) fn asked(sandbox: &Sandbox, operation: &str) -> usize {
    let journal = sandbox.journal();
    let of_it = |entry: &&_| is_of(entry, operation);
    journal.iter().filter(of_it).count()
}

fn is_of(entry: &kallyai_sandbox::JournalEntry, operation: &str) -> bool {
    entry.operation_id.as_deref() == Some(operation)
}

/// Waits until this operation was asked for.
pub(crate) async fn until_asked(sandbox: &Sandbox, operation: &str) {
    until(|| asked(sandbox, operation) > 0).await;
}

/// Waits until something is so.
pub(crate) async fn until(so: impl Fn() -> bool) {
    let waiting = async {
        while !so() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, waiting).await.unwrap();
}
