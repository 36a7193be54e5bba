//! The stream of what becomes of a call.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::Error;
use kallyai_sdk::place::{Sighting, States};
use kallyai_sdk::types::CallStatus;

use crate::service::{client, request, to, until, world};

async fn next(states: &mut States) -> Option<Result<Sighting, Error>> {
    poll_fn(|context| Pin::new(&mut *states).poll_next(context)).await
}

fn status(sighting: Option<Result<Sighting, Error>>) -> Option<CallStatus> {
    match sighting.expect("it has not ended").unwrap() {
        Sighting::Call(call) => Some(call.status),
        Sighting::IdUnknown => None,
    }
}

#[tokio::test]
async fn each_change_is_shown_once_until_it_is_over() {
    let sandbox = world(4.0).await;
    let placed = client(&sandbox).calls().place(request()).await.unwrap();
    until(|| !sandbox.dialled().is_empty()).await;
    let mut states = placed.states();
    let mut seen = Vec::new();
    while let Some(sighting) = {
        // A `next()` that loses a race is as if it had not been.
        loop {
            tokio::select! {
                sighting = next(&mut states) => break sighting,
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
    } {
        let Sighting::Call(call) = sighting.unwrap() else {
            panic!("the list shows it");
        };
        seen.push(call.status.to_string());
    }
    assert_eq!(seen.last().unwrap(), "success");
    assert!(seen.len() >= 2, "{seen:?}");
    let mut once = seen.clone();
    once.dedup();
    assert_eq!(once, seen);
    assert!(next(&mut states).await.is_none());
}

#[tokio::test]
async fn what_is_not_shown_is_unknown_until_it_is_over() {
    let sandbox = Sandbox::builder()
        .hide_active(true)
        .call_seconds(0.4)
        .start()
        .await
        .unwrap();
    let placed = client(&sandbox).calls().place(request()).await.unwrap();
    let mut states = placed.states();
    assert_eq!(status(next(&mut states).await), None);
    assert_eq!(status(next(&mut states).await), Some(CallStatus::Success));
    assert!(next(&mut states).await.is_none());
}

#[tokio::test]
async fn a_refusal_ends_it() {
    let sandbox = world(0.0).await;
    let place = client(&sandbox).calls().place(to("+12025550127"));
    let placed = place.await.unwrap();
    placed.outcome().await.unwrap_err();
    let mut states = placed.states();
    assert!(next(&mut states).await.unwrap().is_err());
    assert!(next(&mut states).await.is_none());
}
