//! What must not be said of a call that may have been dialled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::blocking::Wait;
use kallyai_sdk::place::{FilePlaceLog, MemoryPlaceLog, PlaceLog, Settled, Sighting};
use kallyai_sdk::types::CallStatus;
use kallyai_sdk::{Client, WasSent};
use kallyai_tests::RawServer;
use serde_json::json;

use crate::service::{KEY, NUMBER, asked, builder, client, lose, request, until_asked, world};

/// A client of an address where nobody listens.
fn unreachable() -> Client {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nowhere.local_addr().unwrap();
    drop(nowhere);
    let builder = Client::builder().base_url(format!("http://{address}"));
    let builder = builder.access_token("token").max_attempts(1);
    builder.build().unwrap()
}

/// A log that knows a call of the key.
async fn dialled(sandbox: &Sandbox) -> Arc<MemoryPlaceLog> {
    let log = Arc::new(MemoryPlaceLog::new());
    let place = client(sandbox).calls().place(request());
    let place = place.idempotency_key(KEY).log(Arc::clone(&log));
    place.await.unwrap().outcome().await.unwrap();
    log
}

#[tokio::test]
async fn a_known_call_that_cannot_be_read_was_placed() {
    let sandbox = world(0.0).await;
    let log = dialled(&sandbox).await;
    let place = unreachable().calls().place(request());
    let placed = place.idempotency_key(KEY).log(log).await.unwrap();
    let error = placed.outcome().await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::Yes);
    assert_eq!(error.idempotency_key(), Some(KEY));
    let shown = error.to_string();
    assert!(shown.contains("was placed"), "{shown}");
    assert!(!shown.contains("nothing was sent"), "{shown}");
    assert!(std::error::Error::source(&error).is_some());
    assert!(placed.call_id().is_some());
}

