//! Requests by method and path: where they may lead, and that they are treated as all others.

use std::time::Duration;

use http::Method;
use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::auth::{Credentials, MemoryStore, TokenSet};
use kallyai_sdk::types::CallRequest;
use kallyai_sdk::{Client, ClientBuilder, ErrorKind, WasSent};
use kallyai_tests::RawServer;
use serde_json::{Value, json};

const NUMBER: &str = "+12025550199";

fn builder(server: &RawServer) -> ClientBuilder {
    Client::builder()
        .base_url(server.base_url())
        .access_token("token")
}

fn client(server: &RawServer) -> Client {
    builder(server).build().unwrap()
}

/// A failure after which it may be tried again at once.
async fn failing() -> RawServer {
    RawServer::with("503 Down", "retry-after: 0\r\n", "").await
}

#[tokio::test]
async fn no_path_leads_elsewhere() {
    let server = RawServer::json("200 OK", "{}").await;
    let kally = client(&server);
    for path in [
        "",
        "/",
        "v1/calls",
        "//evil.example/v1",
        "///evil.example",
        "/v1//calls",
        "/v1/calls/",
        "http://evil.example/",
        "https:/evil.example",
        "@evil.example/v1",
        ":80@evil.example",
        "\\\\evil.example\\v1",
        "/\\evil.example",
        "/v1\\..\\x",
        "/v1/../admin",
        "/v1/..",
        "/..",
        "/.",
        "/v1/./calls",
        "/v1/..;/admin",
        "/v1/..;x=1/admin",
        "/v1/calls;x=1",
        "/v1/%2e%2e/admin",
        "/v1/.%2E/admin",
        "/v1/%252e%252e/admin",
        "/v1%2fcalls",
        "/v1/%5c",
        "/v1/calls%00",
        "/v1/c%61lls",
        "/v1/calls?limit=1",
        "/v1/calls#x",
        "/v1/calls\r\nx: y",
        "/v1/calls\tx",
        "/v1/ca\0lls",
        "/v1/ca\u{85}lls",
        "\t/v1/calls",
        " /v1/calls",
        "?x",
        "#x",
    ] {
        let secret = format!("{path}hunter2");
        for path in [path, &secret] {
            let sent = kally.request(Method::GET, path).await;
            let Err(error) = sent else {
                // With a word at its end it may be a path like any other; then it stayed here.
                assert_eq!(path, secret);
                continue;
            };
            assert!(error.is_invalid_input(), "{path:?}: {error}");
            assert_eq!(error.field(), Some("path"), "{path:?}");
            assert_eq!(error.was_sent(), WasSent::No);
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
    let lines: Vec<String> = server
        .heard()
        .iter()
        .map(|heard| heard.lines().next().unwrap().to_owned())
        .collect();
    let fine = [
        "/hunter2",
        "/v1/calls/hunter2",
        "/.hunter2",
        "/v1/..hunter2",
        "/..hunter2",
    ];
    assert_eq!(lines.len(), fine.len(), "{lines:?}");
    for path in fine {
        assert!(lines.contains(&format!("GET {path} HTTP/1.1")), "{lines:?}");
    }
}

#[tokio::test]
async fn only_plain_methods_are_sent() {
    let server = RawServer::json("200 OK", "{}").await;
    let kally = client(&server);
    for method in ["CONNECT", "TRACE", "HEAD", "OPTIONS", "get", "DIAL"] {
        let method: Method = method.parse().unwrap();
        let error = kally.request(method, "/v1/calls").await.unwrap_err();
        assert_eq!(error.field(), Some("method"));
    }
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        kally.request(method, "/v1/new").await.unwrap();
    }
    assert_eq!(server.heard().len(), 4);
}

#[tokio::test]
async fn sends_what_it_is_given_and_gives_what_it_gets() {
    let server = RawServer::with(
        "201 Created",
        "content-type: application/json\r\nx-request-id: r7\r\n",
        r#"{"id": 7}"#,
    )
    .await;
    let answer = client(&server)
        .request(Method::POST, "/v1/new things/ü")
        .query("a b", "c&d")
        .query("limit", 3)
        .header("Accept-Language", "de")
        .idempotency_key("k1")
        .json(json!({"x": [1]}))
        .await
        .unwrap();
    assert_eq!(answer.status, 201);
    assert_eq!(answer.correlation_id().as_deref(), Some("r7"));
    assert_eq!(answer.value.json::<Value>().unwrap(), json!({"id": 7}));
    assert_eq!(answer.value.text().unwrap(), r#"{"id": 7}"#);
    assert!(!format!("{answer:?}").contains("id\": 7"));
    let error = answer.value.json::<Vec<u8>>().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);

    let heard = server.heard().pop().unwrap();
    let (head, body) = heard.split_once("\r\n\r\n").unwrap();
    assert_eq!(
        head.lines().next().unwrap(),
        "POST /v1/new%20things/%C3%BC?a+b=c%26d&limit=3 HTTP/1.1"
    );
    for header in [
        "authorization: Bearer token",
        "content-type: application/json",
        "accept-language: de",
        "idempotency-key: k1",
    ] {
        assert!(head.lines().any(|line| line == header), "{head}");
    }
    assert!(head.contains("kallyai-sdk-rust/"), "{head}");
    assert_eq!(body, r#"{"x":[1]}"#);
}

#[tokio::test]
async fn other_bodies_are_bytes_and_bounded() {
    let server =
        RawServer::start(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\xff\xfe\0".as_slice())
            .await;
    let answer = client(&server).request(Method::GET, "/v1/x").await.unwrap();
    assert_eq!(answer.value.bytes(), b"\xff\xfe\0");
    assert!(answer.value.text().unwrap_err().is_decode());
    assert!(answer.value.json::<Value>().unwrap_err().is_decode());

    let small = builder(&server).max_answer_bytes(2).build().unwrap();
    let error = small.request(Method::GET, "/v1/x").await.unwrap_err();
    assert!(error.is_decode());

    let empty = RawServer::with("204 No Content", "", "").await;
    let answer = client(&empty).request(Method::DELETE, "/v1/x").await;
    assert!(answer.unwrap().value.bytes().is_empty());
}

#[tokio::test]
async fn the_librarys_headers_are_the_librarys() {
    let server = RawServer::json("200 OK", "{}").await;
    let kally = client(&server);
    for (name, value) in [
        ("authorization", "Bearer other"),
        ("Host", "evil.example"),
        ("content-length", "1"),
        ("transfer-encoding", "chunked"),
        ("cookie", "a=b"),
        ("x-http-method-override", "DELETE"),
        ("idempotency-key", "k"),
        ("", "x"),
        ("accept", "a\r\nx: y"),
        ("accept\r\nx", "y"),
    ] {
        let sent = kally.request(Method::GET, "/v1/x").header(name, value);
        let error = sent.await.unwrap_err();
        assert_eq!(error.field(), Some("header"), "{name:?}");
    }
    for key in ["", "a b", "a\nb", &"k".repeat(256)] {
        let sent = kally.request(Method::GET, "/v1/x").idempotency_key(key);
        assert_eq!(sent.await.unwrap_err().field(), Some("idempotency_key"));
    }
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn what_cannot_be_written_is_said_when_it_is_awaited() {
    struct Broken;
    impl serde::Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("hunter2"))
        }
    }
    let server = RawServer::json("200 OK", "{}").await;
    let request = client(&server).request(Method::POST, "/v1/x").json(Broken);
    let error = request.await.unwrap_err();
    assert_eq!(error.field(), Some("body"));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn numbers_are_checked_in_body_and_query() {
    let server = RawServer::json("200 OK", "{}").await;
    let kally = client(&server);
    let body = json!({"submission": {"respondent_phone": "3105550147"}});
    let request = kally.request(Method::POST, "/v1/calls").json(body);
    let error = request.await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("submission.respondent_phone"), "{text}");
    assert!(!text.contains("310"), "{text}");
    let request = kally
        .request(Method::GET, "/v1/x")
        .query("phone_number", "1");
    assert_eq!(request.await.unwrap_err().field(), Some("phone_number"));
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn errors_show_the_template_and_never_the_path() {
    let server = RawServer::json("404 No", r#"{"error": {"code": "call_not_found"}}"#).await;
    let kally = client(&server);
    let error = kally
        .request(Method::GET, "/v1/calls/hunter2")
        .query("q", "hunter2")
        .await
        .unwrap_err();
    assert_eq!(error.operation().unwrap().id, "calls_get");
    let text = error.to_string();
    assert!(
        text.starts_with("calls_get (GET /v1/calls/{call_id}): "),
        "{text}"
    );
    assert!(!format!("{error} {error:?}").contains("hunter2"));

    let request = kally.request(Method::GET, "/v1/hunter2");
    assert!(!format!("{request:?}").contains("hunter2"));
    let error = request.await.unwrap_err();
    assert!(error.operation().is_none());
    assert!(
        error.to_string().starts_with("raw GET request: "),
        "{error}"
    );
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_public_operation_gets_no_token() {
    let server = RawServer::json("200 OK", "{}").await;
    let nobody = Client::builder()
        .base_url(server.base_url())
        .build()
        .unwrap();
    for kally in [client(&server), nobody.clone()] {
        kally
            .request(Method::GET, "/v1/credits/costs")
            .await
            .unwrap();
    }
    for heard in server.heard() {
        assert!(!heard.to_lowercase().contains("authorization"), "{heard}");
    }
    let error = nobody.request(Method::GET, "/v1/x").await.unwrap_err();
    assert!(error.is_not_logged_in());
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn a_rejected_token_is_renewed_once() {
    let server = RawServer::answering(|request| {
        let json = "content-type: application/json\r\n";
        if request.starts_with("POST /v1/auth/refresh") {
            let tokens = r#"{"access_token": "new", "refresh_token": "r2", "expires_in": 3600}"#;
            RawServer::bytes("200 OK", json, tokens)
        } else if request.contains("Bearer new") {
            RawServer::bytes("200 OK", json, "{}")
        } else {
            RawServer::bytes("401 No", json, "{}")
        }
    })
    .await;
    let tokens = TokenSet::new("old")
        .refresh_token("r1")
        .expires_at(chrono::Utc::now() + Duration::from_secs(3600));
    let store = MemoryStore::with(tokens);
    let kally = Client::builder()
        .base_url(server.base_url())
        .credentials(Credentials::from_store(store))
        .build()
        .unwrap();
    // A POST too: what was rejected has done nothing.
    kally.request(Method::POST, "/v1/x").await.unwrap();
    let sent = server.heard();
    let sent = sent.iter().filter(|heard| heard.starts_with("POST /v1/x "));
    assert_eq!(sent.count(), 2);
}

#[tokio::test]
async fn it_is_sent_again_as_its_class_says() {
    for (method, path, times) in [
        (Method::GET, "/v1/new", 3),
        (Method::PUT, "/v1/new", 3),
        (Method::POST, "/v1/new", 1),
        (Method::PATCH, "/v1/new", 1),
        (Method::DELETE, "/v1/new", 1),
        (Method::GET, "/v1/calls/a", 3),
        (Method::POST, "/v1/calls", 1),
        (Method::POST, "/V1/CALLS", 1),
    ] {
        let server = failing().await;
        let sent = client(&server).request(method.clone(), path);
        let error = sent.idempotency_key("k").await.unwrap_err();
        assert_eq!(server.heard().len(), times, "{method} {path}");
        assert_eq!(error.attempts() as usize, times);
        assert_eq!(error.was_sent(), WasSent::Maybe);
        assert_eq!(error.idempotency_key(), Some("k"));
    }
}

#[tokio::test]
async fn a_trusted_key_is_sent_again() {
    for (path, key) in [("/v1/new", Some("k")), ("/v1/calls", None)] {
        let server = failing().await;
        let kally = builder(&server)
            .trust_idempotency_key(true)
            .build()
            .unwrap();
        let mut request = kally.request(Method::POST, path);
        if let Some(key) = key {
            request = request.idempotency_key(key);
        }
        let error = request.await.unwrap_err();
        let header = format!("idempotency-key: {}\r\n", error.idempotency_key().unwrap());
        let heard = server.heard();
        assert_eq!(heard.len(), 3);
        assert!(heard.iter().all(|heard| heard.contains(&header)));
    }
    // Without a key there is nothing to trust.
    let server = failing().await;
    let kally = builder(&server)
        .trust_idempotency_key(true)
        .build()
        .unwrap();
    let sent = kally.request(Method::POST, "/v1/new").await;
    assert!(sent.unwrap_err().idempotency_key().is_none());
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn its_limits_are_kept() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let kally = Client::builder()
        .base_url(format!("http://{}", listener.local_addr().unwrap()))
        .access_token("token")
        .build()
        .unwrap();
    let get = || kally.request(Method::GET, "/v1/x");
    let short = Duration::from_millis(50);
    let error = get()
        .attempt_timeout(short)
        .max_attempts(1)
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    let error = get().timeout(short).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

fn call() -> CallRequest {
    CallRequest::general(NUMBER.parse().unwrap(), "Ask when they open")
}

async fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap();
    (sandbox, kally)
}

fn place(kally: &Client) -> kallyai_sdk::RawRequest {
    kally.request(Method::POST, "/v1/calls").json(call())
}

#[tokio::test]
async fn a_raw_call_is_placed_with_a_key_and_never_twice() {
    let (sandbox, kally) = sandbox().await;
    let answer = place(&kally).await.unwrap();
    let answer: Value = answer.value.json().unwrap();
    assert_eq!(answer["status"], "success");
    let key = sandbox.journal()[0].headers["idempotency-key"].clone();
    assert_eq!(key.as_str().unwrap().len(), 36, "{key}");
    sandbox.assert_dialled_once(NUMBER);

    // A lost answer is found again.
    sandbox.clear_journal();
    sandbox.inject(Fault::on("calls_create", FaultKind::ResetAfter).times(1));
    let found = place(&kally).await.unwrap();
    let found: Value = found.value.json().unwrap();
    assert_eq!(found["status"], "success");
    assert_ne!(found["call_id"], answer["call_id"]);
    assert_eq!(created(&sandbox), 1);

    // One that never came about is not.
    sandbox.clear_journal();
    let down = FaultKind::ServerError { status: 502 };
    sandbox.inject(Fault::on("calls_create", down).times(1));
    let error = place(&kally).await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert!(error.idempotency_key().is_some());
    assert!(error.to_string().contains("look there"), "{error}");
    assert_eq!(created(&sandbox), 1);
}

/// How often `POST /v1/calls` was sent.
fn created(sandbox: &Sandbox) -> usize {
    let journal = sandbox.journal();
    let sent = journal
        .iter()
        .filter(|entry| entry.operation_id.as_deref() == Some("calls_create"));
    sent.count()
}

#[tokio::test]
async fn a_raw_call_is_not_taken_for_a_lost_one() {
    let (sandbox, kally) = sandbox().await;
    sandbox.inject(Fault::on("calls_create", FaultKind::ResetAfter).times(1));
    place(&kally).await.unwrap();
    sandbox.inject(Fault::on("calls_create", FaultKind::ResetBefore).times(1));
    let error = kally.calls().create(call()).await.unwrap_err();
    assert_eq!(error.was_sent(), WasSent::Maybe);
}
