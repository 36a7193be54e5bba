//! What comes of a placement, by what the log knows of its key.

use std::sync::Arc;
use std::time::Duration;

use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::place::{Begun, Entry, MemoryPlaceLog, PlaceLog, Placement, Settled, Sighting};
use kallyai_sdk::types::CallStatus;
use kallyai_sdk::{Client, Error, WasSent};
use serde_json::json;

use crate::service::{
    KEY, NUMBER, asked, builder, client, lose, request, to, trusting, until_asked, world,
};

fn log() -> Arc<MemoryPlaceLog> {
    Arc::default()
}

async fn placed(
    kally: &Client,
    log: &Arc<MemoryPlaceLog>,
) -> Result<kallyai_sdk::types::Call, Error> {
    let place = kally.calls().place(request());
    place
        .idempotency_key(KEY)
        .log(Arc::clone(log))
        .await?
        .outcome()
        .await
}

/// The entry of the key.
fn settled(log: &MemoryPlaceLog) -> Option<Settled> {
    let entries = log.entries().unwrap();
    assert_eq!(entries.len(), 1);
    entries.into_iter().next().unwrap().settled
}

/// What a process leaves that dies at once after it has written down what it was about to send.
async fn left_behind(log: &MemoryPlaceLog, age: Duration) -> Placement {
    // The fingerprint is the library's business: a placement of the same call tells it.
    let sandbox = world(0.0).await;
    let kally = client(&sandbox);
    let place = kally.calls().place(request()).idempotency_key(KEY);
    let placement = place.await.unwrap().placement().clone();
    let mut aged = serde_json::to_value(&placement).unwrap();
    let started_at = placement.started_at() - age;
    aged["started_at"] = json!(started_at);
    let aged: Placement = serde_json::from_value(aged).unwrap();
    assert_eq!(log.begin(&aged).unwrap(), Begun::New);
    aged
}

