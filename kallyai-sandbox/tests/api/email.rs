//! The user's own e-mail: accounts, e-mails, responses, and the voice profile.

use std::time::Duration;

use kallyai_sandbox::{Clock, Sandbox};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::actions::{logged, manual};
use crate::api::{Api, answer, refused};

const LIFE: Duration = Duration::from_secs(30);

fn disconnect(api: &Api, id: &str) -> RequestBuilder {
    api.bare(Method::DELETE, &format!("/v1/email/accounts/{id}"))
        .bearer_auth(api.sandbox.access_token())
}

async fn accounts(api: &Api) -> Vec<(String, String)> {
    let list = api.json("/v1/email/accounts").await;
    let accounts = list["accounts"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    accounts
        .map(|account| (text(&account["id"]), text(&account["email"])))
        .collect()
}

async fn mails(api: &Api, query: &str) -> Vec<Value> {
    let list = api.json(&format!("/v1/email/messages?{query}")).await;
    list["items"].as_array().unwrap().clone()
}

/// The id of the e-mail from this address.
async fn from(api: &Api, address: &str) -> String {
    let mails = mails(api, "").await;
    let mail = mails.iter().find(|mail| mail["from"] == address).unwrap();
    mail["id"].as_str().unwrap().to_owned()
}

/// Where the page of a provider is.
async fn page(api: &Api, provider: &str) -> String {
    let body = api.json(&format!("/v1/email/oauth/{provider}/url")).await;
    let url = body["url"].as_str().unwrap();
    url.strip_prefix(api.sandbox.base_url()).unwrap().to_owned()
}

fn decide(api: &Api, page: &str, decision: &str) -> RequestBuilder {
    api.bare(Method::POST, page)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("decision={decision}"))
}

#[tokio::test]
async fn a_new_account_has_emails_of_every_class() {
    let api = manual().await;
    assert_eq!(
        accounts(&api).await,
        [("ea_1001".to_owned(), "ada@example.com".to_owned())]
    );
    let all = api.json("/v1/email/messages").await;
    assert_eq!(all["total"], 5);
    for (class, count) in [
        ("important", 1),
        ("actionable", 2),
        ("informational", 1),
        ("spam", 1),
    ] {
        let some = mails(&api, &format!("classification={class}")).await;
        assert_eq!(some.len(), count, "{class}");
        assert!(some.iter().all(|mail| mail["classification"] == class));
        assert_eq!(some[0]["received_at"], "2026-02-14T18:00:00Z");
    }
    let limited = api
        .json("/v1/email/messages?classification=actionable&limit=1")
        .await;
    assert_eq!(limited["items"].as_array().unwrap().len(), 1);
    // What is not spam is in the inbox, and waits there for the user.
    let inbox = api
        .json("/v1/messages/inbox?channel=email&unread=true")
        .await;
    assert_eq!(inbox["messages"].as_array().unwrap().len(), 4);
    let pending = api.json("/v1/notifications/pending").await;
    assert_eq!(pending["inbox"]["count"], 4);
    assert_eq!(inbox["messages"][0]["subject"], "Appointment confirmed");
    assert_eq!(
        inbox["messages"][0]["conversation_id"],
        all["items"][0]["conversation_id"]
    );
    let spam = &mails(&api, "classification=spam").await[0];
    assert!(spam.get("conversation_id").is_none());
}

#[tokio::test]
async fn an_email_has_headers_body_and_attachments() {
    let api = manual().await;
    let id = from(&api, "billing@cable.example.com").await;
    let mail = api.json(&format!("/v1/email/messages/{id}")).await;
    assert_eq!(mail["headers"]["From"], "billing@cable.example.com");
    assert_eq!(mail["headers"]["Date"], "Sat, 14 Feb 2026 18:00:00 +0000");
    assert!(mail["body"].as_str().unwrap().contains("89.99"));
    assert_eq!(mail["attachments"][0]["filename"], "bill.pdf");
    refused(api.get("/v1/email/messages/em_0"), 404, "message_not_found").await;
}

