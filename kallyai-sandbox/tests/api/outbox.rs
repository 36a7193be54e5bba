//! E-mails that the assistant writes, from the draft to the reply.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::actions::{logged, manual};
use crate::api::{Api, answer, refused};

const LIFE: Duration = Duration::from_secs(30);

fn write(api: &Api, to: &str) -> RequestBuilder {
    let body = json!({
        "to": to, "subject": "Another day", "body": "May I come on Friday instead?",
        "cc": "bob@example.com",
    });
    api.post("/v1/actions/email/send", &body)
}

/// Queues an e-mail, and answers with its id.
async fn queued(api: &Api, to: &str) -> String {
    let (status, email) = answer(write(api, to)).await;
    assert_eq!(status, 200, "{email}");
    assert_eq!(email["status"], "pending_approval");
    email["id"].as_str().unwrap().to_owned()
}

fn decide(api: &Api, id: &str, decision: &str) -> RequestBuilder {
    api.post(&format!("/v1/actions/email/{id}/{decision}"), &json!({}))
}

async fn outbox(api: &Api) -> Value {
    api.json("/v1/actions/email/outbox").await["emails"].clone()
}

async fn replies(api: &Api, id: &str) -> Value {
    api.json(&format!("/v1/actions/email/{id}/replies")).await
}

/// What has really left.
async fn letters(api: &Api) -> Value {
    api.json("/_sandbox/state").await["sent"].clone()
}

fn disconnect(api: &Api) -> RequestBuilder {
    api.bare(Method::DELETE, "/v1/email/accounts/ea_1001")
        .bearer_auth(api.sandbox.access_token())
}

