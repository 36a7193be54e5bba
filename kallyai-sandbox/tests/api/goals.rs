//! Messages, conversations, and the goals that come out of them.

use std::time::Duration;

use kallyai_sandbox::{Clock, Fault, FaultKind, Fidelity, Sandbox};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::api::{Api, answer, refused};

const STEP: Duration = Duration::from_secs(3);

/// A world in which every step of a goal takes three seconds, and none passes by itself.
async fn manual() -> Api {
    Api::new(Sandbox::builder().clock(Clock::Manual).call_seconds(3.0)).await
}

fn message(api: &Api, text: &str) -> RequestBuilder {
    api.post("/v1/coordination/message", &json!({ "message": text }))
}

/// Starts a goal, and answers with its id.
async fn started(api: &Api, text: &str) -> String {
    let (status, reply) = answer(message(api, text)).await;
    assert_eq!(status, 200, "{reply}");
    reply["goal_id"].as_str().unwrap().to_owned()
}

async fn goal(api: &Api, id: &str) -> Value {
    api.json(&format!("/v1/coordination/goals/{id}")).await
}

async fn status(api: &Api, id: &str) -> String {
    goal(api, id).await["status"].as_str().unwrap().to_owned()
}

async fn steps(api: &Api, id: &str) -> Vec<String> {
    let goal = goal(api, id).await;
    let steps = goal["steps"].as_array().unwrap().iter();
    steps
        .map(|step| step["status"].as_str().unwrap().to_owned())
        .collect()
}

fn act(api: &Api, id: &str, what: &str) -> RequestBuilder {
    let path = match what {
        "approve-budget" | "acknowledge-soft-cap" => format!("/v1/goals/{id}/{what}"),
        _ => format!("/v1/coordination/goals/{id}/{what}"),
    };
    api.bare(Method::POST, &path)
        .bearer_auth(api.sandbox.access_token())
}

