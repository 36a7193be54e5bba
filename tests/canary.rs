//! No type shows a secret, a phone number or a personal text in `Debug`.

mod planted;

use std::collections::BTreeMap;

use kallyai_openapi::Spec;
use kallyai_sdk::{Client, ErrorKind};
use kallyai_tests::{CODECS, RawServer};
use planted::{CANARY, NUMBER, NUMBER_INSIDE, planted};
use serde_json::json;

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
