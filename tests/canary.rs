//! No type shows a secret, a phone number or a personal text in `Debug`.

use std::collections::BTreeMap;

use kallyai_openapi::Spec;
use kallyai_sdk::{Client, ErrorKind};
use kallyai_tests::{CODECS, RawServer};
use serde_json::{Map, Value, json};

/// A text that stands for all that is private.
const CANARY: &str = "canary-hunter2";
/// A number that stands for all numbers; `E164` shows its first digit and its last two.
const NUMBER: &str = "+12025550147";
const NUMBER_INSIDE: &str = "20255501";

/// A value of the schema with the canary in every marked field, and the number of canaries.
fn planted(spec: &Spec, schema: &Value, depth: usize, planted_so_far: &mut usize) -> Value {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if reference.ends_with("/E164") {
            *planted_so_far += 1;
            return json!(NUMBER);
        }
        let target = spec.document().pointer(&reference[1..]).unwrap();
        return planted(spec, target, depth + 1, planted_so_far);
    }
    if let Some(wrapped) = schema.pointer("/allOf/0") {
        return planted(spec, wrapped, depth, planted_so_far);
    }
    if let Some(values) = schema.get("enum") {
        return values[0].clone();
    }
    let format = schema.get("format").and_then(Value::as_str);
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => match format {
            Some("phone") => {
                *planted_so_far += 1;
                json!(NUMBER)
            }
            Some("password") => {
                *planted_so_far += 1;
                json!(CANARY)
            }
            _ if schema.get("x-personal") == Some(&json!(true)) => {
                *planted_so_far += 1;
                json!(CANARY)
            }
            Some("date") => json!("2026-02-14"),
            Some("time-of-day") => json!("20:00"),
            Some("local-date-time") => json!("2026-02-14T20:00:00"),
            _ => json!("1"),
        },
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        Some("array") => json!([planted(spec, &schema["items"], depth, planted_so_far)]),
        _ => {
            let mut map = Map::new();
            let properties = schema.get("properties").and_then(Value::as_object);
            let required = schema
                .get("required")
                .map(ToString::to_string)
                .unwrap_or_default();
            for (name, property) in properties.into_iter().flatten() {
                // A tree ends somewhere.
                let reference = property.to_string().contains("$ref");
                if depth > 4 && reference && !required.contains(&format!("\"{name}\"")) {
                    continue;
                }
                map.insert(name.clone(), planted(spec, property, depth, planted_so_far));
            }
            let rest = schema.get("additionalProperties");
            if rest.is_none_or(|rest| !rest.is_object()) {
                // What the spec does not know can be anything.
                *planted_so_far += 1;
                map.insert("unknown".to_owned(), json!({"deep": [CANARY]}));
            } else if let Some(rest) = rest {
                map.insert("key".to_owned(), planted(spec, rest, depth, planted_so_far));
            }
            Value::Object(map)
        }
    }
}

fn assert_silent(what: &str, shown: &str) {
    assert!(!shown.contains("hunter2"), "{what} shows a secret: {shown}");
    assert!(
        !shown.contains(NUMBER_INSIDE),
        "{what} shows a number: {shown}"
    );
}

#[test]
fn no_object_shows_what_is_marked() {
    let spec = Spec::load().expect("the spec merges");
    let mut canaries = BTreeMap::new();
    for (name, codec) in CODECS {
        let schema = spec
            .document()
            .pointer(&format!("/components/schemas/{name}"))
            .unwrap();
        let mut count = 0;
        let value = planted(&spec, schema, 0, &mut count);
        let (encoded, shown) = codec(value).unwrap_or_else(|e| panic!("{name}: {e}"));
        // It is there, and it is not shown.
        let there = encoded.to_string();
        let found = there.matches("hunter2").count() + there.matches(NUMBER_INSIDE).count();
        assert_eq!(found, count, "{name}");
        assert_silent(name, &shown);
        canaries.insert(*name, count);
    }
    assert!(canaries.values().sum::<usize>() > 200, "{canaries:?}");
}

#[tokio::test]
async fn no_error_shows_what_was_sent_or_answered() {
    let bodies = [
        json!({"error": {"code": "toll_number", "message": format!("{NUMBER} {CANARY}"),
            "details": {"reason": CANARY}}}),
        json!({"error": {"code": format!("no such {CANARY}"), "details": {"message": CANARY}}}),
        json!({"detail": CANARY}),
        json!({"plan_type": "x", "upgrade_url": format!("https://a.example/?t={CANARY}")}),
        json!({"plan_type": "x", "upgrade_url": format!("https://kallyai.com/{NUMBER}")}),
        json!({"error": {"code": format!("{CANARY}\n\u{1b}[31m"), "correlation_id": format!("{CANARY} {NUMBER}")}}),
        json!([CANARY]),
        json!({"call_id": CANARY, "status": [CANARY]}),
    ];
    for body in &bodies {
        for status in [
            "200 OK", "401 No", "402 Pay", "422 No", "429 Slow", "500 Oh", "302 Go",
        ] {
            let server = RawServer::with(
                status,
                &format!("location: https://{CANARY}.example.com/\r\n"),
                &body.to_string(),
            )
            .await;
            let client = Client::builder()
                .base_url(server.base_url())
                .access_token(CANARY)
                .max_attempts(1)
                .build()
                .unwrap();
            assert_silent("Client", &format!("{client:?}"));
            let request = client.calls().get(CANARY);
            assert_silent("Request", &format!("{request:?}"));
            let error = request.await.unwrap_err();
            let mut shown = format!("{error} {error:?} {error:#?}");
            let mut source = std::error::Error::source(&error);
            while let Some(inner) = source {
                shown = format!("{shown} {inner} {inner:?}");
                source = inner.source();
            }
            assert_silent(status, &shown);
            assert!(!error.to_string().contains(['\n', '\u{1b}']), "{error:?}");
        }
    }
}

#[tokio::test]
async fn redirects_and_builders_are_silent() {
    let server = RawServer::with(
        "302 Found",
        &format!("location: http://127.0.0.1:1/?access_token={CANARY}\r\n"),
        "",
    )
    .await;
    let builder = Client::builder()
        .base_url(format!("https://user:{CANARY}@example.com"))
        .access_token(CANARY);
    assert_silent("ClientBuilder", &format!("{builder:?}"));
    assert_silent("its error", &format!("{:?}", builder.build().unwrap_err()));

    let client = Client::builder()
        .base_url(server.base_url())
        .build()
        .unwrap();
    let answer = client
        .auth()
        .cli_authorize("http://127.0.0.1:1/")
        .with_response()
        .await
        .unwrap();
    assert_eq!(answer.value.query("access_token").unwrap().expose(), CANARY);
    assert_silent("Response", &format!("{answer:?}"));
    assert_silent("its headers", &format!("{:?}", answer.headers));
}

#[tokio::test]
async fn a_failed_connection_does_not_show_the_query() {
    // Nobody listens on port 1.
    let client = Client::builder()
        .base_url("http://127.0.0.1:1")
        .build()
        .unwrap();
    let error = client.channels().verify_email(CANARY).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_silent(
        "the error",
        &format!("{error} {error:?} {:?}", std::error::Error::source(&error)),
    );
}
