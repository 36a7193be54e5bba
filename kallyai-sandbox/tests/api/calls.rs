//! Phone calls: placing, reading and steering them.

use kallyai_sandbox::{Clock, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::api::{Api, answer, call, refused};
use crate::raw;

#[tokio::test]
async fn a_call_comes_back_in_list_transcript_recording_and_calendar() {
    let api = Api::quick().await;
    let (status, placed) = answer(api.call("+12025550199")).await;
    assert_eq!(status, 201);
    assert_eq!(placed["status"], "success");
    assert_eq!(placed["submission"]["party_size"], 4);
    let id = placed["call_id"].as_str().unwrap();

    assert_eq!(api.json(&format!("/v1/calls/{id}")).await, placed);
    let list = api.json("/v1/calls").await;
    assert_eq!(list, json!({ "calls": [placed], "total": 1 }));

    let transcript = api.json(&format!("/v1/calls/{id}/transcript")).await;
    let entries = transcript["entries"].as_array().unwrap();
    assert!(entries.len() >= 5);
    assert!(entries.iter().any(|entry| entry["speaker"] == "AI"));
    assert!(entries.iter().any(|entry| {
        entry["content"]
            .as_str()
            .unwrap()
            .contains("Reserve a table for 4")
    }));

    let recording = api.json(&format!("/v1/calls/{id}/recording")).await;
    assert_eq!(recording["duration_seconds"], placed["duration_seconds"]);
    let audio = crate::api::client()
        .get(recording["url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(audio.headers()["content-type"], "audio/mpeg");

    api.sandbox.assert_dialled_once("+12025550199");
}

#[tokio::test]
async fn the_calendar_file_is_rfc_5545() {
    let api = Api::quick().await;
    let mut body = call("+12025550199");
    body["submission"]["business_name"] = json!("Chez Ada; the one, by the \\ sea");
    body["submission"]["task_description"] = json!("Réserver une table ".repeat(20));
    let (_, placed) = answer(api.post("/v1/calls", &body)).await;
    let id = placed["call_id"].as_str().unwrap();
    let response = api
        .get(&format!("/v1/calls/{id}/calendar.ics"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "text/calendar");
    let text = response.text().await.unwrap();
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "too long: {line}");
    }
    for wanted in [
        "VERSION:2.0",
        "PRODID:",
        "DTSTAMP:",
        "DTSTART:20990214T200000\r\n",
        "DTEND:20990214T210000\r\n",
        &format!("UID:{id}@kallyai.com"),
        "SUMMARY:Chez Ada\\; the one\\, by the \\\\ sea",
    ] {
        assert!(text.contains(wanted), "{wanted} in {text}");
    }
}

#[tokio::test]
async fn the_number_decides() {
    let api = Api::quick().await;
    for (number, status) in [
        ("+12025550101", "no_answer"),
        ("+12025550102", "busy"),
        ("+12025550103", "failed"),
        ("+12025550104", "voicemail"),
        ("+12025550105", "cancelled"),
        ("+12025550106", "terminated"),
        ("+12025550150", "success"),
        ("+34911234567", "success"),
    ] {
        let (code, body) = answer(api.call(number)).await;
        assert_eq!((code.as_u16(), &body["status"]), (201, &json!(status)));
        let id = body["call_id"].as_str().unwrap();
        let transcript = api.get(&format!("/v1/calls/{id}/transcript"));
        match status {
            "success" | "voicemail" | "terminated" => {
                assert_eq!(answer(transcript).await.0, 200, "{status}");
            }
            _ => {
                refused(transcript, 404, "transcript_not_found").await;
            }
        }
    }
    let dialled = api.sandbox.dialled().len();
    for (number, status, code) in [
        ("+12025550120", 402, "quota_exceeded"),
        ("+12025550127", 403, "blocked_number"),
        ("+12025550129", 422, "safety_violation"),
        ("+12025550135", 429, "rate_limited"),
        ("+1911", 422, "emergency_number"),
        ("+112", 422, "emergency_number"),
        ("911", 422, "emergency_number"),
    ] {
        refused(api.call(number), status, code).await;
    }
    assert_eq!(api.sandbox.dialled().len(), dialled);
}

#[tokio::test]
async fn some_mistakes_have_published_codes() {
    let api = Api::quick().await;
    let changed = |field: &str, value: Value| {
        let mut body = call("+12025550199");
        body["submission"][field] = value;
        body
    };
    let mut body = call("+12025550199");
    body["submission"]
        .as_object_mut()
        .unwrap()
        .remove("respondent_phone");
    let mut nowhere = call("+12025550199");
    nowhere["timezone"] = json!("Nowhere/Land");
    for (body, status, code, reason) in [
        (nowhere, 400, "validation_error", "body/timezone"),
        (body, 422, "missing_phone_number", "respondent_phone"),
        (
            changed("language", json!("fr")),
            422,
            "unsupported_language",
            "body/submission/language",
        ),
        (
            changed("appointment_date", json!("2026-02-30")),
            422,
            "scheduling_violation",
            "appointment_date",
        ),
        (
            changed("appointment_date", json!("2026-2-3")),
            422,
            "scheduling_violation",
            "appointment_date",
        ),
        (
            changed("appointment_date", json!("+12345-01-01")),
            422,
            "scheduling_violation",
            "appointment_date",
        ),
        (
            changed("appointment_date", json!("2020-02-14")),
            422,
            "scheduling_violation",
            "past",
        ),
        (
            changed("appointment_time", json!("25:00")),
            422,
            "scheduling_violation",
            "appointment_time",
        ),
        (
            changed("party_size", json!(51)),
            400,
            "validation_error",
            "body/submission/party_size",
        ),
        (
            changed("respondent_phone", json!("call me")),
            400,
            "validation_error",
            "body/submission/respondent_phone",
        ),
    ] {
        let answer = refused(api.post("/v1/calls", &body), status, code).await;
        let said = answer["error"]["details"]["reason"].as_str().unwrap();
        assert!(said.contains(reason), "{said}");
        assert!(!said.contains("call me") && !said.contains("fr"), "{said}");
    }
    assert!(api.sandbox.dialled().is_empty());
}

#[tokio::test]
async fn pages_are_cut_newest_first() {
    let api = Api::quick().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(api.placed().await);
    }
    ids.reverse();
    let page = api.json("/v1/calls?limit=2&offset=1").await;
    let found: Vec<_> = page["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["call_id"].as_str().unwrap())
        .collect();
    assert_eq!(found, &ids[1..3]);
    assert_eq!(page["total"], 5);
    assert_eq!(api.json("/v1/calls?offset=5").await["calls"], json!([]));
    let error = refused(api.get("/v1/calls?limit=0"), 400, "validation_error").await;
    let reason = error["error"]["details"]["reason"].as_str().unwrap();
    assert!(reason.starts_with("query/limit"), "{reason}");
    for query in [
        "limit=201",
        "limit=x",
        "limit=1.5",
        "limit=1.0",
        "limit=1e1",
        "limit=1&limit=2",
        "offset=-1",
    ] {
        refused(
            api.get(&format!("/v1/calls?{query}")),
            400,
            "validation_error",
        )
        .await;
    }
}

/// A world that stands still, with one call that has just been dialled.
async fn with_active_call() -> (Api, String, tokio::task::JoinHandle<(u16, Value)>) {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual).call_seconds(30.0)).await;
    let request = api.call("+12025550199");
    let waiting = tokio::spawn(async move {
        let (status, body) = answer(request).await;
        (status.as_u16(), body)
    });
    let id = loop {
        match api.sandbox.dialled().first() {
            Some(call) => break call.call_id.clone(),
            None => tokio::task::yield_now().await,
        }
    };
    (api, id, waiting)
}

