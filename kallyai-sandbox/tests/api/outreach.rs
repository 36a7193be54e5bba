//! Outreach tasks on every channel.

use std::time::Duration;

use kallyai_sandbox::{Clock, Sandbox};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::api::{Api, answer, quick, refused};

const TASKS: &str = "/v1/outreach/tasks";
const PHONE: &str = "+12025550199";
const BUSY: &str = "+12025550102";
const LIFE: Duration = Duration::from_secs(30);

async fn manual() -> Api {
    Api::new(Sandbox::builder().clock(Clock::Manual).call_seconds(30.0)).await
}

fn to(recipient: &str) -> Value {
    json!({ "goal": "Ask whether the coat is ready", "recipient_identifier": recipient })
}

async fn created(api: &Api, body: &Value) -> Value {
    let (status, task) = answer(api.post(TASKS, body)).await;
    assert_eq!(status, 201, "{task}");
    task
}

fn act(api: &Api, task: &Value, what: &str) -> RequestBuilder {
    let id = task["id"].as_str().unwrap();
    api.post(&format!("{TASKS}/{id}/{what}"), &json!({}))
}

async fn acted(api: &Api, task: &Value, what: &str) -> Value {
    let (status, task) = answer(act(api, task, what)).await;
    assert_eq!(status, 200, "{task}");
    task
}

async fn again(api: &Api, task: &Value) -> Value {
    api.json(&format!("{TASKS}/{}", task["id"].as_str().unwrap()))
        .await
}

#[tokio::test]
async fn a_call_is_a_call_like_any_other() {
    let api = manual().await;
    let mut body = to(PHONE);
    body["recipient_name"] = json!("Grace");
    body["urgency"] = json!("high");
    let task = created(&api, &body).await;
    assert_eq!(task["id"], "ot_4001");
    assert_eq!(task["status"], "in_progress");
    assert_eq!(task["selected_channel"], "call");
    assert_eq!(task["urgency"], "high");
    assert_eq!(
        task["attempts"],
        json!([{
            "channel": "call", "status": "in_progress", "started_at": "2026-02-14T18:00:00Z",
        }])
    );
    api.sandbox.assert_dialled_once(PHONE);
    api.sandbox.advance(LIFE);
    let over = again(&api, &task).await;
    assert_eq!(over["status"], "completed");
    assert_eq!(over["completed_via_channel"], "call");
    assert_eq!(over["completed_at"], "2026-02-14T18:00:30Z");
    assert!(
        over["completion_summary"]
            .as_str()
            .unwrap()
            .contains("Grace")
    );
    assert_eq!(over["attempts"][0]["status"], "completed");
    assert_eq!(over["attempts"][0]["completed_at"], "2026-02-14T18:00:30Z");

    let calls = api.json("/v1/calls").await;
    assert_eq!(calls["total"], 1);
    let call = &calls["calls"][0];
    assert_eq!(call["submission"]["business_name"], "Grace");
    assert_eq!(call["highlights"], over["completion_summary"]);
    let history = api.json("/v1/credits/history").await;
    assert_eq!(history["entries"].as_array().unwrap().len(), 1);
    assert_eq!(history["entries"][0]["credits"], call["credits_used"]);
    let inbox = api.json("/v1/messages/inbox?channel=call").await;
    assert_eq!(inbox["messages"].as_array().unwrap().len(), 1);
    let state = api.json("/_sandbox/state").await;
    assert_eq!(
        state["log"].as_array().unwrap().len(),
        1,
        "{}",
        state["log"]
    );
    assert!(api.sandbox.sent().is_empty());
}

