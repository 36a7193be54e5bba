//! What is counted, when calls fail, meet, or are lost on the way.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use kallyai_sandbox::{Clock, Fault, FaultKind, Sandbox};
use kallyai_sdk::tools::{Context, Policy, SessionFile, ToolErrorKind, Toolbox};
use serde_json::{Value, json};

use crate::{all, ask, call, quick};

fn task(number: usize) -> Value {
    let mut call = call("+12025550199");
    call["submission"]["task_description"] = json!(format!("Reserve table number {number}"));
    call
}

#[tokio::test]
async fn a_call_that_was_refused_and_is_asked_for_again_counts() {
    let sandbox = quick().start().await.unwrap();
    let policy = Policy::new()
        .calls_per_hour(1)
        .credits("4".parse().unwrap());
    let tools = all(&sandbox, policy);
    for number in 0..3 {
        sandbox.inject(Fault::on(
            "calls_create",
            FaultKind::ServerError { status: 400 },
        ));
        let error = ask(&tools, "calls_create", task(number)).await.unwrap_err();
        assert_eq!(error.kind(), ToolErrorKind::Failed, "{error}");
    }
    assert_eq!(tools.spent().unwrap().0, "0".parse().unwrap());
    // All three were given back, and their keys may be dialled again: within the bounds.
    ask(&tools, "calls_create", task(0)).await.unwrap();
    for number in 1..3 {
        let error = ask(&tools, "calls_create", task(number)).await.unwrap_err();
        assert_eq!(error.kind(), ToolErrorKind::Refused, "{error}");
    }
    assert_eq!(sandbox.dialled().len(), 1);
    assert!(tools.spent().unwrap().0 > "0".parse().unwrap());
}

#[tokio::test]
async fn the_same_call_twice_at_once_counts_once() {
    let sandbox = quick().start().await.unwrap();
    let tools = all(&sandbox, Policy::new().calls_per_hour(1));
    let (one, other) = tokio::join!(
        ask(&tools, "calls_create", task(1)),
        ask(&tools, "calls_create", task(1)),
    );
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.value()["call_id"], other.value()["call_id"]);
    let used = one.value()["credits_used"].as_f64().unwrap();
    let (spent, set_aside) = tools.spent().unwrap();
    assert!((spent.to_f64().unwrap() - used).abs() < 1e-9, "{spent}");
    assert_eq!(set_aside, "0".parse().unwrap());
    sandbox.assert_dialled_once("+12025550199");
}

#[tokio::test]
async fn who_stopped_waiting_and_asks_again_has_spent_what_it_cost() {
    let world = Sandbox::builder().clock(Clock::Manual).call_seconds(60.0);
    let sandbox = world.start().await.unwrap();
    let tools = all(&sandbox, Policy::new().credits("10".parse().unwrap()));
    let context = Context::new();
    let dropped = tools.call("calls_create", task(1), &context);
    let ended = tokio::time::timeout(Duration::from_millis(200), dropped).await;
    assert!(ended.is_err(), "it waits for the clock");
    assert_eq!(tools.spent().unwrap().1, "4".parse().unwrap());
    let at_once = Context::new().wait(Duration::ZERO);
    let placed = tools.call("calls_create", task(1), &at_once).await.unwrap();
    while sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.advance(Duration::from_secs(60));
    let key = &placed.value()["idempotency_key"];
    let over = ask(&tools, "calls_wait", json!({ "idempotency_key": key }))
        .await
        .unwrap();
    let used = over.value()["credits_used"].as_f64().unwrap();
    let (spent, set_aside) = tools.spent().unwrap();
    assert!((spent.to_f64().unwrap() - used).abs() < 1e-9, "{spent}");
    assert_eq!(set_aside, "0".parse().unwrap());
}

#[tokio::test]
async fn other_details_are_not_answered_with_the_call_that_had_none_of_them() {
    let sandbox = quick().start().await.unwrap();
    let tools = all(&sandbox, Policy::new());
    ask(&tools, "calls_create", task(1)).await.unwrap();
    let mut other = task(1);
    other["submission"]["party_size"] = json!(9);
    let error = ask(&tools, "calls_create", other.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Refused, "{error}");
    assert!(error.to_string().contains("attempt"), "{error}");
    sandbox.assert_dialled_once("+12025550199");
    other["attempt"] = json!(2);
    ask(&tools, "calls_create", other).await.unwrap();
    assert_eq!(sandbox.dialled().len(), 2);
}

#[tokio::test]
async fn another_process_of_the_session_does_not_dial_the_same_call() {
    let folder = tempfile::tempdir().unwrap();
    let file = || SessionFile::at(folder.path().join("session.json"));
    // Even a service that minds no key, and clients whose logs know nothing of each other.
    let sandbox = quick().ignore_idempotency(true).start().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let tools = all(&sandbox, Policy::new().session_file(file()));
        let answer = ask(&tools, "calls_create", task(1)).await.unwrap();
        ids.push(answer.value()["call_id"].clone());
    }
    sandbox.assert_dialled_once("+12025550199");
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn a_call_that_was_dialled_is_answered_though_it_cannot_be_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.json");
    let world = Sandbox::builder().clock(Clock::Manual).call_seconds(60.0);
    let sandbox = world.start().await.unwrap();
    let policy = Policy::new().session_file(SessionFile::at(&path));
    let tools = all(&sandbox, policy);
    let breaking = async {
        while sandbox.dialled().is_empty() {
            tokio::task::yield_now().await;
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        sandbox.advance(Duration::from_secs(60));
    };
    let (answer, ()) = tokio::join!(ask(&tools, "calls_create", task(1)), breaking);
    assert_eq!(answer.unwrap().value()["status"], "success");
    // What could not be settled stays set aside, and nothing more is done.
    let error = ask(&tools, "calls_create", task(2)).await.unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Refused, "{error}");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(tools.spent().unwrap().1, "4".parse().unwrap());
}

#[tokio::test]
async fn a_budget_that_is_no_number_permits_nothing() {
    let sandbox = quick().start().await.unwrap();
    let odd = serde_json::from_value(json!("lots")).unwrap();
    let tools = all(&sandbox, Policy::new().credits(odd));
    let error = ask(&tools, "search_run", json!({ "query": "a" }))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Refused, "{error}");
    assert!(sandbox.journal().iter().all(|entry| entry.method == "GET"));
}
