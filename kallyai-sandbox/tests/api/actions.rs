//! Calendar, bookings, bills and tasks, the log of it all, and what it costs.

use std::time::Duration;

use kallyai_sandbox::{Clock, Sandbox};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::api::{Api, answer, refused};

/// How long anything takes in these worlds.
const LIFE: Duration = Duration::from_secs(30);

pub(crate) async fn manual() -> Api {
    let world = Sandbox::builder().clock(Clock::Manual).call_seconds(30.0);
    Api::new(world).await
}

fn act(api: &Api, path: &str, body: &Value) -> RequestBuilder {
    api.post(&format!("/v1/actions/{path}"), body)
}

async fn done(request: RequestBuilder) -> Value {
    let (status, body) = answer(request).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn delete(api: &Api, path: &str) -> RequestBuilder {
    api.bare(Method::DELETE, &format!("/v1/actions/{path}"))
        .bearer_auth(api.sandbox.access_token())
}

/// The newest entry of the log.
pub(crate) async fn logged(api: &Api) -> Value {
    api.json("/v1/actions/log").await["actions"][0].clone()
}

fn undo(api: &Api, id: &Value) -> RequestBuilder {
    act(api, &format!("{}/undo", id.as_str().unwrap()), &json!({}))
}

async fn starts(api: &Api, query: &str) -> Vec<String> {
    let slots = api
        .json(&format!("/v1/actions/calendar/slots?{query}"))
        .await;
    let items = slots["items"].as_array().unwrap();
    assert_eq!(slots["total"], items.len());
    let start = |item: &Value| item["start"].as_str().unwrap()[11..16].to_owned();
    items.iter().map(start).collect()
}

/// A world that can spend no more than this.
async fn with_credits(credits: u32) -> Api {
    let api = manual().await;
    let mut state = api.json("/_sandbox/state").await;
    state["ledger"]["allocated"] = json!(credits);
    let load = api.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    api
}

async fn spent(api: &Api) -> Value {
    api.json("/v1/credits/balance").await["credits_used"].clone()
}

#[tokio::test]
async fn events_take_their_time_of_the_calendar() {
    let api = manual().await;
    let day = "date=2026-02-16&duration_minutes=60";
    let all = starts(&api, day).await;
    assert_eq!(
        (all.len(), all[0].as_str(), all[8].as_str()),
        (9, "09:00", "17:00")
    );
    let lunch = json!({
        "title": "Lunch", "start": "2026-02-16T12:30", "location": "Italian Bistro",
    });
    let event = done(act(&api, "calendar/events", &lunch)).await;
    assert_eq!(event["start"], "2026-02-16T12:30:00");
    assert_eq!(event["end"], "2026-02-16T13:30:00");
    assert_eq!(event["location"], "Italian Bistro");
    assert!(event.get("description").is_none());
    let left = starts(&api, day).await;
    assert!(!left.contains(&"12:00".to_owned()) && !left.contains(&"13:00".to_owned()));
    assert_eq!(left.len(), 7);
    assert_eq!(
        starts(&api, "date=2026-02-17&duration_minutes=60").await,
        all
    );
    // Events that touch leave no gap, and take nothing.
    assert!(
        starts(&api, "date=2026-02-16")
            .await
            .contains(&"13:30".to_owned())
    );

    let entry = logged(&api).await;
    assert_eq!(
        (&entry["type"], &entry["status"], &entry["undoable"]),
        (&json!("calendar"), &json!("completed"), &json!(true))
    );
    let path = format!("calendar/events/{}", event["id"].as_str().unwrap());
    assert_eq!(done(delete(&api, &path)).await["status"], "deleted");
    assert_eq!(starts(&api, day).await, all);
    let entry = logged(&api).await;
    assert_eq!(entry["status"], "deleted");
    refused(delete(&api, &path), 404, "event_not_found").await;
    refused(undo(&api, &entry["id"]), 409, "action_not_undoable").await;
    // The id is not given to anybody else.
    let other = done(act(&api, "calendar/events", &lunch)).await;
    assert_ne!(other["id"], event["id"]);
    assert_eq!(spent(&api).await, 0);
}

#[tokio::test]
async fn a_slot_is_neither_past_nor_longer_than_the_day() {
    let api = manual().await;
    assert_eq!(starts(&api, "").await.len(), 18);
    assert_eq!(starts(&api, "duration_minutes=540").await, ["09:00"]);
    for minutes in ["541", "9223372036854775807"] {
        let query = format!("duration_minutes={minutes}");
        assert!(starts(&api, &query).await.is_empty(), "{minutes}");
    }
    let yesterday = api.get("/v1/actions/calendar/slots?date=2026-02-13");
    refused(yesterday, 422, "scheduling_violation").await;
    // At midnight in Greenwich it is noon where the day ends last.
    let token = api
        .sandbox
        .issue_token(["actions:read"], Duration::from_secs(24 * 3600));
    api.sandbox.advance(Duration::from_secs(6 * 3600));
    let today = api
        .bare(
            Method::GET,
            "/v1/actions/calendar/slots?date=2026-02-14&duration_minutes=60",
        )
        .bearer_auth(&token.access_token);
    let today = done(today).await;
    assert_eq!(today["items"][0]["start"], "2026-02-14T12:00:00");
    assert_eq!(today["total"], 6);
    let api = manual().await;
    let backwards = json!({ "title": "x", "start": "2026-02-16T12:30", "end": "2026-02-16T12:00" });
    let request = act(&api, "calendar/events", &backwards);
    refused(request, 422, "scheduling_violation").await;
}

#[tokio::test]
async fn what_a_call_has_arranged_takes_its_time_too() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual).call_seconds(0.0)).await;
    let query = "date=2026-02-16&duration_minutes=60";
    let all = starts(&api, query).await.len();
    for (number, left) in [("+12025550101", all), ("+12025550199", all - 1)] {
        let mut body = crate::api::call(number);
        body["submission"]["appointment_date"] = json!("2026-02-16");
        body["submission"]["appointment_time"] = json!("12:00");
        assert_eq!(answer(api.post("/v1/calls", &body)).await.0, 201);
        assert_eq!(starts(&api, query).await.len(), left, "{number}");
    }
}