#[tokio::test]
async fn a_response_is_sent_and_answered() {
    let api = manual().await;
    let id = from(&api, "grace@example.com").await;
    let respond =
        |id: &str, body: Value| api.post(&format!("/v1/email/messages/{id}/respond"), &body);
    let body = json!({ "instructions": "Gladly, at eight." });
    let (status, sent) = answer(respond(&id, body)).await;
    assert_eq!((status.as_u16(), &sent["status"]), (200, &json!("sent")));
    assert_eq!(
        sent["message"],
        "Hello Grace,\n\nGladly, at eight.\n\nKind regards,\nAda"
    );
    let outbox = api.json("/v1/actions/email/outbox").await;
    assert_eq!(outbox["emails"][0]["id"], sent["id"]);
    assert_eq!(outbox["emails"][0]["status"], "sent");
    assert_eq!(outbox["emails"][0]["subject"], "Re: Dinner on Saturday?");
    let left = api.json("/_sandbox/state").await["sent"].clone();
    assert_eq!(
        (&left[0]["to"], &left[0]["text"]),
        (&json!("grace@example.com"), &sent["message"])
    );
    assert_eq!(
        api.json("/v1/credits/balance").await["credits_used"],
        json!(0.3)
    );
    let entry = logged(&api).await;
    assert_eq!(
        (&entry["type"], &entry["status"], &entry["undoable"]),
        (&json!("email"), &json!("completed"), &json!(false))
    );

    api.sandbox.advance(LIFE);
    let mail = api.json(&format!("/v1/email/messages/{id}")).await;
    let conversation = mail["conversation_id"].as_str().unwrap();
    let thread = api
        .json(&format!("/v1/messages/conversation/{conversation}"))
        .await;
    let writers: Vec<_> = thread["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["from"].as_str().unwrap())
        .collect();
    assert_eq!(
        writers,
        ["grace@example.com", "ada@example.com", "grace@example.com"]
    );
    let replies = format!("/v1/actions/email/{}/replies", sent["id"].as_str().unwrap());
    assert_eq!(api.json(&replies).await["total"], 1);

    refused(respond("em_0", json!({})), 404, "message_not_found").await;
    let mut state = api.json("/_sandbox/state").await;
    state["ledger"]["allocated"] = json!(59);
    let load = api.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    refused(respond(&id, json!({})), 402, "quota_exceeded").await;
    assert_eq!(
        api.json("/_sandbox/state").await["sent"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn the_voice_is_trained_by_and_by() {
    let api = manual().await;
    let train = async || {
        answer(api.post("/v1/email/voice-profile/train", &json!({})))
            .await
            .1
    };
    let profile = async || api.json("/v1/email/voice-profile").await;
    refused(
        api.get("/v1/email/voice-profile"),
        404,
        "voice_profile_not_found",
    )
    .await;
    assert_eq!(train().await["status"], "training");
    assert_eq!(profile().await["status"], "training");
    api.sandbox.advance(LIFE);
    assert_eq!(profile().await["status"], "trained");
    assert_eq!(profile().await["trained_at"], "2026-02-14T18:00:30Z");
    let id = from(&api, "clinic@example.com").await;
    let respond = api.post(&format!("/v1/email/messages/{id}/respond"), &json!({}));
    let text = answer(respond).await.1["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        text.starts_with("Hi Clinic,") && text.ends_with("Cheers,\nAda"),
        "{text}"
    );
    assert_eq!(train().await["status"], "training");
    let state = api.json("/_sandbox/state").await;
    let load = api.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    assert_eq!(profile().await["status"], "training");
    api.sandbox.advance(LIFE);
    assert_eq!(profile().await["trained_at"], "2026-02-14T18:01:00Z");
}

#[tokio::test]
async fn a_disconnected_account_takes_its_emails_with_it() {
    let api = manual().await;
    let id = from(&api, "clinic@example.com").await;
    refused(disconnect(&api, "ea_0"), 404, "account_not_found").await;
    assert_eq!(answer(disconnect(&api, "ea_1001")).await.0, 200);
    refused(disconnect(&api, "ea_1001"), 404, "account_not_found").await;
    assert!(accounts(&api).await.is_empty());
    for path in ["messages", &format!("messages/{id}"), "voice-profile"] {
        let request = api.get(&format!("/v1/email/{path}"));
        refused(request, 400, "email_not_connected").await;
    }
    for path in [&format!("messages/{id}/respond"), "voice-profile/train"] {
        let request = api.post(&format!("/v1/email/{path}"), &json!({}));
        refused(request, 400, "email_not_connected").await;
    }
    let task = json!({
        "goal": "Ask for a table", "recipient_identifier": "bistro@example.com", "channel": "email",
    });
    let request = api.post("/v1/outreach/tasks", &task);
    refused(request, 400, "email_not_connected").await;
    // With another account, only those of that one are there.
    let outlook = page(&api, "outlook").await;
    assert_eq!(answer(decide(&api, &outlook, "approve")).await.0, 200);
    assert_eq!(mails(&api, "").await.len(), 2);
    refused(
        api.get(&format!("/v1/email/messages/{id}")),
        404,
        "message_not_found",
    )
    .await;
    // Connected again, it is the one that it was, and the inbox hears nothing twice.
    let unread = || api.json("/v1/messages/inbox?channel=email");
    let before = unread().await;
    let gmail = page(&api, "gmail").await;
    assert_eq!(answer(decide(&api, &gmail, "approve")).await.0, 200);
    assert_eq!(mails(&api, "").await.len(), 7);
    assert_eq!(accounts(&api).await[0].0, "ea_1001");
    assert_eq!(unread().await, before);
}

#[tokio::test]
async fn an_account_is_connected_on_a_page() {
    let api = manual().await;
    let link = page(&api, "outlook").await;
    let (status, html) = answer(api.bare(Method::GET, &link)).await;
    assert_eq!(status, 200);
    assert!(html.as_str().unwrap().contains("Connect an e-mail account"));
    assert_eq!(answer(decide(&api, &link, "maybe")).await.0, 400);
    assert_eq!(answer(decide(&api, &link, "refuse")).await.0, 200);
    assert_eq!(accounts(&api).await.len(), 1);
    // A decision is taken once.
    assert_eq!(answer(decide(&api, &link, "approve")).await.0, 404);
    let link = page(&api, "outlook").await;
    assert_eq!(answer(decide(&api, &link, "approve")).await.0, 200);
    let connected = accounts(&api).await;
    assert_eq!(
        connected[1],
        ("ea_1002".to_owned(), "ada@example.org".to_owned())
    );
    assert_eq!(api.json("/v1/email/messages").await["total"], 7);
    let inbox = api.json("/v1/messages/inbox?channel=email").await;
    assert_eq!(inbox["messages"].as_array().unwrap().len(), 6);
    // Once more changes nothing.
    let link = page(&api, "outlook").await;
    assert_eq!(answer(decide(&api, &link, "approve")).await.0, 200);
    assert_eq!(accounts(&api).await, connected);
    assert_eq!(api.json("/v1/email/messages").await["total"], 7);
}

#[tokio::test]
async fn an_account_is_connected_beforehand() {
    let world = Sandbox::builder().clock(Clock::Manual).auto_approve(true);
    let api = Api::new(world).await;
    let link = page(&api, "outlook").await;
    assert_eq!(answer(api.bare(Method::GET, &link)).await.0, 200);
    assert_eq!(accounts(&api).await.len(), 2);
}

#[tokio::test]
async fn a_reply_waits_in_a_mailbox_that_is_not_connected() {
    let api = manual().await;
    let id = from(&api, "grace@example.com").await;
    let respond = api.post(&format!("/v1/email/messages/{id}/respond"), &json!({}));
    assert_eq!(answer(respond).await.0, 200);
    assert_eq!(answer(disconnect(&api, "ea_1001")).await.0, 200);
    let inbox = async || api.json("/v1/messages/inbox?channel=email").await;
    let before = inbox().await;
    api.sandbox.advance(LIFE);
    assert_eq!(inbox().await, before);
    let link = page(&api, "gmail").await;
    assert_eq!(answer(decide(&api, &link, "approve")).await.0, 200);
    assert_eq!(
        mails(&api, "").await[0]["subject"],
        "Re: Dinner on Saturday?"
    );
}
