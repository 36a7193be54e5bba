//! Calls that an agent places: dialled once, whatever happens on the way.

use std::sync::Arc;
use std::time::Duration;

use kallyai_sandbox::{Clock, Fault, FaultKind, Sandbox};
use kallyai_sdk::WasSent;
use kallyai_sdk::tools::{Context, Policy, ToolErrorKind, Toolbox};
use serde_json::{Value, json};

use crate::{all, ask, call, quick};

#[tokio::test]
async fn what_is_asked_for_again_is_the_same_call() {
    let sandbox = quick().start().await.unwrap();
    let tools = all(&sandbox, Policy::new());
    let first = ask(&tools, "calls_create", call("+12025550199"))
        .await
        .unwrap();
    for _ in 0..5 {
        let again = ask(&tools, "calls_create", call("+12025550199"))
            .await
            .unwrap();
        assert_eq!(again.value()["call_id"], first.value()["call_id"]);
    }
    sandbox.assert_dialled_once("+12025550199");
    let mut second = call("+12025550199");
    second["attempt"] = json!(2);
    let second = ask(&tools, "calls_create", second).await.unwrap();
    assert_ne!(second.value()["call_id"], first.value()["call_id"]);
    let mut other = call("+12025550199");
    other["submission"]["task_description"] = json!("Cancel the table for 4 at 8 pm");
    ask(&tools, "calls_create", other).await.unwrap();
    assert_eq!(sandbox.dialled().len(), 3);
}

#[tokio::test]
async fn a_call_whose_answer_is_lost_is_not_dialled_again() {
    for ignoring in [false, true] {
        let sandbox = quick().ignore_idempotency(ignoring).start().await.unwrap();
        let tools = all(&sandbox, Policy::new());
        sandbox.inject(Fault::on("calls_create", FaultKind::ResetAfter).times(20));
        sandbox.inject(Fault::on("calls_list", FaultKind::ServerError { status: 500 }).times(20));
        let error = ask(&tools, "calls_create", call("+12025550199"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ToolErrorKind::Failed);
        assert_eq!(error.was_sent(), WasSent::Maybe, "{error}");
        let said = error.to_json()["error"]["instead"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(said.contains("look before"), "{said}");
        for _ in 0..3 {
            let _ = ask(&tools, "calls_create", call("+12025550199")).await;
        }
        sandbox.clear_faults();
        let found = ask(&tools, "calls_create", call("+12025550199"))
            .await
            .unwrap();
        assert_eq!(found.value()["status"], "success");
        sandbox.assert_dialled_once("+12025550199");
    }
}

#[tokio::test]
async fn a_long_call_is_a_handle_that_can_be_waited_for() {
    let world = Sandbox::builder().clock(Clock::Manual).call_seconds(60.0);
    let sandbox = world.start().await.unwrap();
    let tools = all(&sandbox, Policy::new());
    let at_once = Context::new().wait(Duration::ZERO);
    let placed = tools
        .call("calls_create", call("+12025550199"), &at_once)
        .await
        .unwrap();
    assert_eq!(placed.value()["status"], "placed");
    let key = placed.value()["idempotency_key"].clone();
    assert!(!key.as_str().unwrap().contains("2025550199"));
    assert_eq!(placed.handle(), key.as_str());
    let again = tools
        .call("calls_create", call("+12025550199"), &at_once)
        .await
        .unwrap();
    assert_eq!(again.value()["idempotency_key"], key);
    let wait = json!({ "idempotency_key": key });
    let waiting = tools
        .call("calls_wait", wait.clone(), &at_once)
        .await
        .unwrap();
    assert_eq!(waiting.value()["status"], "placed");
    // The call is dialled by a task of its own.
    while sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.advance(Duration::from_secs(60));
    let over = ask(&tools, "calls_wait", wait).await.unwrap();
    assert_eq!(over.value()["status"], "success");
    assert_eq!(over.handle(), None);
    sandbox.assert_dialled_once("+12025550199");
    let unknown = json!({ "idempotency_key": "tool-0" });
    let error = ask(&tools, "calls_wait", unknown).await.unwrap_err();
    assert_eq!(error.kind(), ToolErrorKind::Refused);
}

#[tokio::test]
async fn whoever_stops_waiting_leaves_the_call_in_a_known_state() {
    let world = Sandbox::builder().clock(Clock::Manual).call_seconds(60.0);
    let sandbox = world.start().await.unwrap();
    let tools = all(&sandbox, Policy::new());
    let context = Context::new();
    let dropped = tools.call("calls_create", call("+12025550199"), &context);
    let ended = tokio::time::timeout(Duration::from_millis(200), dropped).await;
    assert!(ended.is_err(), "it waits for the clock");
    while sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.advance(Duration::from_secs(60));
    let found = ask(&tools, "calls_create", call("+12025550199"))
        .await
        .unwrap();
    assert_eq!(found.value()["status"], "success");
    sandbox.assert_dialled_once("+12025550199");
}

#[tokio::test]
async fn many_at_once_ring_once() {
    let sandbox = quick().start().await.unwrap();
    let tools = Arc::new(all(&sandbox, Policy::new()));
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let tools = Arc::clone(&tools);
        asking.spawn(async move { ask(&tools, "calls_create", call("+12025550199")).await });
    }
    let ids: Vec<Value> = asking
        .join_all()
        .await
        .into_iter()
        .map(|answer| answer.unwrap().value()["call_id"].clone())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    sandbox.assert_dialled_once("+12025550199");
}
