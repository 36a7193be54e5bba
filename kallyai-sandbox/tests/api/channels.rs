//! Contact e-mails, and channels that are connected.

use kallyai_sandbox::{Clock, Sandbox};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::api::{Api, answer, refused};

async fn manual() -> Api {
    Api::new(Sandbox::builder().clock(Clock::Manual)).await
}

fn post(api: &Api, path: &str, body: &Value) -> RequestBuilder {
    api.post(&format!("/v1/channels/{path}"), body)
}

fn update(api: &Api, id: &str, body: &Value) -> RequestBuilder {
    api.bare(Method::PUT, &format!("/v1/channels/email/{id}"))
        .bearer_auth(api.sandbox.access_token())
        .json(body)
}

fn delete(api: &Api, id: &str) -> RequestBuilder {
    api.bare(Method::DELETE, &format!("/v1/channels/email/{id}"))
        .bearer_auth(api.sandbox.access_token())
}

async fn add(api: &Api, body: Value) -> String {
    let (status, email) = answer(post(api, "email/add", &body)).await;
    assert_eq!(status, 201, "{email}");
    email["id"].as_str().unwrap().to_owned()
}

async fn emails(api: &Api) -> Vec<Value> {
    let list = api.json("/v1/channels/email/list").await;
    let emails = list["emails"].as_array().unwrap().clone();
    assert_eq!(list["total"], emails.len());
    assert_eq!(list["kally_mailbox"], "ada@kally.example");
    emails
}