#[tokio::test]
async fn an_email_leaves_at_the_end_of_the_attempt() {
    let api = manual().await;
    // As the published command sends it.
    let body = json!({
        "channel": "email", "target": "grace@example.com", "description": "Ask for the coat",
    });
    let task = created(&api, &body).await;
    assert_eq!(
        (&task["goal"], &task["recipient_identifier"]),
        (&json!("Ask for the coat"), &json!("grace@example.com"))
    );
    assert_eq!(task["selected_channel"], "email");
    assert!(api.sandbox.sent().is_empty());
    api.sandbox.advance(LIFE);
    let over = again(&api, &task).await;
    assert_eq!(
        (&over["status"], &over["completed_via_channel"]),
        (&json!("completed"), &json!("email"))
    );
    let sent = api.sandbox.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (
            sent[0].channel.as_str(),
            sent[0].to.as_str(),
            sent[0].text.as_str()
        ),
        ("email", "grace@example.com", "Ask for the coat")
    );
    assert_eq!(sent[0].sent_at.to_rfc3339(), "2026-02-14T18:00:30+00:00");
    let history = api.json("/v1/credits/history").await;
    assert_eq!(
        (
            &history["entries"][0]["type"],
            &history["entries"][0]["credits"]
        ),
        (&json!("email_send"), &json!(0.3))
    );
    let log = api.json("/_sandbox/state").await["log"].clone();
    assert_eq!(
        (&log[0]["kind"], &log[0]["status"]),
        (&json!("email"), &json!("completed"))
    );
    assert!(api.sandbox.dialled().is_empty());
}

#[tokio::test]
async fn a_chat_needs_its_channel() {
    let api = manual().await;
    for (channel, credentials) in [
        ("telegram", json!({ "bot_token": "1:a" })),
        (
            "whatsapp",
            json!({ "phone_number_id": "1", "access_token": "2", "business_account_id": "3" }),
        ),
    ] {
        let body = json!({ "channel": channel, "target": "grace_h", "description": "Ask" });
        let task = created(&api, &body).await;
        api.sandbox.advance(LIFE);
        let failed = again(&api, &task).await;
        assert_eq!(failed["status"], "failed");
        assert_eq!(failed["attempts"][0]["status"], "failed");
        assert!(failed.get("completed_via_channel").is_none());

        let path = format!("/v1/channels/webhook/{channel}/connect");
        assert_eq!(
            answer(api.post(&path, &credentials)).await.1["success"],
            true
        );
        assert_eq!(acted(&api, &task, "retry").await["status"], "in_progress");
        api.sandbox.advance(LIFE);
        let over = again(&api, &task).await;
        assert_eq!(over["status"], "completed");
        assert_eq!(over["attempts"].as_array().unwrap().len(), 2);
        let letter = api.sandbox.sent().pop().unwrap();
        assert_eq!(
            (letter.channel.as_str(), letter.to.as_str()),
            (channel, "grace_h")
        );
        assert_eq!(letter.subject, None);
    }
    // No price is published.
    assert_eq!(api.json("/v1/credits/balance").await["credits_used"], 0);
}

#[tokio::test]
async fn a_task_that_waits_starts_with_a_retry() {
    let api = manual().await;
    let mut body = to(PHONE);
    body["auto_execute"] = json!(false);
    let task = created(&api, &body).await;
    assert_eq!(
        (&task["status"], &task["attempts"]),
        (&json!("awaiting"), &json!([]))
    );
    api.sandbox.advance(LIFE);
    assert_eq!(again(&api, &task).await["status"], "awaiting");
    assert!(api.sandbox.dialled().is_empty());
    assert_eq!(acted(&api, &task, "retry").await["status"], "in_progress");
    refused(act(&api, &task, "retry"), 409, "invalid_state").await;
    api.sandbox.advance(LIFE);
    assert_eq!(again(&api, &task).await["status"], "completed");
    for what in ["retry", "cancel"] {
        refused(act(&api, &task, what), 409, "invalid_state").await;
    }
    api.sandbox.assert_dialled_once(PHONE);
}