#[tokio::test]
async fn a_call_is_placed_and_answered_and_not_placed_again() {
    let sandbox = world(0.1).await;
    let log = log();
    let call = placed(&client(&sandbox), &log).await.unwrap();
    assert_eq!(call.status, CallStatus::Success);
    assert_eq!(settled(&log), Some(Settled::Dialled(call.call_id.clone())));

    // Another process with the same log.
    let again = placed(&client(&sandbox), &log).await.unwrap();
    assert_eq!(again.call_id, call.call_id);
    assert_eq!(asked(&sandbox, "calls_create"), 1);
    assert_eq!(asked(&sandbox, "calls_get"), 1);
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn the_handle_is_there_before_the_answer_and_the_log_before_the_request() {
    let sandbox = world(60.0).await;
    let log = log();
    let kally = client(&sandbox);
    let place = kally.calls().place(request()).log(Arc::clone(&log));
    let placed = place.await.unwrap();
    assert_eq!(log.unsettled().unwrap(), [placed.placement().clone()]);
    assert_eq!(placed.idempotency_key(), placed.placement().key());
    until_asked(&sandbox, "calls_create").await;
    let journal = sandbox.journal();
    let sent = &journal[0].headers["idempotency-key"];
    assert_eq!(sent, placed.idempotency_key());
}

#[tokio::test]
async fn a_refused_call_may_be_placed_again() {
    let sandbox = world(0.0).await;
    let log = log();
    let kally = client(&sandbox);
    for _ in 0..2 {
        let place = kally
            .calls()
            .place(to("+12025550127"))
            .log(Arc::clone(&log));
        let placed = place.idempotency_key(KEY).await.unwrap();
        let error = placed.outcome().await.unwrap_err();
        assert!(error.is_api() && error.was_sent() == WasSent::Yes);
        assert_eq!(error.idempotency_key(), Some(KEY));
        assert_eq!(settled(&log), Some(Settled::NotDialled));
        assert!(placed.look().await.is_err());
    }
    assert_eq!(asked(&sandbox, "calls_create"), 2);
}

#[tokio::test]
async fn an_unsent_call_may_be_placed_again() {
    let sandbox = world(0.0).await;
    let log = log();
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nowhere.local_addr().unwrap();
    drop(nowhere);
    let unreachable = builder(&sandbox)
        .base_url(format!("http://{address}"))
        .max_attempts(1)
        .build()
        .unwrap();
    let error = placed(&unreachable, &log).await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::No);
    assert_eq!(settled(&log), Some(Settled::NotDialled));
    placed(&client(&sandbox), &log).await.unwrap();
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_lost_answer_is_found_in_the_list() {
    for hidden in [false, true] {
        for fault in [FaultKind::ResetAfter, FaultKind::CutBody] {
            let sandbox = Sandbox::builder()
                .ignore_idempotency(true)
                .hide_active(hidden)
                .call_seconds(0.1)
                .start()
                .await
                .unwrap();
            lose(&sandbox, fault);
            let log = log();
            let call = placed(&client(&sandbox), &log).await.unwrap();
            assert_eq!(call.status, CallStatus::Success);
            assert_eq!(settled(&log), Some(Settled::Dialled(call.call_id)));
            assert_eq!(asked(&sandbox, "calls_create"), 1);
            sandbox.assert_dialled_once(NUMBER);
        }
    }
}

#[tokio::test]
async fn a_call_that_is_not_found_is_never_sent_again() {
    let sandbox = world(0.0).await;
    lose(&sandbox, FaultKind::ResetBefore);
    let log = log();
    for _ in 0..2 {
        let error = placed(&client(&sandbox), &log).await.unwrap_err();
        assert_eq!(error.was_sent(), WasSent::Maybe);
        assert_eq!(error.idempotency_key(), Some(KEY));
        assert!(error.remedy().unwrap().contains("look there"));
        assert_eq!(settled(&log), None);
    }
    assert_eq!(asked(&sandbox, "calls_create"), 1);
    assert!(sandbox.dialled().is_empty());
}

#[tokio::test]
async fn after_a_crash_an_unproven_key_is_only_looked_for() {
    let log = log();
    left_behind(&log, Duration::from_secs(1)).await;
    let sandbox = world(0.0).await;
    let error = placed(&client(&sandbox), &log).await.unwrap_err();
    assert!(error.is_lost());
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert_eq!(asked(&sandbox, "calls_create"), 0);

    // It was dialled after all, say.
    client(&sandbox).calls().create(request()).await.unwrap();
    let call = placed(&client(&sandbox), &log).await.unwrap();
    assert_eq!(settled(&log), Some(Settled::Dialled(call.call_id)));
    assert_eq!(asked(&sandbox, "calls_create"), 1);
}

#[tokio::test]
async fn after_a_crash_a_trusted_key_is_sent_again_for_a_day() {
    for (age, sent) in [
        (Duration::from_secs(1), 1),
        (Duration::from_secs(23 * 60 * 60), 1),
        (Duration::from_secs(25 * 60 * 60), 0),
    ] {
        let log = log();
        left_behind(&log, age).await;
        let sandbox = world(0.0).await;
        let outcome = placed(&trusting(&sandbox), &log).await;
        assert_eq!(outcome.is_ok(), sent == 1);
        assert_eq!(asked(&sandbox, "calls_create"), sent);
        let keys: Vec<_> = sandbox.dialled();
        assert!(
            keys.iter()
                .all(|call| call.idempotency_key.as_deref() == Some(KEY))
        );
    }
}

#[tokio::test]
async fn a_refusal_of_what_is_sent_again_proves_nothing() {
    let log = log();
    left_behind(&log, Duration::from_secs(1)).await;
    let sandbox = world(0.0).await;
    // The service knows the key with another body: the first one may have dialled.
    let other = request().timezone("Europe/Rome").party_size(3);
    let create = client(&sandbox).calls().create(other);
    let call = create.idempotency_key(KEY).await.unwrap();
    let found = placed(&trusting(&sandbox), &log).await.unwrap();
    assert_eq!(found.call_id, call.call_id);
    sandbox.assert_dialled_once(NUMBER);

    // And where it is not found, it stays unsettled.
    log.forget(KEY).unwrap();
    left_behind(&log, Duration::from_secs(1)).await;
    let sandbox = world(0.0).await;
    let retry_after = Some("500".to_owned());
    lose(&sandbox, FaultKind::RateLimit { retry_after });
    let error = placed(&trusting(&sandbox), &log).await.unwrap_err();
    assert!(error.is_rate_limit());
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert_eq!(settled(&log), None);
}

#[tokio::test]
async fn a_refusal_does_not_hide_what_another_process_was_given() {
    for is_over in [true, false] {
        let sandbox = world(if is_over { 0.0 } else { 60.0 }).await;
        let log = log();
        // One process is refused, and waits.
        let retry_after = Some("2".to_owned());
        let busy = FaultKind::RateLimit { retry_after };
        sandbox.inject(Fault::on("calls_create", busy.clone()).times(1));
        let one = builder(&sandbox).max_attempts(2).build().unwrap();
        let place = one.calls().place(request()).idempotency_key(KEY);
        let one = place.log(Arc::clone(&log)).await.unwrap();
        until_asked(&sandbox, "calls_create").await;
        until_refused(&sandbox).await;

        // Another sends the same key, and is served.
        let other = trusting(&sandbox);
        let place = other.calls().place(request()).idempotency_key(KEY);
        let other = place.log(Arc::clone(&log)).await.unwrap();
        crate::service::until(|| !sandbox.dialled().is_empty()).await;
        if is_over {
            other.outcome().await.unwrap();
        }
        sandbox.inject(Fault::on("calls_create", busy).times(1));
        assert!(one.outcome().await.unwrap_err().is_rate_limit());
        let call_id = sandbox.dialled()[0].call_id.clone();
        let known = is_over.then_some(Settled::Dialled(call_id));
        assert_eq!(settled(&log), known);

        // Whoever places it afterwards has that call.
        let third = client(&sandbox).calls().place(request());
        let third = third.idempotency_key(KEY).log(Arc::clone(&log));
        let third = third.await.unwrap();
        assert!(matches!(third.look().await.unwrap(), Sighting::Call(_)));
        assert_eq!(asked(&sandbox, "calls_create"), 3);
        sandbox.assert_dialled_once(NUMBER);
    }
}

/// Waits until a refusal has arrived, as far as that shows: its answer was sent.
async fn until_refused(sandbox: &Sandbox) {
    let refused = || {
        sandbox
            .journal()
            .iter()
            .any(|entry| entry.status == Some(429))
    };
    crate::service::until(refused).await;
}

#[tokio::test]
async fn a_trusted_key_survives_every_loss() {
    for fault in [
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::CutBody,
        FaultKind::ServerError { status: 503 },
    ] {
        let sandbox = world(0.1).await;
        lose(&sandbox, fault);
        let call = placed(&trusting(&sandbox), &log()).await.unwrap();
        assert_eq!(call.status, CallStatus::Success);
        sandbox.assert_dialled_once(NUMBER);
    }
}

#[tokio::test]
async fn one_key_is_one_call() {
    let sandbox = world(0.3).await;
    let (kally, log) = (client(&sandbox), log());
    let place = |number| {
        let place = kally.calls().place(to(number)).log(Arc::clone(&log));
        place.idempotency_key(KEY)
    };
    let placed = place(NUMBER).await.unwrap();
    // While it is under way, and when it is over.
    for _ in 0..2 {
        let error = place("+12025550111").await.unwrap_err();
        assert!(error.is_invalid_input());
        assert_eq!(error.field(), Some("idempotency_key"));
        placed.outcome().await.unwrap();
    }
    assert_eq!(sandbox.dialled().len(), 1);
}

#[tokio::test]
async fn what_is_alike_in_the_log_proves_nothing() {
    // Another key of the same call is unsettled: what is found could be its call.
    let log = log();
    let left = left_behind(&log, Duration::from_secs(1)).await;
    let sandbox = world(0.0).await;
    lose(&sandbox, FaultKind::ResetAfter);
    let kally = client(&sandbox);
    let place = || {
        let place = kally.calls().place(request()).log(Arc::clone(&log));
        place.idempotency_key("another")
    };
    let error = place().await.unwrap().outcome().await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::Maybe);

    // When that one's call is known, it can be no other.
    log.settle(&left, &Settled::Dialled("call-of-another".to_owned()))
        .unwrap();
    let call = place().await.unwrap().outcome().await.unwrap();
    assert_eq!(sandbox.dialled()[0].call_id, call.call_id);
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_call_is_found_without_its_request() {
    let sandbox = world(0.3).await;
    let log = log();
    lose(&sandbox, FaultKind::ResetAfter);
    let kally = client(&sandbox);
    let place = kally.calls().place(request()).idempotency_key(KEY);
    let placement = place
        .log(Arc::clone(&log))
        .await
        .unwrap()
        .placement()
        .clone();
    until_asked(&sandbox, "calls_create").await;

    // By another process with the log, by one without, and when it is settled.
    for log in [&log, &Arc::default(), &log] {
        let other = client(&sandbox);
        let resumed = other
            .calls()
            .resume(&placement)
            .log(Arc::clone(log))
            .await
            .unwrap();
        assert_eq!(resumed.placement(), &placement);
        let call = resumed.await.unwrap();
        assert_eq!(call.call_id, sandbox.dialled()[0].call_id);
    }
    assert_eq!(asked(&sandbox, "calls_create"), 1);
    assert!(matches!(settled(&log), Some(Settled::Dialled(_))));

    let log = self::log();
    log.begin(&placement).unwrap();
    log.settle(&placement, &Settled::NotDialled).unwrap();
    let resumed = client(&sandbox)
        .calls()
        .resume(&placement)
        .log(log)
        .await
        .unwrap();
    assert_eq!(resumed.outcome().await.unwrap_err().was_sent(), WasSent::No);
}

#[tokio::test]
async fn entries_can_be_encoded() {
    let log = log();
    let placement = left_behind(&log, Duration::ZERO).await;
    let entry = Entry::begun(placement);
    let text = serde_json::to_string(&entry).unwrap();
    assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    let before = text.replace(",\"sent_again\":false", "");
    assert_ne!(before, text);
    assert_eq!(serde_json::from_str::<Entry>(&before).unwrap(), entry);
    assert!(!text.contains("2025550199") && !text.contains("open"));
}