/// Does it, and answers with the status of the goal.
async fn done(api: &Api, id: &str, what: &str) -> String {
    let (status, body) = answer(act(api, id, what)).await;
    assert_eq!(status, 200, "{what}: {body}");
    assert_eq!(body["id"], id);
    body["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_goal_goes_its_steps_by_the_clock_and_costs_what_they_cost() {
    let api = manual().await;
    let id = started(&api, "Find a dentist and ask +12025550150 for a date").await;
    for expected in [
        ["in_progress", "pending", "pending"],
        ["completed", "in_progress", "pending"],
        ["completed", "completed", "in_progress"],
    ] {
        assert_eq!(steps(&api, &id).await, expected);
        assert_eq!(status(&api, &id).await, "active");
        api.sandbox.advance(STEP);
    }
    let goal = goal(&api, &id).await;
    assert_eq!(goal["status"], "completed");
    assert_eq!(goal["created_at"], "2026-02-14T18:00:00Z");
    assert_eq!(goal["updated_at"], "2026-02-14T18:00:09Z");
    assert_eq!(goal["credits_estimated"], 2.5);
    assert_eq!(goal["parent_goal_id"], Value::Null);

    // One world: the call was dialled, is listed, and the ledger names the goal.
    api.sandbox.assert_dialled_once("+12025550150");
    let calls = api.json("/v1/calls").await;
    assert_eq!(calls["calls"][0]["status"], "success");
    assert_eq!(
        calls["calls"][0]["metadata"]["created_at"],
        "2026-02-14T18:00:03Z"
    );
    let call = calls["calls"][0]["credits_used"].as_f64().unwrap();
    let used = goal["credits_used"].as_f64().unwrap();
    assert!((used - call - 1.0).abs() < 1e-9, "{used} {call}");
    let costs = api.json(&format!("/v1/goals/{id}/cost-breakdown")).await;
    assert_eq!(costs["total_credits"].as_f64(), Some(used));
    assert_eq!(costs["items"].as_array().unwrap().len(), 3);
    assert_eq!(
        costs["items"][0],
        json!({ "action": "search", "credits": 0.5, "timestamp": "2026-02-14T18:00:03Z" })
    );
    let budget = api
        .json(&format!("/v1/coordination/goals/{id}/budget"))
        .await;
    assert_eq!(budget["credits_used"].as_f64(), Some(used));
    let remaining = budget["credits_remaining"].as_f64().unwrap();
    assert!((remaining - (2.5 - used)).abs() < 1e-9, "{budget}");
    let balance = api.json("/v1/credits/balance").await;
    assert_eq!(balance["credits_used"].as_f64(), Some(used));
    let history = api.json("/v1/credits/history").await;
    let entries = history["entries"].as_array().unwrap();
    assert!(entries.iter().all(|entry| entry["goal_id"] == id.as_str()));
}

#[tokio::test]
async fn per_poll_a_goal_comes_to_its_end() {
    let api = Api::new(Sandbox::builder().clock(Clock::PerPoll).call_seconds(30.0)).await;
    let id = started(&api, "Book a table").await;
    let mut seen = Vec::new();
    while seen.last().map(String::as_str) != Some("completed") {
        seen.push(status(&api, &id).await);
    }
    // Three GETs a step, and one that sees the end.
    assert_eq!(seen.len(), 10, "{seen:?}");
}

#[tokio::test]
async fn a_reply_comes_in_both_published_shapes() {
    let api = manual().await;
    let (_, first) = answer(message(&api, "Book a table")).await;
    assert!(first["response"].is_string() && first["goal_id"].is_string());
    assert!(first.get("message").is_none(), "{first}");
    api.sandbox.inject(Fault::on(
        "coordination_send_message",
        FaultKind::AlternateShape,
    ));
    let body = json!({ "message": "And another", "conversation_id": first["conversation_id"] });
    let (status, second) = answer(api.post("/v1/coordination/message", &body)).await;
    assert_eq!(status, 200);
    let mut fields: Vec<_> = second.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "conversation_id",
            "credits_used",
            "goal_completed",
            "intent",
            "message",
            "message_id",
            "suggestions",
            "triggered_actions"
        ]
    );
    assert_eq!(second["conversation_id"], first["conversation_id"]);
    assert_eq!(second["credits_used"], "0");
    assert_eq!(second["goal_completed"], false);
    // The fault was meant for one.
    let (_, third) = answer(message(&api, "Book a table")).await;
    assert!(third["response"].is_string());
}

#[tokio::test]
async fn conversations_keep_what_was_said() {
    let api = manual().await;
    let (_, new) = answer(api.post("/v1/coordination/conversations", &json!({}))).await;
    let id = new["conversation_id"].as_str().unwrap();
    let body = json!({ "message": "How are you? [no goal]", "conversation_id": id });
    let (_, reply) = answer(api.post("/v1/coordination/message", &body)).await;
    assert!(reply.get("goal_id").is_none(), "{reply}");
    let goal = started(&api, "Something else").await;
    let list = api.json("/v1/coordination/conversations").await;
    let list = list["conversations"].as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!(list[1]["id"], id);
    assert_eq!(list[1]["title"], "How are you?");
    assert_eq!(list[1]["message_count"], 2);
    let path = format!("/v1/coordination/history?conversation_id={id}");
    let history = api.json(&path).await;
    assert_eq!(history["total"], 2);
    assert_eq!(history["items"][0]["role"], "user");
    assert_eq!(history["items"][0]["content"], "How are you? [no goal]");
    assert_eq!(history["items"][1]["role"], "assistant");
    let newest = api.json("/v1/coordination/history?limit=1").await;
    assert_eq!(newest["total"], 4);
    assert_eq!(newest["items"][0]["goal_id"], goal.as_str());

    let unknown = json!({ "message": "x", "conversation_id": "c_0" });
    let request = api.post("/v1/coordination/message", &unknown);
    refused(request, 404, "conversation_not_found").await;
    let request = api.get("/v1/coordination/history?conversation_id=c_0");
    refused(request, 404, "conversation_not_found").await;
}