#[tokio::test]
async fn the_number_decides_how_a_call_ends() {
    let api = Api::new(quick()).await;
    for (number, status) in [
        (PHONE, "completed"),
        ("+12025550101", "failed"),
        (BUSY, "failed"),
        ("+12025550103", "failed"),
        ("+12025550104", "failed"),
        ("+12025550106", "failed"),
        // The operation has no such errors.
        ("+12025550130", "completed"),
        ("+12025550134", "completed"),
    ] {
        assert_eq!(
            created(&api, &to(number)).await["status"],
            status,
            "{number}"
        );
    }
    let dialled = api.sandbox.dialled().len();
    for (number, status, code) in [
        ("+12025550120", 402, "quota_exceeded"),
        ("+12025550121", 402, "budget_exceeded"),
        ("+12025550122", 402, "budget_approval_required"),
        ("+12025550123", 402, "soft_cap_reached"),
        ("+12025550126", 422, "toll_number"),
        ("+12025550127", 403, "blocked_number"),
        ("+12025550128", 403, "suppression_violation"),
        ("+12025550129", 422, "safety_violation"),
        ("+12025550131", 422, "consent_denied"),
        ("+12025550132", 403, "country_restriction"),
        ("+12025550133", 403, "unsupported_country"),
        ("+911", 422, "emergency_number"),
        ("112", 422, "emergency_number"),
        ("Grace", 400, "validation_error"),
        ("", 400, "validation_error"),
        ("@", 400, "validation_error"),
        ("grace@", 400, "validation_error"),
    ] {
        refused(api.post(TASKS, &to(number)), status, code).await;
        // What waits is refused too, before anybody waits for it.
        let mut later = to(number);
        later["auto_execute"] = json!(false);
        refused(api.post(TASKS, &later), status, code).await;
    }
    for body in [
        json!({ "goal": "Ask" }),
        json!({ "channel": "call", "target": PHONE }),
        json!({ "channel": "pigeon", "target": PHONE, "description": "Ask" }),
        json!({ "channel": "email", "target": PHONE, "description": "Ask" }),
        json!({ "channel": "call", "target": "grace@example.com", "description": "Ask" }),
        json!({ "channel": "telegram", "target": " ", "description": "Ask" }),
    ] {
        refused(api.post(TASKS, &body), 400, "validation_error").await;
    }
    assert_eq!(api.sandbox.dialled().len(), dialled);
}

#[tokio::test]
async fn a_failed_task_is_retried() {
    let api = manual().await;
    let task = created(&api, &to(BUSY)).await;
    refused(act(&api, &task, "retry"), 409, "invalid_state").await;
    api.sandbox.advance(LIFE);
    assert_eq!(again(&api, &task).await["status"], "failed");
    refused(act(&api, &task, "cancel"), 409, "invalid_state").await;
    acted(&api, &task, "retry").await;
    api.sandbox.advance(LIFE);
    let attempts = again(&api, &task).await["attempts"].clone();
    assert_eq!(attempts.as_array().unwrap().len(), 2);
    assert_eq!(attempts[1]["started_at"], "2026-02-14T18:00:30Z");
    assert_eq!(api.sandbox.dialled().len(), 2);
    let nobody = json!({ "id": "ot_1" });
    for what in ["retry", "cancel"] {
        refused(act(&api, &nobody, what), 404, "outreach_task_not_found").await;
    }
    refused(
        api.get(&format!("{TASKS}/ot_9999")),
        404,
        "outreach_task_not_found",
    )
    .await;
}

#[tokio::test]
async fn cancelling_hangs_up_and_sends_nothing() {
    let api = manual().await;
    let call = created(&api, &to(PHONE)).await;
    let email = created(&api, &to("grace@example.com")).await;
    let mut later = to(PHONE);
    later["auto_execute"] = json!(false);
    let later = created(&api, &later).await;
    api.sandbox.advance(LIFE / 3);
    for task in [&call, &email, &later] {
        let cancelled = acted(&api, task, "cancel").await;
        assert_eq!(cancelled["status"], "cancelled");
        if let Some(attempt) = cancelled["attempts"].get(0) {
            assert_eq!(attempt["status"], "cancelled");
        }
        for what in ["retry", "cancel"] {
            refused(act(&api, task, what), 409, "invalid_state").await;
        }
    }
    assert_eq!(api.sandbox.dialled()[0].status, "terminated");
    api.sandbox.advance(LIFE);
    assert!(api.sandbox.sent().is_empty());
    assert_eq!(again(&api, &call).await["status"], "cancelled");
    // Who stops the call by itself ends the attempt.
    let task = created(&api, &to(PHONE)).await;
    let id = api.sandbox.dialled()[1].call_id.clone();
    let stop = api.post(&format!("/v1/calls/{id}/stop"), &json!({}));
    assert_eq!(answer(stop).await.0, 200);
    assert_eq!(again(&api, &task).await["status"], "failed");
}

