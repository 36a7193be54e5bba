//! The inbox and what waits for the user: what happens elsewhere shows here.

use std::time::Duration;

use kallyai_sandbox::{Clock, Sandbox};
use serde_json::{Value, json};

use crate::api::{Api, answer, refused};

async fn manual() -> Api {
    let world = Sandbox::builder().clock(Clock::Manual).call_seconds(30.0);
    Api::new(world).await
}

fn strings<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let entries = list.as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry[field].as_str().unwrap())
        .collect()
}

/// The messages of one channel, so that what a new account has of others does not count.
async fn of(api: &Api, channel: &str) -> Value {
    let inbox = api
        .json(&format!("/v1/messages/inbox?channel={channel}"))
        .await;
    inbox["messages"].clone()
}

async fn say(api: &Api, message: &str) -> Value {
    let message = json!({ "message": message });
    let (status, reply) = answer(api.post("/v1/coordination/message", &message)).await;
    assert_eq!(status, 200, "{reply}");
    reply
}

#[tokio::test]
async fn a_finished_call_is_in_the_inbox_once() {
    let api = Api::quick().await;
    assert_eq!(of(&api, "call").await, json!([]));
    api.placed().await;
    answer(api.call("+12025550102")).await;
    let messages = of(&api, "call").await;
    assert_eq!(
        strings(&messages, "subject"),
        ["Your call: busy", "Your call: success"]
    );
    assert_eq!(messages[0]["from"], "Italian Bistro");
    assert!(messages[0].get("content").is_none());
    let id = messages[0]["id"].as_str().unwrap();
    let detail = api.json(&format!("/v1/messages/inbox/{id}")).await;
    assert_eq!(detail["content"], "The line of Italian Bistro was busy.");
    assert_eq!(detail["unread"], true);
    assert_eq!(of(&api, "sms").await, json!([]));
}

#[tokio::test]
async fn a_call_that_the_user_has_ended_is_no_news() {
    let api = manual().await;
    say(&api, "Book a table").await;
    api.sandbox.advance(Duration::from_secs(30));
    let call = api.sandbox.dialled()[0].call_id.clone();
    let stop = api.post(&format!("/v1/calls/{call}/cancel"), &json!({}));
    assert_eq!(answer(stop).await.0, 200);
    assert_eq!(of(&api, "call").await, json!([]));
}

#[tokio::test]
async fn messages_are_marked_as_read_all_or_none() {
    let api = Api::quick().await;
    api.placed().await;
    api.placed().await;
    let messages = of(&api, "call").await;
    let ids = strings(&messages, "id");
    let mark = |ids: Value| api.post("/v1/messages/mark-read", &json!({ "message_ids": ids }));
    refused(mark(json!([ids[0], "ms_0"])), 404, "message_not_found").await;
    let unread = "/v1/messages/inbox?channel=call&unread=true";
    assert_eq!(
        api.json(unread).await["messages"].as_array().unwrap().len(),
        2
    );
    assert_eq!(answer(mark(json!([ids[0]]))).await.0, 200);
    let left = api.json(unread).await;
    assert_eq!(strings(&left["messages"], "id"), [ids[1]]);
    // Whoever asks for messages that are not unread gets all of them.
    let all = api
        .json("/v1/messages/inbox?channel=call&unread=false&limit=1")
        .await;
    assert_eq!(strings(&all["messages"], "id"), [ids[0]]);
    refused(api.get("/v1/messages/inbox/ms_0"), 404, "message_not_found").await;
    refused(
        api.get("/v1/messages/conversation/cv_0"),
        404,
        "conversation_not_found",
    )
    .await;
}

#[tokio::test]
async fn calls_with_one_number_are_one_thread() {
    let api = Api::quick().await;
    api.placed().await;
    api.sandbox
        .ring("+12025550199", ["Your table is free"])
        .unwrap();
    api.sandbox
        .ring("+12025550142", Vec::<&str>::new())
        .unwrap();
    let messages = of(&api, "call").await;
    assert_eq!(
        strings(&messages, "subject"),
        [
            "A missed call",
            "The assistant took a call",
            "Your call: success"
        ]
    );
    let conversation = messages[1]["conversation_id"].as_str().unwrap();
    assert_eq!(messages[2]["conversation_id"], conversation);
    assert_ne!(messages[0]["conversation_id"], conversation);
    let thread = api
        .json(&format!("/v1/messages/conversation/{conversation}"))
        .await;
    assert_eq!(thread["total"], 2);
    assert_eq!(thread["items"][1]["content"], "Your table is free");
}

