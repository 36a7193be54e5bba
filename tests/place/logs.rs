//! Logs that cannot be written, and logs that others write too.

use std::sync::Arc;

use kallyai_sdk::WasSent;
use kallyai_sdk::place::{
    Begun, Entry, FilePlaceLog, MemoryPlaceLog, PlaceLog, PlaceLogError, Placement, Settled,
};

use crate::service::{KEY, NUMBER, asked, client, forgetful, request, world};

/// A log that cannot be written at times.
#[derive(Debug, Default)]
struct Broken {
    log: MemoryPlaceLog,
    begins: bool,
}

impl PlaceLog for Broken {
    fn begin(&self, placement: &Placement) -> Result<Begun, PlaceLogError> {
        if self.begins {
            return self.log.begin(placement);
        }
        Err(PlaceLogError::new("the disk is full").remedy("free some space"))
    }

    fn send_again(&self, placement: &Placement) -> Result<bool, PlaceLogError> {
        self.log.send_again(placement)
    }

    fn settle(&self, _: &Placement, _: &Settled) -> Result<(), PlaceLogError> {
        Err(PlaceLogError::new("the disk is full"))
    }

    fn entries(&self) -> Result<Vec<Entry>, PlaceLogError> {
        self.log.entries()
    }

    fn forget(&self, key: &str) -> Result<(), PlaceLogError> {
        self.log.forget(key)
    }
}

#[tokio::test]
async fn a_log_that_cannot_be_written_sends_nothing() {
    let sandbox = world(0.0).await;
    let kally = client(&sandbox);
    let directory = tempfile::tempdir().unwrap();
    let nowhere = FilePlaceLog::at(directory.path().join("none").join("calls.log"));
    let logs: [Arc<dyn PlaceLog>; 2] = [Arc::new(Broken::default()), Arc::new(nowhere)];
    for log in logs {
        let place = kally.calls().place(request()).log(log);
        let error = place.await.unwrap_err();
        assert!(error.is_place_log());
        assert_eq!(error.was_sent(), WasSent::No);
        assert!(error.remedy().is_some());
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test]
async fn a_call_that_cannot_be_settled_is_answered_and_found_again() {
    let sandbox = world(0.0).await;
    let log = Arc::new(Broken {
        begins: true,
        ..Broken::default()
    });
    for _ in 0..2 {
        let kally = client(&sandbox);
        let place = kally.calls().place(request()).idempotency_key(KEY);
        let placed = place.log(Arc::clone(&log)).await.unwrap();
        let call = placed.outcome().await.unwrap();
        assert_eq!(call.call_id, sandbox.dialled()[0].call_id);
        assert_eq!(log.unsettled().unwrap().len(), 1);
    }
    sandbox.assert_dialled_once(NUMBER);
    assert_eq!(asked(&sandbox, "calls_create"), 1);
}

#[tokio::test]
async fn processes_that_share_a_file_place_one_call() {
    let sandbox = forgetful(0.1).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("calls.log");
    // Two clients have as little in common as two processes have.
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let (kally, log) = (client(&sandbox), FilePlaceLog::at(&path));
            tokio::spawn(async move {
                let place = kally.calls().place(request()).idempotency_key(KEY);
                place.log(log).await?.outcome().await
            })
        })
        .collect();
    let mut answered = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => answered += 1,
            Err(error) => assert_eq!(error.was_sent(), WasSent::Maybe),
        }
    }
    assert!(answered > 0);
    sandbox.assert_dialled_once(NUMBER);
    assert_eq!(asked(&sandbox, "calls_create"), 1);
}

#[tokio::test]
async fn a_placement_that_nobody_wants_any_more_is_not_sent() {
    let sandbox = world(0.0).await;
    let kally = client(&sandbox);
    let log = Arc::new(MemoryPlaceLog::new());
    let place = || {
        let place = kally.calls().place(request()).idempotency_key(KEY);
        place.log(Arc::clone(&log)).into_future()
    };
    // One poll: the task is there, and nothing is written yet.
    let mut placing = place();
    tokio::select! {
        biased;
        _ = &mut placing => panic!("it is written down elsewhere"),
        () = std::future::ready(()) => {}
    }
    drop(placing);
    crate::service::until(|| {
        let entries = log.entries().unwrap();
        entries
            .iter()
            .any(|entry| entry.settled == Some(Settled::NotDialled))
    })
    .await;
    assert!(sandbox.journal().is_empty());
    // Whoever wants it afterwards has it.
    place().await.unwrap().outcome().await.unwrap();
    sandbox.assert_dialled_once(NUMBER);
}