#[tokio::test]
async fn a_goal_waits_for_an_answer() {
    let api = manual().await;
    let (_, reply) = answer(message(&api, "Book a table [ask]")).await;
    let id = reply["goal_id"].as_str().unwrap();
    api.sandbox.advance(STEP * 10);
    let waiting = goal(&api, id).await;
    assert_eq!(waiting["status"], "needs_input");
    assert_eq!(waiting["waiting_for"], "input");
    refused(act(&api, id, "approve-step"), 409, "invalid_state").await;
    let body = json!({ "message": "At eight", "conversation_id": reply["conversation_id"] });
    let (_, answered) = answer(api.post("/v1/coordination/message", &body)).await;
    assert_eq!(answered["goal_id"], id);
    assert_eq!(status(&api, id).await, "active");
    api.sandbox.advance(STEP * 2);
    assert_eq!(status(&api, id).await, "completed");
    assert_eq!(goal(&api, id).await["updated_at"], "2026-02-14T18:00:36Z");
}

#[tokio::test]
async fn steps_budgets_and_caps_are_approved() {
    let api = manual().await;
    let id = started(&api, "A table [over budget] [approve step] [soft cap]").await;
    api.sandbox.advance(STEP * 10);
    assert_eq!(status(&api, &id).await, "pending");
    assert_eq!(steps(&api, &id).await, ["pending"; 3]);
    refused(
        act(&api, &id, "approve-step"),
        402,
        "budget_approval_required",
    )
    .await;
    refused(
        act(&api, &id, "acknowledge-soft-cap"),
        402,
        "budget_exceeded",
    )
    .await;
    assert_eq!(done(&api, &id, "approve-budget").await, "active");
    api.sandbox.advance(STEP);
    assert_eq!(goal(&api, &id).await["waiting_for"], "approval");
    assert_eq!(done(&api, &id, "approve-step").await, "active");
    api.sandbox.advance(STEP);
    assert_eq!(goal(&api, &id).await["waiting_for"], "soft_cap");
    refused(act(&api, &id, "approve-step"), 402, "soft_cap_reached").await;
    assert_eq!(done(&api, &id, "acknowledge-soft-cap").await, "active");
    api.sandbox.advance(STEP);
    assert_eq!(status(&api, &id).await, "completed");
    for what in ["approve-budget", "approve-step", "cancel", "escalate"] {
        refused(act(&api, &id, what), 409, "goal_already_completed").await;
    }
    assert_eq!(api.sandbox.dialled().len(), 1);
}

#[tokio::test]
async fn an_outcome_is_negotiated_and_accepted() {
    let api = manual().await;
    let id = started(&api, "A cheaper plan from +12025550151 [negotiate]").await;
    refused(act(&api, &id, "accept-outcome"), 409, "invalid_state").await;
    api.sandbox.advance(STEP * 3);
    assert_eq!(goal(&api, &id).await["waiting_for"], "outcome");
    assert_eq!(done(&api, &id, "continue-negotiating").await, "active");
    assert_eq!(steps(&api, &id).await.len(), 4);
    api.sandbox.advance(STEP);
    assert_eq!(status(&api, &id).await, "needs_input");
    assert_eq!(done(&api, &id, "accept-outcome").await, "completed");
    let rung = api.sandbox.dialled();
    assert_eq!(rung.len(), 2);
    assert!(rung.iter().all(|call| call.to == "+12025550151"));
}

#[tokio::test]
async fn a_call_that_reaches_nothing_is_an_outcome_too() {
    let api = manual().await;
    let id = started(&api, "Ask +12025550101").await;
    api.sandbox.advance(STEP * 10);
    assert_eq!(goal(&api, &id).await["waiting_for"], "outcome");
    assert_eq!(
        steps(&api, &id).await,
        ["completed", "completed", "pending"]
    );
    assert_eq!(done(&api, &id, "accept-outcome").await, "active");
    api.sandbox.advance(STEP);
    assert_eq!(status(&api, &id).await, "completed");
}