#[tokio::test]
async fn a_known_call_is_asked_for_again() {
    let sandbox = world(0.0).await;
    let log = dialled(&sandbox).await;
    let retry_after = Some("500".to_owned());
    let busy = FaultKind::RateLimit { retry_after };
    sandbox.inject(Fault::on("calls_get", busy).times(1));
    let place = client(&sandbox).calls().place(request());
    let placed = place.idempotency_key(KEY).log(log).await.unwrap();
    placed.outcome().await.unwrap_err();
    assert!(matches!(placed.look().await.unwrap(), Sighting::Call(_)));
    assert_eq!(placed.outcome().await.unwrap().status, CallStatus::Success);
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn of_a_key_whose_log_cannot_be_read_nothing_is_known() {
    let sandbox = world(0.0).await;
    let kally = client(&sandbox);
    let directory = tempfile::tempdir().unwrap();
    let nowhere = || FilePlaceLog::at(directory.path().join("none").join("calls.log"));
    let place = kally.calls().place(request()).idempotency_key(KEY);
    let error = place.log(nowhere()).await.unwrap_err();
    assert!(error.is_place_log());
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert!(error.remedy().unwrap().contains("directory"));

    let placed = kally.calls().place(request()).await.unwrap();
    placed.outcome().await.unwrap();
    std::fs::write(directory.path().join("calls.log"), "Dear Sir,\n").unwrap();
    let unreadable = FilePlaceLog::at(directory.path().join("calls.log"));
    let resume = kally.calls().resume(placed.placement()).log(unreadable);
    let error = resume.await.unwrap_err();
    assert!(error.is_place_log());
    assert_eq!(error.was_sent(), WasSent::Maybe);

    // A key that was made here a moment ago nobody else has.
    let place = kally.calls().place(request()).log(nowhere());
    assert_eq!(place.await.unwrap_err().was_sent(), WasSent::No);
}

#[test]
fn a_runtime_that_ends_at_once_holds_nobody_up() {
    let here = tokio::runtime::Runtime::new().unwrap();
    let sandbox = here.block_on(world(0.0));
    let kally = client(&sandbox);
    for is_own_key in [true, false] {
        let place = || {
            let place = kally.calls().place(request());
            let place = if is_own_key {
                place.idempotency_key(KEY)
            } else {
                place
            };
            place.into_future()
        };
        let there = tokio::runtime::Builder::new_current_thread();
        let there = { there }.enable_all().build().unwrap();
        // The task is there, and was never polled.
        let mut placing = place();
        there.block_on(async {
            tokio::select! {
                biased;
                _ = &mut placing => panic!("it is written down elsewhere"),
                () = std::future::ready(()) => {}
            }
        });
        drop(there);
        let patience = Duration::from_secs(10);
        let error = here
            .block_on(async { tokio::time::timeout(patience, placing).await })
            .expect("somebody waits for a task that is gone")
            .unwrap_err();
        assert!(error.is_lost());
        // A key that was made here nobody can have dialled.
        let sent = if is_own_key {
            WasSent::Maybe
        } else {
            WasSent::No
        };
        assert_eq!(error.was_sent(), sent);
        let again = async { place().await.unwrap().outcome().await };
        here.block_on(async { tokio::time::timeout(patience, again).await })
            .expect("the key is free again")
            .unwrap();
    }
}

#[tokio::test]
async fn an_answer_without_an_id_settles_nothing() {
    let sandbox = world(0.0).await;
    for listed in [true, false] {
        let call = client(&sandbox).calls().create(request()).await.unwrap();
        let id = call.call_id.clone();
        let call = serde_json::to_value(&call).unwrap();
        let mut nameless = call.clone();
        nameless["call_id"] = json!("");
        let server = RawServer::answering(move |asked| {
            let body = if asked.starts_with("POST") {
                nameless.clone()
            } else if listed {
                json!({ "calls": [nameless.clone(), call.clone()], "total": 2 })
            } else {
                json!({ "calls": [], "total": 0 })
            };
            let kind = "content-type: application/json\r\n";
            RawServer::bytes("200 OK", kind, &body.to_string())
        })
        .await;
        let kally = builder(&sandbox).base_url(server.base_url());
        let kally = kally.build().unwrap();
        let log = Arc::new(MemoryPlaceLog::new());
        let place = kally.calls().place(request()).log(Arc::clone(&log));
        let placed = place.await.unwrap();
        let outcome = placed.outcome().await;
        let settled = log.entries().unwrap()[0].settled.clone();
        if listed {
            assert_eq!(outcome.unwrap().call_id, id);
            assert_eq!(settled, Some(Settled::Dialled(id.clone())));
            assert_eq!(placed.call_id(), Some(id));
        } else {
            assert_eq!(outcome.unwrap_err().was_sent(), WasSent::Maybe);
            assert_eq!(settled, None);
            assert_eq!(placed.call_id(), None);
        }
        // The same where nothing is written down; by another client, to whom no call is known.
        let kally = builder(&sandbox).base_url(server.base_url());
        let created = kally.build().unwrap().calls().create(request()).await;
        match created {
            Ok(call) => assert!(listed && !call.call_id.is_empty()),
            Err(error) => assert!(!listed && error.was_sent() == WasSent::Maybe),
        }
    }
}

#[tokio::test]
async fn a_key_of_ones_own_is_one_call_without_a_log_too() {
    let sandbox = world(0.1).await;
    let kally = client(&sandbox);
    let create = || kally.calls().create(request()).idempotency_key(KEY);
    let given_up = create().into_future();
    let _ = tokio::time::timeout(Duration::from_millis(50), given_up).await;
    until_asked(&sandbox, "calls_create").await;

    // What was given up was this call.
    lose(&sandbox, FaultKind::ResetBefore);
    let call = create().await.unwrap();
    assert_eq!(call.call_id, sandbox.dialled()[0].call_id);
    sandbox.assert_dialled_once(NUMBER);
}

#[test]
fn placing_can_be_waited_for_beside_a_runtime_that_stands_still() {
    let there = tokio::runtime::Runtime::new().unwrap();
    let sandbox = there.block_on(world(0.0));
    let kally = client(&sandbox);
    let here = tokio::runtime::Builder::new_current_thread();
    let here = { here }.enable_all().build().unwrap();
    let placed = here.block_on(async {
        // Leaves a connection behind that nobody serves while the thread is blocked.
        kally.credits().balance().await.unwrap();
        let place = kally.calls().place(request());
        let patient = place.timeout(Duration::from_secs(4));
        patient.wait().unwrap().outcome().wait()
    });
    assert_eq!(placed.unwrap().status, CallStatus::Success);
}

/// Longer than any of these tests may take.
const LONG: Duration = Duration::from_secs(3);

#[tokio::test]
async fn looking_keeps_to_the_time() {
    let sandbox = world(60.0).await;
    let slow = FaultKind::Latency(Duration::from_secs(8));
    sandbox.inject(Fault::on("calls_list", slow));
    let started = Instant::now();
    let create = client(&sandbox).calls().create(request());
    let create = create.attempt_timeout(Duration::from_millis(200));
    let error = create.timeout(Duration::from_millis(700)).await;
    assert_eq!(error.unwrap_err().was_sent(), WasSent::Maybe);
    assert_eq!(asked(&sandbox, "calls_list"), 1);
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}

#[tokio::test]
async fn when_the_time_is_up_nothing_is_looked_for() {
    let sandbox = world(60.0).await;
    let kally = client(&sandbox);
    let limit = Duration::from_millis(300);
    let error = kally.calls().create(request()).timeout(limit).await;
    assert_eq!(error.unwrap_err().was_sent(), WasSent::Maybe);
    let placed = kally.calls().place(request()).timeout(limit).await.unwrap();
    let error = placed.outcome().await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert_eq!(asked(&sandbox, "calls_list"), 0);
}

#[tokio::test]
async fn following_keeps_to_the_time() {
    let sandbox = world(60.0).await;
    let slow = FaultKind::Latency(Duration::from_secs(8));
    sandbox.inject(Fault::on("calls_get", slow).times(4));
    let started = Instant::now();
    let limit = Duration::from_millis(1200);
    let log = Arc::new(MemoryPlaceLog::new());
    let place = || {
        let place = client(&sandbox).calls().place(request()).timeout(limit);
        let place = place.attempt_timeout(Duration::from_millis(300));
        place.idempotency_key(KEY).log(Arc::clone(&log))
    };
    // It is found, and answered with as it is.
    let call = place().await.unwrap().outcome().await.unwrap();
    assert!(!call.is_over());
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());

    let started = Instant::now();
    let error = place().await.unwrap().outcome().await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::Yes);
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
}
