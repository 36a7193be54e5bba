//! What the client sends, what it refuses to send, and what it does with odd answers.

use std::time::Duration;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::types::{
    CallRequest, CallStatus, ChannelCredentials, ConversationList, Estimate, EstimateType,
};
use kallyai_sdk::{Client, ErrorKind, WasSent};
use kallyai_tests::RawServer;

fn client(server: &RawServer) -> Client {
    Client::builder()
        .base_url(server.base_url())
        .access_token("token")
        .max_attempts(1)
        .build()
        .unwrap()
}

fn request() -> CallRequest {
    CallRequest::general("+12025550199".parse().unwrap(), "Ask when they open")
}

#[tokio::test]
async fn ids_never_change_the_path() {
    let server = RawServer::json("200 OK", "{}").await;
    let client = client(&server);
    for id in [
        "",
        ".",
        "..",
        "..;x=1",
        "%2e%2e",
        "a%2fb",
        "a/b",
        "../credits",
        "/",
        "a\\b",
        "a\nb",
        "a\0b",
        "\u{7f}",
        "\u{85}",
    ] {
        let error = client.calls().get(id).await.unwrap_err();
        assert!(error.is_invalid_input(), "{id:?}");
        assert_eq!(error.field(), Some("call_id"));
        assert_eq!(error.was_sent(), WasSent::No);
        assert_eq!(error.operation().unwrap().id, "calls_get");
        let error = client
            .channels()
            .connect(id, ChannelCredentials::new())
            .await;
        assert!(error.unwrap_err().is_invalid_input(), "{id:?}");
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn strange_ids_stay_one_segment() {
    let server = RawServer::json("200 OK", r#"{"call_id": "a", "status": "success"}"#).await;
    let client = client(&server);
    for (id, path) in [
        ("a b", "/v1/calls/a%20b"),
        ("a?b#c", "/v1/calls/a%3Fb%23c"),
        ("...", "/v1/calls/..."),
        ("ü", "/v1/calls/%C3%BC"),
    ] {
        client.calls().get(id).await.unwrap();
        let heard = server.heard();
        let line = heard.last().unwrap().lines().next().unwrap();
        assert_eq!(line, format!("GET {path} HTTP/1.1"));
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_sent_are_refused() {
    for token in [
        "",
        " ",
        "a b",
        "a\nb",
        "a\r\nx: y",
        "tökén",
        "\0",
        &"a".repeat(16 * 1024 + 1),
    ] {
        let error = Client::new(token).unwrap_err();
        assert!(error.is_invalid_input(), "{token:?}");
        assert_eq!(error.field(), Some("access_token"));
    }
}

#[tokio::test]
async fn without_a_token_only_public_operations_are_sent() {
    let server = RawServer::json("200 OK", r#"{"costs": {}}"#).await;
    let nobody = Client::builder()
        .base_url(server.base_url())
        .build()
        .unwrap();
    let error = nobody.credits().balance().await.unwrap_err();
    assert!(error.is_sign_in());
    assert_eq!(error.was_sent(), WasSent::No);
    assert!(
        error.to_string().contains("KALLYAI_ACCESS_TOKEN"),
        "{error}"
    );
    assert!(server.heard().is_empty());

    nobody.credits().costs().await.unwrap();
    client(&server).credits().costs().await.unwrap();
    for heard in server.heard() {
        assert!(!heard.to_lowercase().contains("authorization"), "{heard}");
    }
}

#[tokio::test]
async fn a_call_carries_one_key_and_is_sent_once() {
    let server = RawServer::start("").await;
    let error = client(&server).calls().create(request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert!(
        error.to_string().contains("before you place it again"),
        "{error}"
    );
    let placed = || -> Vec<String> {
        let heard = server.heard();
        heard
            .into_iter()
            .filter(|heard| heard.starts_with("POST"))
            .collect()
    };
    let heard = placed();
    assert_eq!(heard.len(), 1, "a call is never sent again by itself");
    let key = error.idempotency_key().unwrap();
    assert!(heard[0].contains(&format!("idempotency-key: {key}\r\n")));

    let error = client(&server)
        .calls()
        .create(request())
        .idempotency_key("my-own")
        .await
        .unwrap_err();
    assert_eq!(error.idempotency_key(), Some("my-own"));
    assert!(placed()[1].contains("idempotency-key: my-own\r\n"));

    for key in ["", " ", "a\nb", " padded ", "clé", &"k".repeat(256)] {
        let request = client(&server).calls().create(request());
        let error = request.idempotency_key(key).await.unwrap_err();
        assert!(error.is_invalid_input(), "{key:?}");
        assert_eq!(error.field(), Some("idempotency_key"));
    }
    assert_eq!(placed().len(), 2);
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    let client = Client::builder()
        .base_url("http://127.0.0.1:1")
        .access_token("token")
        .build()
        .unwrap();
    let error = client.calls().create(request()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.was_sent()),
        (ErrorKind::Transport, WasSent::No)
    );
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::builder()
        .base_url(format!("http://{}", listener.local_addr().unwrap()))
        .access_token("token")
        .build()
        .unwrap();
    let error = client
        .calls()
        .create(request())
        .timeout(Duration::from_millis(500))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.was_sent()),
        (ErrorKind::Timeout, WasSent::Maybe)
    );
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = RawServer::json("200 OK", "{}").await;
    for status in ["301 A", "302 B", "303 C", "307 D", "308 E"] {
        let location = format!("location: {}/v1/calls\r\n", other.base_url());
        let server = RawServer::with(status, &location, "").await;
        let error = client(&server).calls().create(request()).await.unwrap_err();
        assert!(error.status().unwrap().is_redirection());
        assert!(error.is_api());
    }
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn an_answer_over_the_limit_is_an_error() {
    let body = format!(
        r#"{{"conversations": [], "padding": "{}"}}"#,
        "x".repeat(2000)
    );
    let answers = [
        format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
        format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
        format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        ),
        "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999\r\n\r\n{".to_owned(),
    ];
    for (index, answer) in answers.into_iter().enumerate() {
        let server = RawServer::start(answer).await;
        let read = |limit| {
            Client::builder()
                .base_url(server.base_url())
                .access_token("token")
                .max_answer_bytes(limit)
                .build()
                .unwrap()
                .coordination()
                .list_conversations()
        };
        let error = read(1000).await.unwrap_err();
        assert!(error.is_decode(), "{index}: {error}");
        assert!(
            error.to_string().contains("larger than 1000 bytes"),
            "{error}"
        );
        if index < 3 {
            let _: ConversationList = read(3000).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_no_answer_is_a_decode_error() {
    let deep = format!(
        r#"{{"call_id": "a", "status": "b", "x": {}"#,
        "[".repeat(1_000_000)
    );
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "5",
        "<html>login</html>",
        "{\"call_id\":",
        "\u{0}",
        deep.as_str(),
    ] {
        let server = RawServer::json("200 OK", body).await;
        let error = client(&server).calls().get("a").await.unwrap_err();
        assert!(error.is_decode());
        assert_eq!(error.was_sent(), WasSent::Yes);
        assert_eq!(error.status().unwrap(), 200);
    }
    let cut = RawServer::start("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"call_id\"").await;
    let error = client(&cut).calls().get("a").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.was_sent()),
        (ErrorKind::Transport, WasSent::Yes)
    );
}

#[tokio::test]
async fn odd_values_cost_nothing_else() {
    let server = RawServer::json(
        "200 OK",
        r#"{"calls": [
            {"call_id": "a", "status": "ringing", "credits_used": 1e400, "highlights": 5},
            {"call_id": "b", "status": "success", "duration_seconds": "12", "submission": null,
             "credits_used": 123456789012345678901234567890, "created_at": "yesterday"}
        ], "total": 2.0, "new": {"field": true}}"#,
    )
    .await;
    let list = client(&server)
        .calls()
        .list()
        .limit(5)
        .offset(0)
        .await
        .unwrap();
    let [a, b] = list.calls() else {
        panic!("two calls");
    };
    assert_eq!(a.status, CallStatus::Unknown("ringing".to_owned()));
    assert_eq!(a.highlights.as_deref(), Some("5"));
    assert_eq!(a.credits_used.as_ref().unwrap().to_f64(), None);
    assert_eq!(b.duration_seconds.as_ref().unwrap().to_i64(), Some(12));
    assert_eq!(list.total.as_ref().unwrap().to_i64(), Some(2));
    assert_eq!(list.extra["new"].value()["field"], true);
}

#[tokio::test]
async fn the_application_names_itself() {
    let server = RawServer::json("200 OK", r#"{"costs": {}}"#).await;
    let named = Client::builder()
        .base_url(server.base_url())
        .user_agent("reservations/2.1")
        .build()
        .unwrap();
    named.credits().costs().await.unwrap();
    let own = concat!(
        "user-agent: reservations/2.1 kallyai-sdk-rust/",
        env!("CARGO_PKG_VERSION")
    );
    assert!(server.heard()[0].contains(own), "{:?}", server.heard());
    let error = Client::builder().user_agent("a\r\nb").build().unwrap_err();
    assert_eq!(error.field(), Some("user_agent"));
}

#[tokio::test]
async fn a_whole_call_through_the_sandbox() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap();
    let before = client.credits().balance().await.unwrap();
    let estimate = client
        .budget()
        .estimate(Estimate::new(EstimateType::Call, "Ask when they open"))
        .await
        .unwrap();
    assert!(estimate.estimated_credits.is_number());
    let answer = client
        .calls()
        .create(request())
        .with_response()
        .await
        .unwrap();
    assert_eq!(answer.status, 201);
    let call = answer.value;
    assert_eq!(call.status, CallStatus::Success);
    sandbox.assert_dialled_once("+12025550199");
    let id = call.call_id.as_str();
    let again = client.calls().get(id).await.unwrap();
    assert_eq!(again.call_id, call.call_id);
    assert!(client.calls().transcript(id).await.unwrap().entries().len() > 1);
    assert!(client.calls().recording(id).await.unwrap().url.is_some());
    assert!(
        client
            .calls()
            .calendar(id)
            .await
            .unwrap()
            .starts_with("BEGIN:VCALENDAR\r\n")
    );
    let after = client.credits().balance().await.unwrap();
    let spent = before
        .credits_remaining
        .checked_sub(&after.credits_remaining);
    assert_eq!(spent, call.credits_used);
}

#[tokio::test]
async fn no_field_is_sent_twice() {
    let server = RawServer::json("201 Created", r#"{"call_id": "a", "status": "success"}"#).await;
    let kally = client(&server);
    for doubled in [
        request().extra_field("submission", "other"),
        request().extra_field("timezone", "UTC"),
        request().submit(|s| s.extra_field("respondent_phone", "+12025550100")),
        request().extra_field("session_id", "one").session_id("two"),
    ] {
        let error = kally.calls().create(doubled).await.unwrap_err();
        assert!(error.is_invalid_input(), "{error}");
    }
    assert!(server.heard().is_empty());
    let replaced = request()
        .session_id("two")
        .extra_field("session_id", serde_json::Value::Null);
    kally.calls().create(replaced).await.unwrap();
    assert_eq!(server.heard()[0].matches("session_id").count(), 1);
}

#[tokio::test]
async fn a_page_is_no_calendar() {
    let page = RawServer::with(
        "200 OK",
        "content-type: text/html\r\n",
        "<html>login</html>",
    )
    .await;
    let error = client(&page).calls().calendar("a").await.unwrap_err();
    assert!(error.is_decode());
    let typed = RawServer::with(
        "200 OK",
        "content-type: text/calendar; charset=utf-8\r\n",
        "BEGIN:VCALENDAR",
    )
    .await;
    assert_eq!(
        client(&typed).calls().calendar("a").await.unwrap(),
        "BEGIN:VCALENDAR"
    );
}

#[tokio::test]
async fn too_long_for_http_is_invalid_input() {
    let server = RawServer::json("200 OK", "{}").await;
    let error = client(&server)
        .calls()
        .get("a".repeat(70_000))
        .await
        .unwrap_err();
    assert!(error.is_invalid_input());
    let error = client(&server)
        .channels()
        .verify_email("t".repeat(100_000))
        .await
        .unwrap_err();
    assert!(error.is_invalid_input(), "{error}");
    assert!(server.heard().is_empty());
}