#[tokio::test]
async fn a_goal_waits_for_those_below_it() {
    let api = manual().await;
    let id = started(&api, "Plan a journey [sub-goals]").await;
    let tree = api.json(&format!("/v1/coordination/goals/{id}/tree")).await;
    assert_eq!(tree["sub_goals"].as_array().unwrap().len(), 2);
    let child = &tree["sub_goals"][0];
    assert_eq!(child["parent_goal_id"], id.as_str());
    assert_eq!(child["sub_goals"].as_array().unwrap().len(), 1);
    let list = api.json("/v1/coordination/goals").await;
    assert_eq!(list["goals"].as_array().unwrap().len(), 1);
    assert_eq!(list["goals"][0]["sub_goal_count"], 2);
    api.sandbox.advance(STEP * 5 / 2);
    assert_eq!(goal(&api, &id).await["waiting_for"], "sub_goals");
    assert_eq!(status(&api, &id).await, "active");
    api.sandbox.advance(STEP / 2);
    assert_eq!(
        status(&api, child["id"].as_str().unwrap()).await,
        "completed"
    );
    assert_eq!(
        steps(&api, &id).await,
        ["completed", "completed", "in_progress"]
    );
    api.sandbox.advance(STEP);
    assert_eq!(status(&api, &id).await, "completed");

    // Cancelled alone, it leaves those below it; with them, none.
    let id = started(&api, "Plan a journey [sub-goals]").await;
    assert_eq!(done(&api, &id, "cancel").await, "cancelled");
    let tree = api.json(&format!("/v1/coordination/goals/{id}/tree")).await;
    assert_eq!(tree["sub_goals"][0]["status"], "active");
    refused(
        act(&api, &id, "cascade-cancel"),
        409,
        "goal_already_cancelled",
    )
    .await;
    let id = started(&api, "Plan a journey [sub-goals]").await;
    assert_eq!(done(&api, &id, "cascade-cancel").await, "cancelled");
    let tree = api.json(&format!("/v1/coordination/goals/{id}/tree")).await;
    assert_eq!(tree.to_string().matches("\"status\":\"active\"").count(), 0);
    assert_eq!(tree["sub_goals"][0]["sub_goals"][0]["status"], "cancelled");
}

#[tokio::test]
async fn a_cancelled_goal_hangs_up() {
    let api = manual().await;
    let id = started(&api, "Ask +12025550152").await;
    api.sandbox.advance(STEP + STEP / 2);
    assert_eq!(api.sandbox.dialled()[0].status, "ringing");
    assert_eq!(done(&api, &id, "cancel").await, "cancelled");
    assert_eq!(api.sandbox.dialled()[0].status, "terminated");
    api.sandbox.advance(STEP * 10);
    assert_eq!(
        steps(&api, &id).await,
        ["completed", "cancelled", "cancelled"]
    );
    refused(act(&api, &id, "cancel"), 409, "goal_already_cancelled").await;
}

#[tokio::test]
async fn an_escalated_goal_waits_for_its_user() {
    let api = manual().await;
    let id = started(&api, "Book a table").await;
    assert_eq!(done(&api, &id, "escalate").await, "needs_input");
    api.sandbox.advance(STEP * 10);
    assert_eq!(steps(&api, &id).await, ["completed", "pending", "pending"]);
    assert_eq!(done(&api, &id, "approve-step").await, "active");
}

