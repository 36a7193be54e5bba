//! The phone numbers of the account, and the user's own phones.

use std::time::Duration;

use kallyai_sandbox::{Clock, Error, Sandbox};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::api::{Api, answer, refused};

const NUMBERS: &str = "/v1/phone-numbers";
const FIRST: &str = "+12025550100";
const OWN: &str = "+12025550198";
const CALLER: &str = "+12025550142";
const LIFE: Duration = Duration::from_secs(30);

async fn manual() -> Api {
    Api::new(Sandbox::builder().clock(Clock::Manual).call_seconds(30.0)).await
}

fn send(api: &Api, method: Method, path: &str, body: &Value) -> RequestBuilder {
    api.bare(method, &format!("{NUMBERS}/{path}"))
        .bearer_auth(api.sandbox.access_token())
        .json(body)
}

async fn done(request: RequestBuilder) -> Value {
    let (status, body) = answer(request).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn details(api: &Api, id: &str) -> Value {
    api.json(&format!("{NUMBERS}/{id}/details")).await
}

fn forward(api: &Api, id: &str, to: &str) -> RequestBuilder {
    let body = json!({ "forwarding_number": to });
    send(api, Method::PUT, &format!("{id}/forwarding"), &body)
}

async fn start(api: &Api, phone: &str) -> String {
    let body = json!({ "phone_number": phone });
    done(send(api, Method::POST, "verify/start", &body)).await;
    let letter = api.sandbox.sent().pop().unwrap();
    assert_eq!(
        (letter.channel.as_str(), letter.to.as_str()),
        ("sms", phone)
    );
    let code: String = letter.text.chars().filter(char::is_ascii_digit).collect();
    assert_eq!(code.len(), 6, "{}", letter.text);
    code
}

async fn check(api: &Api, phone: &str, code: &str) -> Value {
    let body = json!({ "phone_number": phone, "code": code });
    done(send(api, Method::POST, "verify/check", &body)).await
}

/// Verifies a phone of the user.
pub(crate) async fn verified(api: &Api, phone: &str) {
    let code = start(api, phone).await;
    assert_eq!(check(api, phone, &code).await["success"], true);
}

#[tokio::test]
async fn a_new_account_has_a_number() {
    let api = manual().await;
    let numbers = api.json(NUMBERS).await;
    let own = json!({ "id": "pn_1", "phone_number": FIRST, "iso_country": "US" });
    assert_eq!(numbers, json!({ "phone_numbers": [own] }));
    assert_eq!(api.json(&format!("{NUMBERS}/pn_1")).await, own);
    let details = details(&api, "pn_1").await;
    assert_eq!(details["capabilities"], json!(["voice"]));
    assert_eq!(details["created_at"], "2026-02-14T18:00:00Z");
    for field in ["forwarding_number", "caller_id_name"] {
        assert_eq!(details[field], Value::Null);
    }
}

#[tokio::test]
async fn numbers_are_offered_provisioned_and_released() {
    let api = manual().await;
    let countries = api.json(&format!("{NUMBERS}/supported-countries")).await;
    let codes: Vec<&str> = countries["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|country| country["id"].as_str().unwrap())
        .collect();
    assert_eq!((&countries["total"], codes.len()), (&json!(21), 21));
    for code in ["US", "CA", "GB", "ES", "FR"] {
        assert!(codes.contains(&code), "{code}");
    }
    let offered = async |query: &str| {
        let offered = api.json(&format!("{NUMBERS}/available?{query}")).await;
        let items = offered["items"].as_array().unwrap().clone();
        assert_eq!(offered["total"], items.len());
        items
            .iter()
            .map(|item| item["phone_number"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let american = ["+14155550160", "+14155550161", "+14155550162"];
    assert_eq!(offered("country=US&area_code=415").await, american);
    assert_eq!(offered("country=IE").await[0], "+353209100060");
    assert!(offered("country=ES").await.is_empty());
    assert!(offered("country=US&area_code=900").await.is_empty());

    let provision = |body: Value| send(&api, Method::POST, "provision", &body);
    let wish = json!({ "country": "US", "area_code": "415" });
    let got = done(provision(wish.clone())).await;
    assert_eq!(got["phone_number"], "+14155550160");
    assert_eq!(got["iso_country"], "US");
    let id = got["id"].as_str().unwrap();
    assert_eq!(api.json(&format!("{NUMBERS}/{id}")).await, got);
    assert_eq!(api.json(NUMBERS).await["phone_numbers"][1], got);
    // What the account has is not for sale.
    assert_eq!(offered("country=US&area_code=415").await[0], american[1]);
    assert_eq!(done(provision(wish)).await["phone_number"], american[1]);
    // No price is published.
    assert_eq!(api.json("/v1/credits/balance").await["credits_used"], 0);

    for (country, status, code) in [
        ("ES", 403, "country_restriction"),
        ("ZZ", 403, "unsupported_country"),
        ("us", 400, "validation_error"),
    ] {
        refused(provision(json!({ "country": country })), status, code).await;
    }
    refused(
        provision(json!({ "country": "GB", "area_code": "161" })),
        400,
        "validation_error",
    )
    .await;
    refused(
        api.get(&format!("{NUMBERS}/available?country=ZZ")),
        403,
        "unsupported_country",
    )
    .await;

    done(send(&api, Method::DELETE, id, &json!({}))).await;
    refused(
        api.get(&format!("{NUMBERS}/{id}")),
        404,
        "phone_number_not_found",
    )
    .await;
    refused(
        send(&api, Method::DELETE, id, &json!({})),
        404,
        "phone_number_not_found",
    )
    .await;
    assert_eq!(offered("country=US&area_code=415").await[0], american[0]);
    // An id is not given out twice.
    let again = done(provision(json!({ "country": "US", "area_code": "415" }))).await;
    assert_eq!(again["id"], "pn_4");
}

#[tokio::test]
async fn a_number_needs_a_subscription() {
    let api = manual().await;
    let (_, portal) = answer(api.get("/v1/stripe/billing-portal")).await;
    let url = portal["url"].as_str().unwrap();
    let cancel = crate::api::client().post(url).body("decision=cancel");
    assert_eq!(answer(cancel).await.0, 200);
    let wish = json!({ "country": "US" });
    refused(
        send(&api, Method::POST, "provision", &wish),
        400,
        "no_active_subscription",
    )
    .await;
}

#[tokio::test]
async fn who_has_no_number_cannot_be_called() {
    let api = manual().await;
    done(send(&api, Method::DELETE, "pn_1", &json!({}))).await;
    assert!(matches!(
        api.sandbox.ring(CALLER, ["Hello"]),
        Err(Error::Setting("the account has no phone number"))
    ));
    let ring = |body: Value| answer(api.bare(Method::POST, "/_sandbox/inbound").json(&body));
    let (status, body) = ring(json!({ "from": CALLER })).await;
    assert_eq!(
        (status.as_u16(), &body["error"]["code"]),
        (409, &json!("invalid_state"))
    );
    assert_eq!(
        body["error"]["details"]["reason"],
        "the account has no phone number"
    );
    assert_eq!(api.json("/v1/inbound/calls").await["total"], 0);
    let phone = json!({ "phone_number": OWN });
    let name = json!({ "caller_id_name": "Ada" });
    for request in [
        forward(&api, "pn_1", OWN),
        send(&api, Method::PUT, "pn_1/caller-id", &name),
        send(&api, Method::POST, "forwarding", &phone),
    ] {
        refused(request, 400, "phone_not_provisioned").await;
    }
    // The others have no such error.
    let verify = send(&api, Method::POST, "pn_1/verify", &json!({}));
    refused(verify, 404, "phone_number_not_found").await;

    let got = done(send(
        &api,
        Method::POST,
        "provision",
        &json!({ "country": "CA" }),
    ))
    .await;
    let (status, call) = ring(json!({ "from": CALLER, "to": got["phone_number"] })).await;
    assert_eq!((status.as_u16(), &call["status"]), (200, &json!("active")));
    let (status, _) = ring(json!({ "from": CALLER, "to": FIRST })).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_forwarded_number_rings_another_phone() {
    let api = manual().await;
    done(forward(&api, "pn_1", OWN)).await;
    assert_eq!(details(&api, "pn_1").await["forwarding_number"], OWN);
    let call = api.sandbox.ring(CALLER, ["Hello"]).unwrap();
    api.sandbox.advance(LIFE / 3);
    api.sandbox.assert_dialled_once(OWN);
    let path = format!("/v1/inbound/calls/{call}");
    assert_eq!(api.json(&path).await["transferred_to"], OWN);
    api.sandbox.advance(LIFE);
    assert_eq!(api.json(&path).await["status"], "completed");

    // Another number of the account is not forwarded.
    let other = done(send(
        &api,
        Method::POST,
        "provision",
        &json!({ "country": "US" }),
    ))
    .await;
    let body = json!({ "from": CALLER, "to": other["phone_number"], "script": ["Hello"] });
    let ring = api.bare(Method::POST, "/_sandbox/inbound").json(&body);
    let (_, call) = answer(ring).await;
    api.sandbox.advance(LIFE / 3);
    let path = format!("/v1/inbound/calls/{}", call["id"].as_str().unwrap());
    assert_eq!(api.json(&path).await["live_state"], "assistant");

    // A rule decides before.
    let rule = json!({ "name": "All", "priority": 1, "is_active": true, "action": "voicemail" });
    assert_eq!(answer(api.post("/v1/inbound/rules", &rule)).await.0, 200);
    api.sandbox.ring(CALLER, ["Hello"]).unwrap();
    api.sandbox.advance(LIFE / 3);
    api.sandbox.assert_dialled_once(OWN);

    let stop = || send(&api, Method::DELETE, "pn_1/forwarding", &json!({}));
    done(stop()).await;
    assert_eq!(
        details(&api, "pn_1").await["forwarding_number"],
        Value::Null
    );
    done(stop()).await;
    refused(forward(&api, "pn_9", OWN), 404, "phone_number_not_found").await;
}

#[tokio::test]
async fn numbers_that_are_refused_are_not_forwarded_to() {
    let api = manual().await;
    for (number, status, code) in [
        ("+911", 422, "emergency_number"),
        ("911", 422, "emergency_number"),
        ("+44999", 422, "emergency_number"),
        ("+12025550125", 422, "emergency_number"),
        ("+12025550126", 422, "toll_number"),
        ("+12025550127", 403, "blocked_number"),
        ("+12025550132", 403, "country_restriction"),
        ("+12025550133", 403, "unsupported_country"),
        ("+12025550135", 429, "rate_limited"),
        ("here", 400, "validation_error"),
    ] {
        refused(forward(&api, "pn_1", number), status, code).await;
        let body = json!({ "phone_number": number });
        for path in ["forwarding", "verify/start"] {
            refused(send(&api, Method::POST, path, &body), status, code).await;
        }
    }
    assert_eq!(
        details(&api, "pn_1").await["forwarding_number"],
        Value::Null
    );
    assert!(api.sandbox.sent().is_empty());
    // These operations have no such error.
    for number in ["+12025550120", "+12025550129"] {
        done(forward(&api, "pn_1", number)).await;
    }
}

#[tokio::test]
async fn a_phone_is_verified_by_its_code_and_becomes_a_target() {
    let api = manual().await;
    let targets = async || api.json(&format!("{NUMBERS}/forwarding-targets")).await;
    assert_eq!(targets().await["total"], 0);
    let old = start(&api, OWN).await;
    let code = start(&api, OWN).await;
    assert_ne!(old, code);
    let rejected = json!({ "success": false, "status": "rejected" });
    assert_eq!(check(&api, OWN, &old).await, rejected);
    assert_eq!(check(&api, CALLER, &code).await, rejected);
    assert_eq!(targets().await["total"], 0);
    let verified = json!({ "success": true, "status": "verified" });
    assert_eq!(check(&api, OWN, &code).await, verified);
    // A code is good once.
    assert_eq!(check(&api, OWN, &code).await, rejected);
    let target = targets().await["items"][0].clone();
    assert_eq!(
        (&target["phone_number"], &target["verified"]),
        (&json!(OWN), &json!(true))
    );
    // Tests in any language read the code.
    let sent = api.json("/_sandbox/sent").await;
    let text = sent["sent"][1]["text"].as_str().unwrap();
    assert!(text.contains(&code), "{text}");
    assert!(!format!("{:?}", api.sandbox.sent()).contains(&code));
}

#[tokio::test]
async fn targets_are_set_up_and_configured() {
    let api = manual().await;
    let targets =
        async || api.json(&format!("{NUMBERS}/forwarding-targets")).await["items"].clone();
    let post = |path: &str, body: Value| send(&api, Method::POST, path, &body);
    refused(post("forwarding", json!({})), 400, "validation_error").await;
    refused(post("verify/configure", json!({})), 400, "validation_error").await;
    refused(
        post("forwarding", json!({ "phone_number": 7 })),
        400,
        "validation_error",
    )
    .await;
    done(post(
        "forwarding",
        json!({ "phone_number": CALLER, "label": "Desk", "id": "x" }),
    ))
    .await;
    let target = targets().await[0].clone();
    assert_eq!(
        (&target["id"], &target["label"], &target["verified"]),
        (&json!("ft_1"), &json!("Desk"), &json!(false))
    );
    // A rule that names no phone hands off to it.
    let rule = json!({ "name": "All", "priority": 1, "is_active": true, "action": "transfer" });
    assert_eq!(answer(api.post("/v1/inbound/rules", &rule)).await.0, 200);
    api.sandbox.ring("+12025550143", ["Hello"]).unwrap();
    api.sandbox.advance(LIFE / 3);
    api.sandbox.assert_dialled_once(CALLER);
    // It is not verified.
    let named = json!({ "phone_number": CALLER, "label": "Table" });
    refused(
        post("verify/configure", named.clone()),
        400,
        "validation_error",
    )
    .await;
    verified(&api, CALLER).await;
    done(post("verify/configure", named)).await;
    done(post("verify/configure", json!({ "hours": "9-17" }))).await;
    // Without a number it is the verified one.
    done(post("forwarding", json!({}))).await;
    let all = targets().await;
    assert_eq!(all.as_array().unwrap().len(), 1);
    assert_eq!(
        (&all[0]["label"], &all[0]["hours"], &all[0]["verified"]),
        (&json!("Table"), &json!("9-17"), &json!(true))
    );
}

#[tokio::test]
async fn caller_id_and_ownership_are_set_and_kept() {
    let api = manual().await;
    let got = done(send(
        &api,
        Method::POST,
        "provision",
        &json!({ "country": "DE" }),
    ))
    .await;
    let id = got["id"].as_str().unwrap();
    assert_eq!(details(&api, id).await["verified"], false);
    let name = json!({ "caller_id_name": "Ada's office" });
    done(send(&api, Method::PUT, &format!("{id}/caller-id"), &name)).await;
    done(send(
        &api,
        Method::POST,
        &format!("{id}/verify"),
        &json!({}),
    ))
    .await;
    done(forward(&api, id, OWN)).await;
    let code = start(&api, OWN).await;
    let now = details(&api, id).await;
    assert_eq!(
        (&now["verified"], &now["caller_id_name"]),
        (&json!(true), &json!("Ada's office"))
    );
    for path in ["caller-id", "forwarding"] {
        let body = json!({ "caller_id_name": "x", "forwarding_number": OWN });
        let request = send(&api, Method::PUT, &format!("pn_9/{path}"), &body);
        refused(request, 404, "phone_number_not_found").await;
    }

    let state = api.json("/_sandbox/state").await;
    let other = manual().await;
    let load = other.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    assert_eq!(details(&other, id).await, now);
    assert_eq!(check(&other, OWN, &code).await["success"], true);
    other.sandbox.reset();
    assert_eq!(
        other.json(NUMBERS).await["phone_numbers"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // A world that was dumped before there were numbers has one.
    let mut older = state;
    for part in ["phones", "channels", "outreach"] {
        older.as_object_mut().unwrap().remove(part);
    }
    let load = other.bare(Method::PUT, "/_sandbox/state").json(&older);
    assert_eq!(answer(load).await.0, 204);
    assert!(other.sandbox.ring(CALLER, ["Hello"]).is_ok());
}