#[tokio::test]
async fn without_a_number_nobody_is_called() {
    let api = manual().await;
    let mut later = to(PHONE);
    later["auto_execute"] = json!(false);
    let later = created(&api, &later).await;
    let release = api
        .bare(Method::DELETE, "/v1/phone-numbers/pn_1")
        .bearer_auth(api.sandbox.access_token());
    assert_eq!(answer(release).await.0, 200);
    refused(api.post(TASKS, &to(PHONE)), 400, "phone_not_provisioned").await;
    refused(act(&api, &later, "retry"), 400, "phone_not_provisioned").await;
    assert_eq!(api.json(TASKS).await["total"], 1);
    assert!(api.sandbox.dialled().is_empty());
}

#[tokio::test]
async fn what_is_not_there_cannot_be_spent() {
    let api = manual().await;
    let mut later = to("grace@example.com");
    later["auto_execute"] = json!(false);
    let later = created(&api, &later).await;
    // What is under way is set aside.
    let emails = 200 * 10 / 3;
    for _ in 0..emails {
        created(&api, &to("grace@example.com")).await;
    }
    for recipient in ["grace@example.com", PHONE] {
        refused(api.post(TASKS, &to(recipient)), 402, "quota_exceeded").await;
    }
    refused(act(&api, &later, "retry"), 402, "quota_exceeded").await;
    refused(api.call(PHONE), 402, "quota_exceeded").await;
    assert_eq!(api.json("/v1/credits/balance").await["credits_used"], 0);
    api.sandbox.advance(LIFE);
    assert_eq!(api.sandbox.sent().len(), emails);
    assert_eq!(api.json("/v1/credits/balance").await["credits_used"], 199.8);
}

#[tokio::test]
async fn tasks_are_listed_in_pages_and_by_status() {
    let api = manual().await;
    created(&api, &to(PHONE)).await;
    api.sandbox.advance(LIFE);
    created(&api, &to(BUSY)).await;
    api.sandbox.advance(LIFE);
    created(&api, &to(PHONE)).await;
    let found = async |query: &str| {
        let list = api.json(&format!("{TASKS}?{query}")).await;
        let tasks = list["tasks"].as_array().unwrap().clone();
        let ids: Vec<String> = tasks
            .iter()
            .map(|task| task["id"].as_str().unwrap().to_owned())
            .collect();
        assert!(tasks.iter().all(|task| task.get("attempts").is_none()));
        (ids, list["total"].clone(), list["has_more"].clone())
    };
    let expect = |ids: &[&str], total: usize, more: bool| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        (ids, json!(total), json!(more))
    };
    let all = ["ot_4003", "ot_4002", "ot_4001"];
    assert_eq!(found("").await, expect(&all, 3, false));
    assert_eq!(found("limit=2").await, expect(&all[..2], 3, true));
    assert_eq!(found("limit=2&offset=2").await, expect(&all[2..], 3, false));
    assert_eq!(found("offset=7").await, expect(&[], 3, false));
    assert_eq!(found("status=failed").await, expect(&all[1..2], 1, false));
    let both = "status=in_progress,completed";
    assert_eq!(found(both).await, expect(&["ot_4003", "ot_4001"], 2, false));
    assert_eq!(found("status=pending").await, expect(&[], 0, false));
    for status in ["lost", "failed,lost", "failed,", ""] {
        let request = api.get(&format!("{TASKS}?status={status}"));
        refused(request, 400, "validation_error").await;
    }

    let state = api.json("/_sandbox/state").await;
    let other = manual().await;
    let load = other.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    assert_eq!(other.json(TASKS).await, api.json(TASKS).await);
    other.sandbox.advance(LIFE);
    assert_eq!(
        other.json(&format!("{TASKS}/ot_4003")).await["status"],
        "completed"
    );
    assert_eq!(created(&other, &to(PHONE)).await["id"], "ot_4004");
    other.sandbox.reset();
    assert_eq!(other.json(TASKS).await["total"], 0);
}