#[tokio::test]
async fn a_caller_has_the_name_of_the_contact() {
    let api = Api::quick().await;
    let contact = json!({ "name": "Ada", "phone_number": "+12025550142" });
    answer(api.post("/v1/inbound/contacts", &contact)).await;
    let rule = json!({ "name": "Later", "priority": 1, "is_active": true, "action": "voicemail" });
    answer(api.post("/v1/inbound/rules", &rule)).await;
    api.sandbox.ring("+12025550142", ["It is me"]).unwrap();
    let messages = of(&api, "call").await;
    assert_eq!(messages[0]["from"], "Ada");
    assert_eq!(messages[0]["subject"], "A message on the voicemail");
    assert_eq!(messages[0]["preview"], "It is me");
}

#[tokio::test]
async fn the_assistant_writes_when_a_goal_needs_the_user_or_is_done() {
    let api = manual().await;
    let reply = say(&api, "Book a table [ask]").await;
    let conversation = reply["conversation_id"].as_str().unwrap();
    assert_eq!(of(&api, "chat").await, json!([]));
    let before = api.json("/v1/notifications/pending").await;
    assert_eq!(before["active_goal"]["id"], reply["goal_id"]);
    assert_eq!(
        before["active_goal"]["current_step_description"],
        "Look for what is needed"
    );
    assert_eq!(before["goals"]["count"], 0);

    api.sandbox.advance(Duration::from_secs(30));
    let messages = of(&api, "chat").await;
    assert_eq!(strings(&messages, "conversation_id"), [conversation]);
    assert_eq!(messages[0]["preview"], "I need you (input): Book a table");
    let waiting = api.json("/v1/notifications/pending").await;
    assert!(waiting.get("active_goal").is_none());
    assert_eq!(waiting["goals"]["count"], 1);
    assert_eq!(waiting["goals"]["items"][0]["id"], reply["goal_id"]);
    assert_eq!(waiting["goals"]["items"][0]["status"], "needs_input");

    let answered = json!({ "message": "At eight", "conversation_id": conversation });
    assert_eq!(
        answer(api.post("/v1/coordination/message", &answered))
            .await
            .0,
        200
    );
    api.sandbox.advance(Duration::from_secs(60));
    let messages = of(&api, "chat").await;
    assert_eq!(messages[0]["preview"], "It is done: Book a table");
    assert_eq!(messages.as_array().unwrap().len(), 2);
    let thread = api
        .json(&format!("/v1/messages/conversation/{conversation}"))
        .await;
    assert_eq!(thread["total"], 2);
    let done = api.json("/v1/notifications/pending").await;
    assert_eq!(done["goals"]["count"], 0);
}

#[tokio::test]
async fn notifications_count_what_is_there() {
    let api = Api::quick().await;
    let before = api.json("/v1/notifications/pending").await;
    let count = |body: &Value| {
        ["actions", "goals", "inbox"]
            .iter()
            .map(|part| {
                let count = body[part]["count"].as_u64().unwrap();
                let items = body[part]["items"].as_array().unwrap();
                assert_eq!(u64::try_from(items.len()).unwrap(), count, "{part}");
                count
            })
            .sum::<u64>()
    };
    assert_eq!(before["total_pending"], count(&before));
    api.placed().await;
    let after = api.json("/v1/notifications/pending").await;
    assert_eq!(after["total_pending"], count(&after));
    assert_eq!(count(&after), count(&before) + 1);
    assert_eq!(after["inbox"]["items"][0]["channel"], "call");
    let id = after["inbox"]["items"][0]["id"].as_str().unwrap();
    let read = json!({ "message_ids": [id] });
    answer(api.post("/v1/messages/mark-read", &read)).await;
    let read = api.json("/v1/notifications/pending").await;
    assert_eq!(count(&read), count(&before));
}

#[tokio::test]
async fn the_inbox_is_dumped_and_loaded() {
    let api = manual().await;
    say(&api, "Book a table").await;
    api.sandbox.advance(Duration::from_secs(90));
    let inbox = api.json("/v1/messages/inbox").await;
    assert!(inbox["messages"].as_array().unwrap().len() >= 2);
    let other = manual().await;
    let load = other
        .bare(reqwest::Method::PUT, "/_sandbox/state")
        .json(&api.json("/_sandbox/state").await);
    assert_eq!(answer(load).await.0, 204);
    assert_eq!(other.json("/v1/messages/inbox").await, inbox);
}
