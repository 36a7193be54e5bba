//! Calls that come in, and what the rules make of them.

use std::time::Duration;

use kallyai_sandbox::{Clock, Error, Sandbox};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::api::{Api, answer, quick, refused};

const ADA: &str = "+12025550142";
const SCRIPT: [&str; 2] = ["The car is ready", "Please fetch it before six"];
const LIFE: Duration = Duration::from_secs(30);

async fn manual() -> Api {
    Api::new(Sandbox::builder().clock(Clock::Manual).call_seconds(30.0)).await
}

async fn call(api: &Api, id: &str) -> Value {
    api.json(&format!("/v1/inbound/calls/{id}")).await
}

/// The status and the live state.
async fn state(api: &Api, id: &str) -> (String, String) {
    let call = call(api, id).await;
    let text = |name: &str| call[name].as_str().unwrap().to_owned();
    (text("status"), text("live_state"))
}

fn pair(status: &str, live: &str) -> (String, String) {
    (status.to_owned(), live.to_owned())
}

fn send(api: &Api, method: Method, path: &str, body: &Value) -> RequestBuilder {
    api.bare(method, &format!("/v1/inbound/{path}"))
        .bearer_auth(api.sandbox.access_token())
        .json(body)
}

async fn sent(api: &Api, method: Method, path: &str, body: Value) -> Value {
    let (status, body) = answer(send(api, method, path, &body)).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

async fn rule(api: &Api, priority: i64, action: &str, more: Value) -> String {
    let mut rule =
        json!({ "name": action, "priority": priority, "is_active": true, "action": action });
    for (name, value) in more.as_object().unwrap() {
        rule[name] = value.clone();
    }
    let rule = sent(api, Method::POST, "rules", rule).await;
    rule["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_call_lives_by_the_clock_and_leaves_something_behind() {
    let api = manual().await;
    let id = api.sandbox.ring(ADA, SCRIPT).unwrap();
    assert_eq!(state(&api, &id).await, pair("active", "ringing"));
    let path = format!("/v1/inbound/calls/{id}");
    refused(
        api.get(&format!("{path}/transcript")),
        404,
        "transcript_not_found",
    )
    .await;
    api.sandbox.advance(LIFE / 3);
    assert_eq!(state(&api, &id).await, pair("active", "assistant"));
    let said = api.json(&format!("{path}/transcript")).await;
    assert_eq!(said["entries"].as_array().unwrap().len(), 1, "{said}");
    api.sandbox.advance(LIFE / 3);
    let said = api.json(&format!("{path}/transcript")).await;
    assert_eq!(said["entries"].as_array().unwrap().len(), 2, "{said}");
    refused(
        api.get(&format!("{path}/recording")),
        404,
        "recording_not_found",
    )
    .await;
    api.sandbox.advance(LIFE / 3);
    let over = call(&api, &id).await;
    assert_eq!(over["status"], "completed");
    assert_eq!(over["caller_number"], ADA);
    assert_eq!(over["created_at"], "2026-02-14T18:00:00Z");
    assert_eq!(over["summary"], "The caller said: The car is ready");
    assert_eq!(over["action_items"].as_array().unwrap().len(), 1);
    let said = api.json(&format!("{path}/transcript")).await;
    let said = said["entries"].as_array().unwrap();
    assert_eq!(said.len(), 5);
    assert_eq!(said[1]["content"], "The car is ready");
    assert_eq!(
        (&said[0]["speaker"], &said[1]["speaker"]),
        (&json!("AI"), &json!("HUMAN"))
    );
    let recording = api.json(&format!("{path}/recording")).await;
    let audio = crate::api::client()
        .get(recording["url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(audio.headers()["content-type"], "audio/mpeg");

    let item = |index: &str| {
        let path = format!("calls/{id}/action-items/{index}");
        send(
            &api,
            Method::PATCH,
            &path,
            &json!({ "status": "completed" }),
        )
    };
    assert_eq!(answer(item("0")).await.0, 200);
    assert_eq!(
        call(&api, &id).await["action_items"][0]["status"],
        "completed"
    );
    refused(item("1"), 404, "action_item_not_found").await;
    let summary = api.json("/v1/inbound/calls/summary").await;
    assert_eq!(summary["total"], 1);
    assert_eq!(summary["completed"], 1);
    assert_eq!(summary["average_duration_seconds"], 25);
    // It was not dialled, and costs nothing.
    assert!(api.sandbox.dialled().is_empty());
    assert_eq!(api.json("/v1/credits/balance").await["credits_used"], 0);
}

#[tokio::test]
async fn the_control_plane_rings_too() {
    let api = manual().await;
    let ring = |body: Value| answer(api.bare(Method::POST, "/_sandbox/inbound").json(&body));
    let (status, made) = ring(json!({ "from": ADA, "script": SCRIPT })).await;
    assert_eq!((status.as_u16(), &made["status"]), (200, &json!("active")));
    assert_eq!(call(&api, made["id"].as_str().unwrap()).await, made);
    for body in [
        json!({ "from": "Ada", "script": [] }),
        json!({ "from": "+0123456" }),
        json!({ "script": [] }),
        json!({ "from": ADA, "words": [] }),
    ] {
        assert_eq!(ring(body).await.0, 400);
    }
    assert!(matches!(
        api.sandbox.ring("1234", SCRIPT),
        Err(Error::Setting(_))
    ));
}

#[tokio::test]
async fn the_first_rule_that_fits_decides() {
    let api = manual().await;
    let contact = json!({ "name": "Ada", "phone_number": ADA, "is_vip": true });
    sent(&api, Method::POST, "contacts", contact).await;
    rule(&api, 50, "voicemail", json!({})).await;
    let vip = json!({
        "conditions": { "caller_vip": true }, "action_config": { "target": "+12025550150" }
    });
    let transfer = rule(&api, 10, "transfer", vip).await;
    rule(&api, 5, "reject", json!({ "is_active": false })).await;
    rule(
        &api,
        1,
        "reject",
        json!({ "conditions": { "moon": "full" } }),
    )
    .await;
    rule(
        &api,
        20,
        "reject",
        json!({ "conditions": { "caller_number": "+12025550144" } }),
    )
    .await;
    let rules = api.json("/v1/inbound/rules").await;
    let priorities: Vec<_> = rules["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["priority"])
        .collect();
    assert_eq!(priorities, [1, 5, 10, 20, 50]);

    let ada = api.sandbox.ring(ADA, SCRIPT).unwrap();
    let stranger = api.sandbox.ring("+12025550143", SCRIPT).unwrap();
    let pest = api.sandbox.ring("+12025550144", SCRIPT).unwrap();
    assert_eq!(state(&api, &pest).await, pair("rejected", "over"));
    api.sandbox.advance(LIFE / 3);
    assert_eq!(state(&api, &ada).await, pair("active", "transferred"));
    api.sandbox.assert_dialled_once("+12025550150");
    assert_eq!(state(&api, &stranger).await, pair("active", "voicemail"));
    api.sandbox.advance(LIFE);
    assert_eq!(state(&api, &ada).await, pair("completed", "over"));
    assert_eq!(state(&api, &stranger).await, pair("missed", "over"));
    let voicemails = api.json("/v1/inbound/voicemails").await;
    assert_eq!(voicemails["total"], 1);
    let voicemail = &voicemails["items"][0];
    assert_eq!(voicemail["caller_number"], "+12025550143");
    assert_eq!(voicemail["transcript"], SCRIPT.join(" "));
    let path = format!(
        "/v1/inbound/voicemails/{}",
        voicemail["id"].as_str().unwrap()
    );
    assert_eq!(&api.json(&path).await, voicemail);
    let playback = api.json(&format!("{path}/playback")).await;
    let audio = crate::api::client().get(playback["url"].as_str().unwrap());
    assert_eq!(audio.send().await.unwrap().status(), 200);

    // Changed and deleted rules are heeded.
    let off = json!({ "is_active": false });
    let path = format!("rules/{transfer}");
    assert_eq!(
        sent(&api, Method::PUT, &path, off).await["action"],
        "transfer"
    );
    let ada = api.sandbox.ring(ADA, SCRIPT).unwrap();
    api.sandbox.advance(LIFE / 3);
    assert_eq!(state(&api, &ada).await.1, "voicemail");
    sent(&api, Method::DELETE, &path, json!({})).await;
    refused(
        send(&api, Method::DELETE, &path, &json!({})),
        404,
        "rule_not_found",
    )
    .await;
    refused(
        send(&api, Method::PUT, &path, &json!({})),
        404,
        "rule_not_found",
    )
    .await;

    let vips = api.json("/v1/inbound/calls?vip_only=true").await;
    assert_eq!(vips["total"], 2);
    let missed = api.json("/v1/inbound/calls?status=missed").await;
    assert_eq!(missed["calls"][0]["id"], stranger.as_str());
    let page = api.json("/v1/inbound/calls?limit=1&offset=1").await;
    assert_eq!(
        (&page["total"], &page["calls"][0]["id"]),
        (&json!(4), &json!(pest))
    );
    let figures = api.json("/v1/inbound/calls/analytics").await;
    assert_eq!(
        figures["by_status"],
        json!({ "active": 1, "completed": 1, "missed": 1, "rejected": 1 })
    );
}

#[tokio::test]
async fn a_live_call_is_taken_over_transferred_and_rejected() {
    let api = manual().await;
    let act = |id: &str, what: &str, body: Value| {
        send(&api, Method::POST, &format!("calls/{id}/{what}"), &body)
    };
    let to = |number: &str| json!({ "target_number": number });
    let id = api.sandbox.ring(ADA, SCRIPT).unwrap();
    let reason = json!({ "reason": "user_rejected" });
    assert_eq!(answer(act(&id, "reject", reason)).await.0, 200);
    assert_eq!(call(&api, &id).await["status"], "rejected");
    refused(act(&id, "reject", json!({})), 409, "invalid_state").await;
    refused(
        act(&id, "transfer", to("+12025550150")),
        409,
        "invalid_state",
    )
    .await;

    let id = api.sandbox.ring(ADA, SCRIPT).unwrap();
    api.sandbox.advance(LIFE / 3);
    refused(act(&id, "reject", json!({})), 409, "invalid_state").await;
    assert_eq!(answer(act(&id, "takeover", json!({}))).await.0, 200);
    assert_eq!(state(&api, &id).await, pair("active", "human"));
    refused(act(&id, "takeover", json!({})), 409, "invalid_state").await;
    refused(act(&id, "transfer", to("+911")), 422, "emergency_number").await;
    refused(act(&id, "transfer", to("+12025550126")), 422, "toll_number").await;
    refused(act(&id, "transfer", to("here")), 400, "validation_error").await;
    assert!(api.sandbox.dialled().is_empty());
    assert_eq!(
        answer(act(&id, "transfer", to("+12025550150"))).await.0,
        200
    );
    refused(
        act(&id, "transfer", to("+12025550150")),
        409,
        "invalid_state",
    )
    .await;
    api.sandbox.assert_dialled_once("+12025550150");
    let dialled = api.json("/_sandbox/calls").await;
    assert_eq!(dialled["calls"][0]["status"], "transferred");
    api.sandbox.advance(LIFE);
    assert_eq!(call(&api, &id).await["status"], "completed");
    refused(act(&id, "takeover", json!({})), 409, "invalid_state").await;
    refused(act("c_0", "takeover", json!({})), 404, "call_not_found").await;
}

#[tokio::test]
async fn who_says_nothing_hangs_up() {
    let api = Api::new(quick()).await;
    let id = api.sandbox.ring(ADA, [""; 0]).unwrap();
    let over = call(&api, &id).await;
    assert_eq!(
        (&over["status"], &over["summary"]),
        (&json!("missed"), &json!("The caller hung up."))
    );
    let transcript = api.get(&format!("/v1/inbound/calls/{id}/transcript"));
    refused(transcript, 404, "transcript_not_found").await;
}

#[tokio::test]
async fn contacts_are_kept_and_imported() {
    let api = manual().await;
    let contact = json!({ "name": "Grace", "phone_number": "+12025550143", "notes": "Compilers" });
    let made = sent(&api, Method::POST, "contacts", contact).await;
    let path = format!("contacts/{}", made["id"].as_str().unwrap());
    assert_eq!(made["is_vip"], false);
    let changed = sent(&api, Method::PUT, &path, json!({ "is_vip": true })).await;
    assert_eq!(
        (&changed["name"], &changed["is_vip"]),
        (&json!("Grace"), &json!(true))
    );
    for _ in 0..2 {
        sent(
            &api,
            Method::POST,
            "contacts/import",
            json!({ "source": "google" }),
        )
        .await;
        assert_eq!(api.json("/v1/inbound/contacts").await["total"], 2);
    }
    let id = api.sandbox.ring("+12025550143", SCRIPT).unwrap();
    assert_eq!(call(&api, &id).await["is_vip"], true);
    sent(&api, Method::DELETE, &path, json!({})).await;
    refused(
        send(&api, Method::PUT, &path, &json!({})),
        404,
        "contact_not_found",
    )
    .await;
    let broken = json!({ "name": "x", "phone_number": "none" });
    refused(
        send(&api, Method::POST, "contacts", &broken),
        400,
        "validation_error",
    )
    .await;
}

#[tokio::test]
async fn records_are_deleted_and_found_by_their_day() {
    let api = manual().await;
    let first = api.sandbox.ring(ADA, SCRIPT).unwrap();
    api.sandbox.advance(LIFE * 2);
    api.sandbox.ring(ADA, SCRIPT).unwrap();
    api.sandbox.advance(LIFE);
    let live = api.sandbox.ring(ADA, SCRIPT).unwrap();
    for (query, count) in [
        ("date_from=2026-02-14", 3),
        ("date_to=2026-02-14", 3),
        ("date_from=2026-02-14T19:01:00%2B01:00", 2),
        ("date_to=2026-02-14T18:00:00Z", 1),
        (
            "date_from=2026-02-14T18:00:01Z&date_to=2026-02-14T18:01:00Z",
            1,
        ),
        ("date_from=2026-02-15", 0),
        ("date_to=2026-02-13", 0),
    ] {
        let found = api.json(&format!("/v1/inbound/calls?{query}")).await;
        assert_eq!(found["total"], count, "{query}");
    }
    refused(
        api.get("/v1/inbound/calls?date_from=soon"),
        400,
        "validation_error",
    )
    .await;
    let odd = json!({ "older_than": 3 });
    refused(
        send(&api, Method::DELETE, "calls", &odd),
        400,
        "validation_error",
    )
    .await;
    sent(
        &api,
        Method::DELETE,
        "calls",
        json!({ "call_ids": [first, live] }),
    )
    .await;
    assert_eq!(api.json("/v1/inbound/calls").await["total"], 2);
    sent(&api, Method::DELETE, "calls", json!({})).await;
    let left = api.json("/v1/inbound/calls").await;
    assert_eq!(
        (&left["total"], &left["calls"][0]["id"]),
        (&json!(1), &json!(live))
    );
}

#[tokio::test]
async fn inbound_state_is_dumped_loaded_and_reset() {
    let api = manual().await;
    let id = api.sandbox.ring(ADA, SCRIPT).unwrap();
    rule(&api, 1, "reject", json!({})).await;
    let state = api.json("/_sandbox/state").await;
    let other = manual().await;
    let load = other.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    for path in [
        "rules",
        "calls",
        "events",
        "contacts",
        &format!("calls/{id}"),
    ] {
        let path = format!("/v1/inbound/{path}");
        assert_eq!(other.json(&path).await, api.json(&path).await);
    }
    other.sandbox.advance(LIFE);
    assert_eq!(call(&other, &id).await["status"], "completed");
    other.sandbox.reset();
    for path in ["rules", "calls", "events"] {
        assert_eq!(other.json(&format!("/v1/inbound/{path}")).await["total"], 0);
    }
}