#[tokio::test]
async fn an_email_waits_is_sent_and_answered() {
    let api = manual().await;
    let pending = async || api.json("/v1/notifications/pending").await["actions"].clone();
    assert_eq!(pending().await["count"], 0);
    let id = queued(&api, "clinic@example.com").await;
    let entry = logged(&api).await;
    assert_eq!(entry["type"], "email");
    assert_eq!(
        (&entry["status"], &entry["undoable"]),
        (&json!("pending_approval"), &json!(true))
    );
    assert_eq!(pending().await["items"][0]["id"], entry["id"]);
    assert_eq!(letters(&api).await, json!([]));
    assert_eq!(api.json("/v1/credits/balance").await["credits_used"], 0);
    api.sandbox.advance(LIFE * 10);
    assert_eq!(replies(&api, &id).await["total"], 0);

    let (status, sent) = answer(decide(&api, &id, "approve")).await;
    assert_eq!((status.as_u16(), &sent["status"]), (200, &json!("sent")));
    assert_eq!(outbox(&api).await[0]["status"], "sent");
    let left = letters(&api).await;
    assert_eq!(left.as_array().unwrap().len(), 2);
    assert_eq!(
        (&left[0]["to"], &left[1]["to"]),
        (&json!("clinic@example.com"), &json!("bob@example.com"))
    );
    assert_eq!(left[0]["text"], "May I come on Friday instead?");
    let history = api.json("/v1/credits/history").await;
    assert_eq!(history["entries"][0]["type"], "email_send");
    assert_eq!(history["entries"][0]["credits"], json!(0.3));
    let entry = logged(&api).await;
    assert_eq!(
        (&entry["status"], &entry["undoable"]),
        (&json!("completed"), &json!(false))
    );
    assert_eq!(pending().await["count"], 0);
    for decision in ["approve", "cancel"] {
        refused(decide(&api, &id, decision), 409, "invalid_state").await;
    }
    let undo = format!("/v1/actions/{}/undo", entry["id"].as_str().unwrap());
    refused(api.post(&undo, &json!({})), 409, "action_not_undoable").await;

    // The reply comes later, and is seen everywhere.
    let before = api.json("/v1/email/messages").await["total"]
        .as_u64()
        .unwrap();
    assert_eq!(replies(&api, &id).await["total"], 0);
    api.sandbox.advance(LIFE);
    let answered = replies(&api, &id).await;
    assert_eq!(answered["total"], 1);
    let reply = &answered["items"][0];
    assert_eq!(
        (&reply["from"], &reply["subject"]),
        (&json!("clinic@example.com"), &json!("Re: Another day"))
    );
    let messages = api.json("/v1/email/messages").await;
    assert_eq!(messages["total"], before + 1);
    assert_eq!(messages["items"][0]["id"], reply["id"]);
    let inbox = api.json("/v1/messages/inbox?channel=email").await;
    assert_eq!(inbox["messages"][0]["subject"], "Re: Another day");
    assert_eq!(inbox["messages"][0]["unread"], true);
    let conversation = reply["conversation_id"].as_str().unwrap();
    let thread = api
        .json(&format!("/v1/messages/conversation/{conversation}"))
        .await;
    assert_eq!(thread["total"], 2);
    assert_eq!(thread["items"][0]["from"], "ada@example.com");
    assert_eq!(
        thread["items"][0]["content"],
        "May I come on Friday instead?"
    );
    assert_eq!(thread["items"][1]["content"], reply["body"]);
    // What the user has written is no news.
    assert_eq!(
        api.json("/v1/messages/inbox").await["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|message| message["from"] == "ada@example.com")
            .count(),
        0
    );
}

#[tokio::test]
async fn an_email_that_waits_is_cancelled_or_undone() {
    let api = manual().await;
    let (first, second) = (
        queued(&api, "a@example.com").await,
        queued(&api, "b@example.com").await,
    );
    let undone = logged(&api).await["id"].clone();
    let undo = format!("/v1/actions/{}/undo", undone.as_str().unwrap());
    assert_eq!(answer(decide(&api, &first, "cancel")).await.0, 200);
    assert_eq!(answer(api.post(&undo, &json!({}))).await.0, 200);
    let list = outbox(&api).await;
    assert_eq!(
        (&list[0]["id"], &list[1]["id"]),
        (&json!(second), &json!(first))
    );
    for email in list.as_array().unwrap() {
        assert_eq!(email["status"], "cancelled");
        let id = email["id"].as_str().unwrap();
        refused(decide(&api, id, "approve"), 409, "invalid_state").await;
        refused(decide(&api, id, "cancel"), 409, "invalid_state").await;
    }
    let log = api.json("/v1/actions/log?type=email").await;
    assert_eq!(
        (&log["actions"][0]["status"], &log["actions"][1]["status"]),
        (&json!("undone"), &json!("cancelled"))
    );
    assert_eq!(letters(&api).await, json!([]));
    for decision in ["approve", "cancel"] {
        refused(decide(&api, "em_0", decision), 404, "email_not_found").await;
    }
    refused(
        api.get("/v1/actions/email/em_0/replies"),
        404,
        "email_not_found",
    )
    .await;
}

#[tokio::test]
async fn nobody_answers_for_a_machine() {
    let api = manual().await;
    let id = queued(&api, "No-Reply@example.com").await;
    assert_eq!(answer(decide(&api, &id, "approve")).await.0, 200);
    api.sandbox.advance(LIFE * 10);
    assert_eq!(replies(&api, &id).await["total"], 0);
}

#[tokio::test]
async fn without_an_account_or_credits_nothing_leaves() {
    let api = manual().await;
    let id = queued(&api, "clinic@example.com").await;
    let mut state = api.json("/_sandbox/state").await;
    state["ledger"]["allocated"] = json!(29);
    let load = |state: &Value| api.bare(Method::PUT, "/_sandbox/state").json(state);
    assert_eq!(answer(load(&state)).await.0, 204);
    refused(write(&api, "a@example.com"), 402, "quota_exceeded").await;
    refused(decide(&api, &id, "approve"), 402, "quota_exceeded").await;
    state["ledger"]["allocated"] = json!(30);
    assert_eq!(answer(load(&state)).await.0, 204);

    assert_eq!(answer(disconnect(&api)).await.0, 200);
    refused(write(&api, "a@example.com"), 400, "email_not_connected").await;
    refused(decide(&api, &id, "approve"), 400, "email_not_connected").await;
    let request = api.get(&format!("/v1/actions/email/{id}/replies"));
    refused(request, 400, "email_not_connected").await;
    assert_eq!(outbox(&api).await.as_array().unwrap().len(), 1);
    assert_eq!(letters(&api).await, json!([]));
    assert_eq!(api.json("/v1/credits/balance").await["credits_used"], 0);
    // It can still be dropped.
    assert_eq!(answer(decide(&api, &id, "cancel")).await.0, 200);
}

#[tokio::test]
async fn a_reply_on_its_way_is_dumped_and_loaded() {
    let api = manual().await;
    let id = queued(&api, "clinic@example.com").await;
    assert_eq!(answer(decide(&api, &id, "approve")).await.0, 200);
    let state = api.json("/_sandbox/state").await;
    let other = manual().await;
    let load = other.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    api.sandbox.advance(LIFE);
    other.sandbox.advance(LIFE);
    assert_eq!(replies(&other, &id).await["total"], 1);
    assert_eq!(replies(&other, &id).await, replies(&api, &id).await);
}