#[tokio::test]
async fn what_is_over_is_archived_all_or_none() {
    let api = manual().await;
    let (over, open) = (started(&api, "One").await, started(&api, "Two [ask]").await);
    api.sandbox.advance(STEP * 3);
    let batch = |ids: Value| {
        let path = "/v1/coordination/goals/batch-archive";
        api.post(path, &json!({ "goal_ids": ids }))
    };
    refused(act(&api, &open, "archive"), 409, "invalid_state").await;
    refused(batch(json!([over, open])), 409, "invalid_state").await;
    refused(batch(json!([over, "g_0"])), 404, "goal_not_found").await;
    assert_eq!(status(&api, &over).await, "completed");
    assert_eq!(answer(batch(json!([over]))).await.0, 200);
    assert_eq!(status(&api, &over).await, "archived");
    refused(act(&api, &over, "archive"), 409, "invalid_state").await;
    for (filter, id) in [("archived", &over), ("needs_input", &open)] {
        let list = api
            .json(&format!("/v1/coordination/goals?status={filter}"))
            .await;
        assert_eq!(list["goals"].as_array().unwrap().len(), 1, "{filter}");
        assert_eq!(list["goals"][0]["id"], id.as_str());
    }
    let list = api.json("/v1/coordination/goals?limit=1&offset=1").await;
    assert_eq!(list["goals"][0]["id"], over.as_str());
}

#[tokio::test]
async fn refusals_start_nothing() {
    let api = manual().await;
    for (text, status, code) in [
        ("A table [budget_exceeded]", 402, "budget_exceeded"),
        ("A mail [email_not_connected]", 400, "email_not_connected"),
        ("A search [search_failed]", 500, "search_failed"),
        ("Ring +911 now", 422, "emergency_number"),
        ("Ring +12025550127", 403, "blocked_number"),
    ] {
        refused(message(&api, text), status, code).await;
    }
    // Every number that is refused when it is called is refused in a message too.
    for number in 20..=35 {
        let text = format!("Ring +120255501{number}");
        let (status, body) = answer(message(&api, &text)).await;
        let (called, refusal) = answer(api.call(&format!("+120255501{number}"))).await;
        assert_eq!(status, called, "{text}: {body}");
        assert_eq!(body["error"]["code"], refusal["error"]["code"]);
    }
    // 200 credits, 2.5 set aside for each.
    for _ in 0..80 {
        started(&api, "Book a table").await;
    }
    refused(message(&api, "Book a table"), 402, "quota_exceeded").await;
    let id = started(&api, "Book a table [over budget]").await;
    refused(act(&api, &id, "approve-budget"), 402, "quota_exceeded").await;
    refused(api.call("+12025550199"), 402, "quota_exceeded").await;
    assert!(api.sandbox.dialled().is_empty());
    for path in ["", "/tree", "/budget"] {
        let request = api.get(&format!("/v1/coordination/goals/g_0{path}"));
        refused(request, 404, "goal_not_found").await;
    }
    refused(act(&api, "g_0", "cancel"), 404, "goal_not_found").await;
    refused(act(&api, "g_0", "approve-budget"), 404, "goal_not_found").await;
}

#[tokio::test]
async fn goals_are_dumped_loaded_and_reset() {
    let api = manual().await;
    let id = started(&api, "Book a table [ask]").await;
    api.sandbox.advance(STEP);
    let before = goal(&api, &id).await;
    let state = api.json("/_sandbox/state").await;
    let other = manual().await;
    let load = other.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    assert_eq!(goal(&other, &id).await, before);
    assert_eq!(
        other.json("/v1/coordination/history").await,
        api.json("/v1/coordination/history").await
    );
    other.sandbox.reset();
    assert_eq!(
        other.json("/v1/coordination/goals").await["goals"],
        json!([])
    );
    let list = other.json("/v1/coordination/conversations").await;
    assert_eq!(list["conversations"], json!([]));
    // A state from before there were goals still loads.
    let mut old = state;
    for part in ["goals", "conversations", "inbound"] {
        old.as_object_mut().unwrap().remove(part);
    }
    let load = other.bare(Method::PUT, "/_sandbox/state").json(&old);
    assert_eq!(answer(load).await.0, 204);
}

#[tokio::test]
async fn none_of_these_operations_is_an_example() {
    let api = manual().await;
    for operation in api.sandbox.coverage() {
        let domain = operation.operation_id.split('_').next().unwrap();
        if ["coordination", "budget", "inbound"].contains(&domain) {
            assert_ne!(
                operation.fidelity,
                Fidelity::Example,
                "{}",
                operation.operation_id
            );
        }
    }
}