#[tokio::test]
async fn a_queued_call_is_rescheduled_and_cancelled() {
    let (api, id, waiting) = with_active_call().await;
    let path = format!("/v1/calls/{id}");
    let reschedule = |body: Value| api.post(&format!("{path}/reschedule"), &body);
    refused(reschedule(json!({})), 400, "validation_error").await;
    refused(
        reschedule(json!({ "time": "25:00" })),
        422,
        "scheduling_violation",
    )
    .await;
    refused(
        reschedule(json!({ "date": "2026-13-01" })),
        422,
        "scheduling_violation",
    )
    .await;
    let (status, _) = answer(reschedule(json!({ "date": "2099-02-15", "time": "19:30" }))).await;
    assert_eq!(status, 200);
    let submission = &api.json(&path).await["submission"];
    assert_eq!(submission["appointment_date"], "2099-02-15");
    assert_eq!(submission["appointment_time"], "19:30");

    let cancel = || {
        api.bare(Method::POST, &format!("{path}/cancel"))
            .bearer_auth(api.sandbox.access_token())
    };
    let (status, body) = answer(cancel()).await;
    assert_eq!(
        (status.as_u16(), &body["status"]),
        (200, &json!("cancelled"))
    );
    refused(cancel(), 409, "invalid_state").await;
    refused(reschedule(json!({ "time": "20:00" })), 409, "invalid_state").await;
    let (status, body) = waiting.await.unwrap();
    assert_eq!((status, &body["status"]), (201, &json!("cancelled")));
    assert_eq!(body["credits_used"], 0);
}

