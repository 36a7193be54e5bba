//! Handles: several of one call, dropped at any time, and what can be done with them.

use std::sync::Arc;
use std::time::Duration;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::place::{MemoryPlaceLog, PlaceLog, Sighting};
use kallyai_sdk::types::CallStatus;
use kallyai_sdk::{Client, WasSent};

use crate::service::{
    KEY, NUMBER, asked, builder, client, forgetful, request, to, until, until_asked, world,
};

#[tokio::test]
async fn an_outcome_may_be_dropped_as_often_as_one_likes() {
    let sandbox = world(1.0).await;
    let placed = client(&sandbox).calls().place(request()).await.unwrap();
    for _ in 0..100 {
        tokio::select! {
            biased;
            _ = placed.outcome() => panic!("the call takes a second"),
            () = tokio::time::sleep(Duration::from_millis(1)) => {}
        }
    }
    // Several wait for it, and each gets it.
    let waiting: Vec<_> = (0..5)
        .map(|_| tokio::spawn(placed.clone().into_future()))
        .collect();
    let call = placed.outcome().await.unwrap();
    for other in waiting {
        assert_eq!(other.await.unwrap().unwrap().call_id, call.call_id);
    }
    assert_eq!(placed.outcome().await.unwrap().call_id, call.call_id);
    assert_eq!(placed.call_id(), Some(call.call_id));
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn who_joins_a_call_has_it_in_a_log_of_their_own() {
    let sandbox = forgetful(0.3).await;
    let log = Arc::new(MemoryPlaceLog::new());
    let kally = client(&sandbox);
    let place = |kally: &Client| kally.calls().place(request()).idempotency_key(KEY);
    let first = place(&kally).await.unwrap();
    let joined = place(&kally).log(Arc::clone(&log)).await.unwrap();
    assert_eq!(log.unsettled().unwrap(), [first.placement().clone()]);
    let call = joined.outcome().await.unwrap();
    assert!(log.unsettled().unwrap().is_empty());

    // The next process has only that log.
    let next = client(&sandbox);
    let again = place(&next).log(Arc::clone(&log)).await.unwrap();
    assert_eq!(again.outcome().await.unwrap().call_id, call.call_id);
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn two_with_one_key_have_one_call() {
    let sandbox = forgetful(0.2).await;
    let kally = client(&sandbox);
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let kally = kally.clone();
            tokio::spawn(async move {
                let place = kally.calls().place(request()).idempotency_key(KEY);
                place.await?.outcome().await
            })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap().unwrap().call_id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    sandbox.assert_dialled_once(NUMBER);
    assert_eq!(asked(&sandbox, "calls_create"), 1);
}

#[tokio::test]
async fn a_dropped_handle_does_not_stop_the_call() {
    let sandbox = world(0.2).await;
    let log = Arc::new(MemoryPlaceLog::new());
    let kally = builder(&sandbox)
        .place_log(Arc::clone(&log))
        .build()
        .unwrap();
    drop(kally.calls().place(request()).await.unwrap());
    drop(kally);
    until(|| log.unsettled().unwrap().is_empty()).await;
    sandbox.assert_dialled_once(NUMBER);
    assert!(log.entries().unwrap()[0].settled.is_some());
}

#[tokio::test]
async fn looking_finds_the_id_before_the_answer() {
    let sandbox = world(60.0).await;
    let log = Arc::new(MemoryPlaceLog::new());
    let place = client(&sandbox)
        .calls()
        .place(request())
        .log(Arc::clone(&log));
    let placed = place.await.unwrap();
    assert_eq!(placed.call_id(), None);
    until(|| !sandbox.dialled().is_empty()).await;
    let Sighting::Call(call) = placed.look().await.unwrap() else {
        panic!("the list shows it");
    };
    assert_eq!(call.call_id, sandbox.dialled()[0].call_id);
    assert!(!call.is_over());
    assert_eq!(placed.call_id().as_deref(), Some(call.call_id.as_str()));
    // The log knows it too: after a crash, it is asked for by its id.
    assert!(log.unsettled().unwrap().is_empty());
    // From now on, that is all that is asked for.
    placed.look().await.unwrap();
    assert_eq!(asked(&sandbox, "calls_list"), 1);
    assert_eq!(asked(&sandbox, "calls_get"), 1);

    placed.stop().await.unwrap();
    let call = placed.outcome().await.unwrap();
    assert_eq!(call.status, CallStatus::Cancelled);
}

#[tokio::test]
async fn cancelling_looks_for_the_id() {
    let sandbox = world(60.0).await;
    let placed = client(&sandbox).calls().place(request()).await.unwrap();
    until(|| !sandbox.dialled().is_empty()).await;
    placed.cancel().await.unwrap();
    assert_eq!(
        placed.outcome().await.unwrap().status,
        CallStatus::Cancelled
    );
}

#[tokio::test]
async fn what_is_not_shown_cannot_be_stopped() {
    let sandbox = Sandbox::builder()
        .hide_active(true)
        .call_seconds(60.0)
        .start()
        .await
        .unwrap();
    let placed = client(&sandbox).calls().place(request()).await.unwrap();
    until_asked(&sandbox, "calls_create").await;
    assert!(matches!(placed.look().await.unwrap(), Sighting::IdUnknown));
    for error in [
        placed.stop().await.unwrap_err(),
        placed.cancel().await.unwrap_err(),
    ] {
        assert_eq!(error.field(), Some("call_id"));
        assert!(error.remedy().unwrap().contains("look()"));
    }
}

#[tokio::test]
async fn a_later_look_mends_an_outcome_that_nobody_knew() {
    let sandbox = Sandbox::builder()
        .hide_active(true)
        .call_seconds(4.0)
        .start()
        .await
        .unwrap();
    let log = Arc::new(MemoryPlaceLog::new());
    let place = client(&sandbox)
        .calls()
        .place(request())
        .log(Arc::clone(&log));
    let impatient = place.attempt_timeout(Duration::from_millis(500));
    let placed = impatient.await.unwrap();
    let error = placed.outcome().await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert_eq!(log.unsettled().unwrap().len(), 1);

    // The list shows it when it is over.
    until(|| {
        sandbox
            .dialled()
            .iter()
            .all(|call| call.status == "success")
    })
    .await;
    assert!(matches!(placed.look().await.unwrap(), Sighting::Call(_)));
    assert_eq!(placed.outcome().await.unwrap().status, CallStatus::Success);
    assert!(log.unsettled().unwrap().is_empty());
}

#[test]
fn the_end_of_a_runtime_leaves_it_unknown() {
    let here = tokio::runtime::Runtime::new().unwrap();
    let there = tokio::runtime::Runtime::new().unwrap();
    let sandbox = here.block_on(world(60.0));
    let log = Arc::new(MemoryPlaceLog::new());
    let place = client(&sandbox)
        .calls()
        .place(request())
        .log(Arc::clone(&log));
    let placed = there.block_on(place.into_future()).unwrap();
    here.block_on(until_asked(&sandbox, "calls_create"));
    there.shutdown_background();
    let error = here.block_on(placed.outcome()).unwrap_err();
    assert!(error.is_lost());
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert_eq!(log.unsettled().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_shows_number_and_task() {
    let sandbox = world(0.0).await;
    let kally = client(&sandbox);
    let log = Arc::new(MemoryPlaceLog::new());
    let place = kally.calls().place(request()).log(Arc::clone(&log));
    let mut shown = format!("{place:?}");
    let placed = place.await.unwrap();
    placed.outcome().await.unwrap();
    let refused = kally.calls().place(to("+12025550127")).await.unwrap();
    let error = refused.outcome().await.unwrap_err();
    let resume = kally.calls().resume(placed.placement());
    shown += &format!("{placed:?} {:#?} {:?}", placed.placement(), placed.states());
    shown += &format!(
        "{:?} {log:?} {resume:?} {kally:?}",
        placed.look().await.unwrap()
    );
    shown += &format!("{error} {error:?} {:?}", Client::builder().place_log(log));
    for private in ["2025550", "when they open"] {
        assert!(!shown.contains(private), "{shown}");
    }
}