/// The address of the primary one; there is one, or none at all.
async fn primary(api: &Api) -> Option<String> {
    let emails = emails(api).await;
    let primary: Vec<_> = emails
        .iter()
        .filter(|email| email["is_primary"] == true)
        .map(|email| email["email_address"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(primary.len(), emails.len().min(1));
    let shown = &api.json("/v1/channels/status").await["email"];
    assert_eq!(shown["contact_count"], emails.len());
    assert_eq!(shown["connected"], !emails.is_empty());
    assert_eq!(
        shown["primary_email"].as_str(),
        primary.first().map(String::as_str)
    );
    primary.into_iter().next()
}

/// Where the link in the newest verification e-mail leads.
async fn follow(api: &Api) -> String {
    let letter = api.sandbox.sent().pop().unwrap();
    let link = letter.text.split(' ').next_back().unwrap();
    assert!(link.starts_with(api.sandbox.base_url()), "{link}");
    // Without a token of the user: it is opened in a mail program.
    let response = crate::api::client().get(link).send().await.unwrap();
    assert_eq!(response.status(), 302);
    response.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_account_has_an_address_and_a_mailbox() {
    let api = manual().await;
    let emails = emails(&api).await;
    assert_eq!(
        emails,
        [json!({
            "id": "ce_3001",
            "email_address": "ada@example.com",
            "label": "Home",
            "is_primary": true,
            "receives_copies": true,
            "receives_notifications": true,
            "verified": true,
            "verified_at": "2026-02-14T18:00:00Z",
            "created_at": "2026-02-14T18:00:00Z",
        })]
    );
    let mailbox = api.json("/v1/channels/mailbox").await;
    assert_eq!(mailbox["mailbox"], "ada@kally.example");
    let status = api.json("/v1/channels/status").await;
    let channels: Vec<(&str, bool)> = status["channels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            (
                c["channel"].as_str().unwrap(),
                c["connected"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        channels,
        [
            ("email", true),
            ("whatsapp", false),
            ("telegram", false),
            ("linkedin", false),
            ("instagram", false),
            ("twitter", false),
        ]
    );
    assert_eq!(primary(&api).await.as_deref(), Some("ada@example.com"));
}

#[tokio::test]
async fn an_address_is_added_and_verified_once() {
    let api = manual().await;
    let body = json!({ "email_address": "grace@example.com", "display_name": "Work" });
    let id = add(&api, body.clone()).await;
    let letter = &api.sandbox.sent()[0];
    assert_eq!(
        (letter.channel.as_str(), letter.to.as_str()),
        ("email", "grace@example.com")
    );
    assert!(letter.subject.is_some());
    let email = emails(&api).await[1].clone();
    assert_eq!(
        (
            &email["id"],
            &email["label"],
            &email["verified"],
            &email["verified_at"]
        ),
        (&json!(id), &json!("Work"), &json!(false), &Value::Null)
    );
    for address in ["grace@example.com", "GRACE@Example.com", "ADA@example.com"] {
        let again = post(&api, "email/add", &json!({ "email_address": address }));
        refused(again, 409, "email_already_registered").await;
    }
    let broken = post(&api, "email/add", &json!({ "email_address": "grace" }));
    refused(broken, 400, "validation_error").await;
    assert_eq!(api.sandbox.sent().len(), 1);

    let base_url = api.sandbox.base_url();
    let place = |status| format!("{base_url}/?email_verification={status}");
    assert_eq!(follow(&api).await, place("success"));
    let email = emails(&api).await[1].clone();
    assert_eq!(
        (&email["verified"], &email["verified_at"]),
        (&json!(true), &json!("2026-02-14T18:00:00Z"))
    );
    assert_eq!(follow(&api).await, place("error"));
    let guess = api.bare(Method::GET, "/v1/channels/email/verify?token=guess");
    let location = guess.send().await.unwrap().headers()["location"].clone();
    assert_eq!(location, place("error").as_str());
    // Something stands there.
    let page = crate::api::client().get(location.to_str().unwrap());
    assert_eq!(answer(page).await.0, 200);
    // The journal masks the token, and what is deleted is not verified.
    let token = letter.text.rsplit('=').next().unwrap();
    let journal = format!(
        "{:?}",
        serde_json::to_string(&api.sandbox.journal()).unwrap()
    );
    assert!(!journal.contains(token));
    let id = add(&api, json!({ "email_address": "alan@example.com" })).await;
    assert_eq!(answer(delete(&api, &id)).await.0, 204);
    assert_eq!(follow(&api).await, place("error"));
}

#[tokio::test]
async fn one_address_is_the_primary_one() {
    let api = manual().await;
    let ada = "ce_3001";
    let grace = json!({ "email_address": "grace@example.com", "is_primary": true });
    let grace = add(&api, grace).await;
    assert_eq!(primary(&api).await.as_deref(), Some("grace@example.com"));
    let alan = add(&api, json!({ "email_address": "alan@example.com" })).await;
    follow(&api).await;
    let changed = async |id: &str, body: Value| {
        let (status, email) = answer(update(&api, id, &body)).await;
        assert_eq!(status, 200, "{email}");
        email
    };
    let email = changed(&alan, json!({ "is_primary": true })).await;
    assert_eq!(email["is_primary"], true);
    assert_eq!(primary(&api).await.as_deref(), Some("alan@example.com"));
    // It goes to the oldest verified other one.
    changed(&alan, json!({ "is_primary": false })).await;
    assert_eq!(primary(&api).await.as_deref(), Some("ada@example.com"));
    let email = changed(
        ada,
        json!({ "label": "Desk", "receives_copies": false, "receives_notifications": false }),
    )
    .await;
    assert_eq!(
        (
            &email["label"],
            &email["receives_copies"],
            &email["receives_notifications"]
        ),
        (&json!("Desk"), &json!(false), &json!(false))
    );
    assert_eq!(
        changed(ada, json!({ "display_name": "Lab" })).await["label"],
        "Lab"
    );
    assert_eq!(changed(ada, json!({})).await["label"], "Lab");
    assert_eq!(emails(&api).await[0]["receives_copies"], false);

    assert_eq!(answer(delete(&api, ada)).await.0, 204);
    assert_eq!(primary(&api).await.as_deref(), Some("alan@example.com"));
    assert_eq!(answer(delete(&api, &alan)).await.0, 204);
    // Nobody has verified this one, and there is no other.
    assert_eq!(primary(&api).await.as_deref(), Some("grace@example.com"));
    assert_eq!(
        changed(&grace, json!({ "is_primary": false })).await["is_primary"],
        true
    );
    assert_eq!(answer(delete(&api, &grace)).await.0, 204);
    assert_eq!(primary(&api).await, None);
    refused(delete(&api, &grace), 404, "contact_email_not_found").await;
    refused(
        update(&api, &grace, &json!({})),
        404,
        "contact_email_not_found",
    )
    .await;
    add(&api, json!({ "email_address": "ada@example.com" })).await;
    assert_eq!(primary(&api).await.as_deref(), Some("ada@example.com"));
}

#[tokio::test]
async fn channels_are_connected_tested_and_disconnected() {
    let api = manual().await;
    let whatsapp = json!({
        "phone_number_id": "secret-1", "access_token": "secret-2", "business_account_id": "secret-3",
    });
    let cases = [
        ("telegram", json!({ "bot_token": "secret-4" })),
        ("whatsapp", whatsapp.clone()),
    ];
    for (channel, credentials) in &cases {
        let hook = |what: &str, body: &Value| {
            answer(post(&api, &format!("webhook/{channel}/{what}"), body))
        };
        let disconnect = || post(&api, &format!("disconnect/{channel}"), &json!({}));
        refused(disconnect(), 404, "channel_not_connected").await;
        let status = async || {
            let all = api.json("/v1/channels/status").await;
            let channels = all["channels"].as_array().unwrap().clone();
            channels
                .into_iter()
                .find(|c| c["channel"] == *channel)
                .unwrap()
        };
        // The published command sends an empty object.
        let mut bad = vec![json!({})];
        for name in credentials.as_object().unwrap().keys() {
            let mut wrong = credentials.clone();
            wrong[name] = json!("invalid-secret");
            bad.push(wrong.clone());
            wrong.as_object_mut().unwrap().remove(name);
            bad.push(wrong);
        }
        for body in &bad {
            for what in ["connect", "test"] {
                let (code, answer) = hook(what, body).await;
                assert_eq!(
                    (code.as_u16(), &answer["success"]),
                    (200, &json!(false)),
                    "{body}"
                );
            }
        }
        let (_, tested) = hook("test", credentials).await;
        assert_eq!(tested["success"], true);
        assert_eq!(status().await["connected"], false);
        let (_, connected) = hook("connect", credentials).await;
        assert_eq!(
            (&connected["success"], &connected["channel"]),
            (&json!(true), &json!(channel))
        );
        assert_eq!(connected["account_name"], tested["account_name"]);
        let now = status().await;
        assert_eq!(now["connected"], true);
        assert_eq!(now["account_name"], tested["account_name"]);
        assert_eq!(now["connected_at"], "2026-02-14T18:00:00Z");
        // Credentials are not kept.
        let state = api.json("/_sandbox/state").await;
        assert!(
            !state.to_string().contains("secret-"),
            "{}",
            state["channels"]
        );

        let other = manual().await;
        let load = other.bare(Method::PUT, "/_sandbox/state").json(&state);
        assert_eq!(answer(load).await.0, 204);
        let path = "/v1/channels/status";
        assert_eq!(other.json(path).await, api.json(path).await);

        assert_eq!(
            answer(disconnect()).await.1,
            json!({ "success": true, "channel": channel })
        );
        assert_eq!(status().await["connected"], false);
        refused(disconnect(), 404, "channel_not_connected").await;
    }
    let error = refused(
        post(&api, "disconnect/email", &json!({})),
        400,
        "validation_error",
    )
    .await;
    let reason = error["error"]["details"]["reason"].as_str().unwrap();
    assert!(reason.contains("delete the contact e-mail"), "{reason}");
    refused(
        post(&api, "webhook/twitter/connect", &json!({})),
        400,
        "validation_error",
    )
    .await;
}