#[tokio::test]
async fn a_sync_brings_what_the_provider_has_once() {
    let api = manual().await;
    let all = starts(&api, "date=2026-02-15").await.len();
    let sync = || act(&api, "calendar/sync", &json!({}));
    assert_eq!(done(sync()).await["message"], "One event is new.");
    assert_eq!(starts(&api, "date=2026-02-15").await.len(), all - 2);
    assert_eq!(done(sync()).await["message"], "Nothing is new.");
    done(delete(&api, "calendar/events/ev_1")).await;
    assert_eq!(done(sync()).await["message"], "Nothing is new.");
    assert_eq!(starts(&api, "date=2026-02-15").await.len(), all);
}

#[tokio::test]
async fn restaurants_are_found_by_what_the_query_names() {
    let api = manual().await;
    let search = async |body: Value| {
        let path = "bookings/restaurants/search";
        done(act(&api, path, &body)).await["results"].clone()
    };
    let names = |found: &Value| -> Vec<String> {
        let found = found.as_array().unwrap().iter();
        found
            .map(|place| place["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let italian = search(json!({ "query": "Italian restaurant" })).await;
    assert_eq!(names(&italian)[..2], ["Italian Bistro", "Trattoria Due"]);
    let sushi = search(json!({ "query": "sushi", "location": "Washington, DC" })).await;
    assert_eq!(names(&sushi), ["Sushi Corner"]);
    // A query that names nothing finds all, the best first.
    let any = search(json!({ "query": "somewhere quiet" })).await;
    assert_eq!(any.as_array().unwrap().len(), 5);
    assert_eq!(any[0]["name"], "Sushi Corner");
    let crowd = search(json!({ "query": "sushi", "party_size": 5 })).await;
    assert_eq!(
        (&sushi[0]["availability"], &crowd[0]["availability"]),
        (&json!("available"), &json!("full"))
    );
    let past = json!({ "query": "sushi", "date": "2026-02-13" });
    let request = act(&api, "bookings/restaurants/search", &past);
    refused(request, 422, "scheduling_violation").await;
    assert_eq!(spent(&api).await, 0);
    // They can be called.
    assert_eq!(sushi[0]["phone"], "+12025550182");
}

fn table(size: u32) -> Value {
    json!({
        "type": "restaurant", "restaurant_id": "rs_1", "date": "2026-02-16", "time": "12:00",
        "party_size": size, "name": "Ada", "notes": "a table by the window",
    })
}

#[tokio::test]
async fn a_booking_is_paid_confirmed_and_in_the_calendar() {
    let api = manual().await;
    let before = starts(&api, "date=2026-02-16").await.len();
    let booking = done(act(&api, "bookings", &table(6))).await;
    for (field, value) in table(6).as_object().unwrap() {
        assert_eq!(&booking[field], value);
    }
    assert_eq!(booking["status"], "pending");
    assert_eq!(spent(&api).await, json!(0.5));
    let history = api.json("/v1/credits/history").await;
    assert_eq!(history["entries"][0]["type"], "booking");
    assert_eq!(
        history["entries"][0]["description"],
        "Booked at Italian Bistro"
    );
    assert_eq!(starts(&api, "date=2026-02-16").await.len(), before - 2);
    let entry = logged(&api).await;
    assert_eq!(
        (&entry["type"], &entry["status"]),
        (&json!("booking"), &json!("pending"))
    );
    api.sandbox.advance(LIFE);
    let entry = logged(&api).await;
    assert_eq!(entry["status"], "completed");
    assert_eq!(entry["undoable"], true);

    // Of eight seats two are left at that time.
    refused(
        act(&api, "bookings", &table(3)),
        422,
        "scheduling_violation",
    )
    .await;
    let mut later = table(8);
    later["time"] = json!("13:00");
    done(act(&api, "bookings", &later)).await;
    let query = json!({
        "query": "bistro", "party_size": 3, "date": "2026-02-16", "time": "12:30",
    });
    let search = act(&api, "bookings/restaurants/search", &query);
    assert_eq!(done(search).await["results"][0]["availability"], "full");

    let path = format!("bookings/{}", booking["id"].as_str().unwrap());
    assert_eq!(done(delete(&api, &path)).await["status"], "cancelled");
    refused(delete(&api, &path), 404, "booking_not_found").await;
    refused(undo(&api, &entry["id"]), 409, "action_not_undoable").await;
    done(act(&api, "bookings", &table(8))).await;
    // Nothing is dialled for it, and nothing is given back.
    assert!(api.sandbox.dialled().is_empty());
    assert_eq!(spent(&api).await, json!(1.5));
}

#[tokio::test]
async fn bookings_that_cannot_be() {
    let api = manual().await;
    let mut unknown = table(2);
    unknown["restaurant_id"] = json!("rs_0");
    let error = refused(act(&api, "bookings", &unknown), 400, "validation_error").await;
    let reason = error["error"]["details"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("body/restaurant_id"), "{reason}");
    let mut past = table(2);
    past["date"] = json!("2026-02-14");
    past["time"] = json!("05:59");
    refused(act(&api, "bookings", &past), 422, "scheduling_violation").await;
    past["time"] = json!("06:00");
    done(act(&api, "bookings", &past)).await;
    // Without a day it takes nothing of the calendar.
    let hotel = done(act(&api, "bookings", &json!({ "type": "hotel" }))).await;
    assert!(hotel.get("date").is_none());
    assert_eq!(starts(&api, "").await.len(), 18);
    let log = api.json("/v1/actions/log").await;
    assert_eq!(log["actions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_was_done_is_undone_once() {
    let api = manual().await;
    let lunch = json!({ "title": "Lunch", "start": "2026-02-16T12:00" });
    done(act(&api, "calendar/events", &lunch)).await;
    let event = logged(&api).await["id"].clone();
    done(act(&api, "bookings", &table(8))).await;
    let booking = logged(&api).await["id"].clone();
    let without = starts(&api, "date=2026-02-17").await.len();
    for id in [&event, &booking] {
        let answer = done(undo(&api, id)).await;
        assert_eq!((&answer["status"], &answer["id"]), (&json!("undone"), id));
        refused(undo(&api, id), 409, "action_not_undoable").await;
    }
    assert_eq!(starts(&api, "date=2026-02-16").await.len(), without);
    done(act(&api, "bookings", &table(8))).await;
    api.sandbox.advance(LIFE);
    let log = api.json("/v1/actions/log").await;
    let stands: Vec<_> = log["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["status"].as_str().unwrap(), entry["undoable"] == true))
        .collect();
    assert_eq!(
        stands,
        [("completed", true), ("undone", false), ("undone", false)]
    );
    refused(undo(&api, &json!("ac_0")), 404, "action_not_found").await;
    // A call that has ended is in the log too, and cannot be undone.
    let other = Api::quick().await;
    other.placed().await;
    let entry = logged(&other).await;
    assert_eq!(entry["undoable"], false);
    refused(undo(&other, &entry["id"]), 409, "action_not_undoable").await;
}

#[tokio::test]
async fn the_log_is_filtered_and_limited() {
    let api = manual().await;
    done(act(
        &api,
        "tasks/errand",
        &json!({ "description": "Fetch the dry cleaning" }),
    ))
    .await;
    done(act(&api, "bookings", &json!({ "type": "other" }))).await;
    done(act(&api, "bookings", &json!({ "type": "service" }))).await;
    let kinds = async |query: &str| -> Vec<String> {
        let log = api.json(&format!("/v1/actions/log?{query}")).await;
        let entries = log["actions"].as_array().unwrap().iter();
        entries
            .map(|entry| entry["type"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(kinds("").await, ["booking", "booking", "errand"]);
    assert_eq!(kinds("type=booking&limit=1").await, ["booking"]);
    assert_eq!(kinds("type=errand").await, ["errand"]);
    assert!(kinds("type=ride").await.is_empty());
}

#[tokio::test]
async fn a_bill_is_measured_by_what_is_usual() {
    let api = manual().await;
    let analysis =
        async |bill: Value| done(act(&api, "bills/analyze", &bill)).await["analysis"].clone();
    let dear = analysis(json!({ "description": "Internet", "amount": 89.99 })).await;
    assert_eq!(dear["fair_price_range"], "$50-70");
    assert_eq!(dear["overcharge_detected"], true);
    assert_eq!(dear["savings_potential"], "$20 to $40");
    // Where no amount is given, the description may hold it.
    let written = analysis(json!({ "description": "Internet, 89.99 a month" })).await;
    assert_eq!(written, dear);
    let fair = analysis(json!({ "description": "Internet", "amount": 60 })).await;
    assert_eq!(
        (&fair["overcharge_detected"], &fair["savings_potential"]),
        (&json!(false), &json!("none"))
    );
    let other = analysis(json!({ "description": "A course", "amount": 200 })).await;
    assert_eq!(other["fair_price_range"], "$120-160");
    let unknown = analysis(json!({ "description": "A course", "amount": -1 })).await;
    assert!(unknown.get("fair_price_range").is_none());
    assert_eq!(spent(&api).await, 5);
    let entry = logged(&api).await;
    assert_eq!(
        (&entry["type"], &entry["status"]),
        (&json!("bill"), &json!("completed"))
    );
}

#[tokio::test]
async fn tasks_are_paid_and_done_by_and_by() {
    let api = manual().await;
    let tasks = [
        (
            "tasks/ride",
            json!({ "pickup": "1 Main Street", "destination": "the airport" }),
            "ride",
            json!(0.5),
        ),
        (
            "tasks/food",
            json!({ "description": "two pizzas" }),
            "food",
            json!(1),
        ),
        (
            "tasks/errand",
            json!({ "description": "Fetch the dry cleaning" }),
            "errand",
            json!(2),
        ),
        // No price is published for a dispute.
        (
            "bills/dispute",
            json!({ "description": "An unexpected fee" }),
            "bill",
            json!(2),
        ),
    ];
    for (path, body, kind, sum) in tasks {
        let task = done(act(&api, path, &body)).await;
        assert_eq!(task["status"], "pending", "{kind}");
        assert_eq!(spent(&api).await, sum, "{kind}");
        let status = async || {
            let entry = logged(&api).await;
            assert_eq!(
                (&entry["type"], &entry["undoable"]),
                (&json!(kind), &json!(false))
            );
            entry["status"].as_str().unwrap().to_owned()
        };
        assert_eq!(status().await, "pending");
        api.sandbox.advance(LIFE / 2);
        assert_eq!(status().await, "in_progress");
        api.sandbox.advance(LIFE / 2);
        assert_eq!(status().await, "completed");
        let id = logged(&api).await["id"].clone();
        refused(undo(&api, &id), 409, "action_not_undoable").await;
    }
    let breakdown = api.json("/v1/credits/breakdown").await;
    let items = breakdown["items"].as_array().unwrap();
    let kinds: Vec<_> = items
        .iter()
        .map(|item| item["action_type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["errand", "food", "ride"]);
    assert!(api.sandbox.dialled().is_empty());
}

#[tokio::test]
async fn a_ride_is_not_for_the_past() {
    let api = manual().await;
    let ride = |time: &str| {
        let body = json!({ "pickup": "here", "destination": "there", "pickup_time": time });
        act(&api, "tasks/ride", &body)
    };
    refused(ride("2026-02-14T05:59:59"), 422, "scheduling_violation").await;
    assert_eq!(spent(&api).await, 0);
    done(ride("2026-02-14T06:00")).await;
}

#[tokio::test]
async fn what_the_balance_does_not_cover_is_not_done() {
    let actions = [
        ("bookings", json!({ "type": "other" }), 50),
        (
            "bills/analyze",
            json!({ "description": "Internet", "amount": 90 }),
            100,
        ),
        (
            "tasks/ride",
            json!({ "pickup": "here", "destination": "there" }),
            50,
        ),
        ("tasks/food", json!({ "description": "pizza" }), 50),
        ("tasks/errand", json!({ "description": "shopping" }), 100),
    ];
    for (path, body, price) in actions {
        let api = with_credits(price - 1).await;
        refused(act(&api, path, &body), 402, "quota_exceeded").await;
        let log = api.json("/v1/actions/log").await;
        assert_eq!(log["actions"], json!([]), "{path}");
        let api = with_credits(price).await;
        done(act(&api, path, &body)).await;
        refused(act(&api, path, &body), 402, "quota_exceeded").await;
    }
}

#[tokio::test]
async fn deeds_are_dumped_loaded_and_reset() {
    let api = manual().await;
    let lunch = json!({ "title": "Lunch", "start": "2026-02-16T12:00" });
    done(act(&api, "calendar/events", &lunch)).await;
    done(act(&api, "bookings", &table(8))).await;
    done(act(
        &api,
        "tasks/errand",
        &json!({ "description": "shopping" }),
    ))
    .await;
    api.sandbox.advance(LIFE / 2);
    let state = api.json("/_sandbox/state").await;
    let other = manual().await;
    let load = other.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    for path in ["log", "calendar/slots?date=2026-02-16"] {
        let path = format!("/v1/actions/{path}");
        assert_eq!(other.json(&path).await, api.json(&path).await);
    }
    // What was under way goes on.
    other.sandbox.advance(LIFE / 2);
    let log = other.json("/v1/actions/log").await;
    let entries = log["actions"].as_array().unwrap();
    assert!(
        entries.iter().all(|entry| entry["status"] == "completed"),
        "{log}"
    );
    other.sandbox.reset();
    assert_eq!(other.json("/v1/actions/log").await["actions"], json!([]));
    assert_eq!(starts(&other, "date=2026-02-16").await.len(), 18);
    // A state from before all this still loads, without an e-mail account.
    let mut old = state;
    for part in ["actions", "email", "searches"] {
        old.as_object_mut().unwrap().remove(part).unwrap();
    }
    let load = other.bare(Method::PUT, "/_sandbox/state").json(&old);
    assert_eq!(answer(load).await.0, 204);
    assert_eq!(
        other.json("/v1/email/accounts").await["accounts"],
        json!([])
    );
}