#[tokio::test]
async fn an_answered_call_is_stopped_and_not_cancelled() {
    let (api, id, waiting) = with_active_call().await;
    let path = format!("/v1/calls/{id}");
    api.sandbox.advance(std::time::Duration::from_secs(25));
    assert_eq!(api.json(&path).await["status"], "in_progress");
    let act = |what: &str| {
        api.bare(Method::POST, &format!("{path}/{what}"))
            .bearer_auth(api.sandbox.access_token())
    };
    refused(act("cancel"), 409, "invalid_state").await;
    assert_eq!(answer(act("stop")).await.0, 200);
    refused(act("stop"), 409, "invalid_state").await;
    let (_, body) = waiting.await.unwrap();
    assert_eq!(body["status"], "terminated");
    assert!(body["duration_seconds"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let api = Api::quick().await;
    let path = "/v1/calls/7f6a1c1e-6a47-4c0c-9a53-0b2f5d8a9e01";
    for rest in ["", "/transcript", "/recording", "/calendar.ics"] {
        refused(api.get(&format!("{path}{rest}")), 404, "call_not_found").await;
    }
    for rest in ["/cancel", "/stop"] {
        refused(
            api.post(&format!("{path}{rest}"), &json!({})),
            404,
            "call_not_found",
        )
        .await;
    }
}

#[tokio::test]
async fn the_call_goes_on_when_the_client_is_gone() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual)).await;
    let mut stream = raw::open(&api.sandbox).await;
    stream
        .write_all(raw::post_call(&api.sandbox).as_bytes())
        .await
        .unwrap();
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(stream);
    // The server sees that the client is gone before it sees what comes later.
    assert_eq!(api.json("/v1/calls").await["total"], 1);
    api.sandbox.advance(std::time::Duration::from_secs(1));
    assert_eq!(api.sandbox.dialled()[0].status, "success");
    assert_eq!(api.json("/v1/calls").await["total"], 1);
    assert_eq!(api.sandbox.journal()[0].status, None);
}

#[tokio::test]
async fn active_calls_can_be_hidden() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual).hide_active(true)).await;
    let request = api.call("+12025550199");
    let waiting = tokio::spawn(answer(request));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    let id = api.sandbox.dialled()[0].call_id.clone();
    let list = api.json("/v1/calls").await;
    assert_eq!(list, json!({ "calls": [], "total": 0 }));
    refused(api.get(&format!("/v1/calls/{id}")), 404, "call_not_found").await;
    api.sandbox.advance(std::time::Duration::from_secs(1));
    waiting.await.unwrap();
    assert_eq!(api.json("/v1/calls").await["total"], 1);
}

#[tokio::test]
async fn a_call_that_nobody_answers_rings_to_its_end() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual).call_seconds(3.0)).await;
    let waiting = tokio::spawn(answer(api.call("+12025550101")));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    for status in ["queued", "ringing", "ringing", "no_answer"] {
        assert_eq!(api.sandbox.dialled()[0].status, status);
        api.sandbox.advance(std::time::Duration::from_secs(1));
    }
    assert_eq!(waiting.await.unwrap().1["status"], "no_answer");
}

#[tokio::test]
async fn a_call_stopped_while_it_rings_leaves_nothing_to_hear() {
    let (api, id, waiting) = with_active_call().await;
    let path = format!("/v1/calls/{id}");
    api.sandbox.advance(std::time::Duration::from_secs(15));
    assert_eq!(api.json(&path).await["status"], "ringing");
    let stop = api.post(&format!("{path}/stop"), &json!({}));
    assert_eq!(answer(stop).await.0, 200);
    assert_eq!(waiting.await.unwrap().1["status"], "terminated");
    for (rest, code) in [
        ("transcript", "transcript_not_found"),
        ("recording", "recording_not_found"),
        ("calendar.ics", "call_not_found"),
    ] {
        refused(api.get(&format!("{path}/{rest}")), 404, code).await;
    }
}

#[tokio::test]
async fn a_calendar_file_needs_an_appointment_and_holds_no_control_characters() {
    let api = Api::quick().await;
    let (_, failed) = answer(api.call("+12025550103")).await;
    let path = |call: &Value| {
        format!(
            "/v1/calls/{}/calendar.ics",
            call["call_id"].as_str().unwrap()
        )
    };
    refused(api.get(&path(&failed)), 404, "call_not_found").await;

    let mut body = call("+12025550199");
    body["submission"]["business_name"] = json!("Chez\rATTENDEE:x\u{7}");
    body["submission"]["task_description"] = json!("One\r\ntwo\rthree");
    let (_, placed) = answer(api.post("/v1/calls", &body)).await;
    let (_, text) = answer(api.get(&path(&placed))).await;
    let text = text.as_str().unwrap().replace("\r\n", "|");
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(text.contains("SUMMARY:Chez ATTENDEE:x"), "{text}");
    assert!(text.contains("DESCRIPTION:One\\ntwo three"), "{text}");
}
