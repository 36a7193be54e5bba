//! Inbound events over sockets.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use kallyai_sandbox::{Builder, Fault, FaultKind, Sandbox};
use kallyai_sdk::auth::{Credentials, MemoryStore, TokenSet};
use kallyai_sdk::{Client, EventStream};
use kallyai_tests::RawServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
                    transfer-encoding: chunked\r\n\r\n";

fn client(base_url: &str) -> Client {
    Client::builder()
        .base_url(base_url)
        .access_token("token")
        .build()
        .unwrap()
}

fn chunk(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into_bytes()
}

/// An answer in chunks, cut where it ends.
fn stream(parts: &[&str]) -> Vec<u8> {
    let chunks = parts.iter().flat_map(|part| chunk(part));
    HEAD.bytes().chain(chunks).collect()
}

async fn ids(events: &mut EventStream, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let event = events.try_next().await.unwrap().unwrap();
        ids.push(event.id().unwrap().to_owned());
    }
    ids
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = request.lines().filter_map(|line| line.split_once(": "));
    headers
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

#[tokio::test]
async fn events_arrive_and_the_stream_goes_on_after_a_cut() {
    let count = AtomicUsize::new(0);
    let server = RawServer::answering(move |_| match count.fetch_add(1, SeqCst) {
        0 => stream(&[
            "retry: 10\n\n: hello\n\n",
            "id: e_1\nda",
            "ta: {\"id\": \"e_1\"}\n",
            "\nid: e_2\ndata: {}\n\nid: e_3\nda",
        ]),
        1 => stream(&["id: e_2\ndata: {}\n\nid: e_3\ndata: {}\n\n"]),
        _ => RawServer::bytes("403 Forbidden", "", ""),
    })
    .await;
    let request = client(server.base_url()).inbound().events();
    let mut events = request.from("2026-02-01").to("a b").stream();
    assert!(server.heard().is_empty());
    assert_eq!(ids(&mut events, 3).await, ["e_1", "e_2", "e_3"]);
    let error = events.try_next().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 403);
    assert_eq!(error.operation().unwrap().id, "inbound_events");
    assert!(events.next().await.is_none());

    let heard = server.heard();
    assert_eq!(heard.len(), 3);
    for request in &heard {
        let line = request.lines().next().unwrap();
        let same = ["from=2026-02-01&to=a+b", "from=2026-02-01&to=a%20b"];
        assert!(same.iter().any(|query| line.contains(query)), "{line}");
        assert_eq!(header(request, "accept"), Some("text/event-stream"));
        assert_eq!(header(request, "authorization"), Some("Bearer token"));
        assert_eq!(header(request, "accept-encoding"), None);
    }
    let after: Vec<_> = heard.iter().map(|r| header(r, "last-event-id")).collect();
    assert_eq!(after, [None, Some("e_2"), Some("e_3")]);
}

#[tokio::test]
async fn an_event_is_given_before_the_answer_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let mut events = client(&base_url).inbound().events().stream();
    let (id, mut socket) = tokio::join!(async { ids(&mut events, 1).await }, async {
        let (mut socket, _) = listener.accept().await.unwrap();
        listen(&mut socket).await;
        // One byte at a time.
        socket.write_all(HEAD.as_bytes()).await.unwrap();
        for byte in "id: e_1\ndata: {}\n\n".chars() {
            socket.write_all(&chunk(&byte.to_string())).await.unwrap();
        }
        socket
    });
    assert_eq!(id, ["e_1"]);
    // Dropped, it closes the socket.
    drop(events);
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(10), socket.read_to_end(&mut rest));
    closed.await.expect("the socket is closed").ok();
}

async fn listen(socket: &mut TcpStream) {
    let mut buffer = [0; 4096];
    assert!(socket.read(&mut buffer).await.unwrap() > 0);
}

#[tokio::test]
async fn a_stream_has_no_limit_of_time_but_an_answer_has() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let limit = Duration::from_millis(200);
    let request = client(&base_url).inbound().events().attempt_timeout(limit);
    let mut events = request.timeout(limit).stream();
    let server = async {
        // No headers: given up after the limit, and asked again.
        let (silent, _) = listener.accept().await.unwrap();
        let (mut socket, _) = listener.accept().await.unwrap();
        drop(silent);
        listen(&mut socket).await;
        socket.write_all(HEAD.as_bytes()).await.unwrap();
        tokio::time::sleep(limit * 3).await;
        socket
            .write_all(&chunk("id: 1\ndata: {}\n\n"))
            .await
            .unwrap();
        socket
    };
    let (ids, _socket) = tokio::join!(ids(&mut events, 1), server);
    assert_eq!(ids, ["1"]);
}

#[tokio::test]
async fn silence_ends_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let events = client(&base_url).inbound().events().stream();
    let mut events = events.idle_timeout(Duration::from_millis(200));
    let server = async {
        let mut sockets = Vec::new();
        for said in ["retry: 10\n\n", "id: 1\ndata: {}\n\n"] {
            let (mut socket, _) = listener.accept().await.unwrap();
            listen(&mut socket).await;
            socket.write_all(HEAD.as_bytes()).await.unwrap();
            socket.write_all(&chunk(said)).await.unwrap();
            sockets.push(socket);
        }
        sockets
    };
    let (ids, _sockets) = tokio::join!(ids(&mut events, 1), server);
    assert_eq!(ids, ["1"]);
}

#[tokio::test]
async fn a_service_without_a_stream_is_polled() {
    let count = AtomicUsize::new(0);
    let server = RawServer::answering(move |request| {
        let kind = "content-type: application/json\r\n";
        let body = match count.fetch_add(1, SeqCst) {
            0 => return RawServer::bytes("406 Not Acceptable", "", ""),
            1 => r#"{"items": [{"id": "e_1"}, {"id": 2}]}"#,
            // A bare list.
            2 => r#"[{"id": "e_1"}, {"id": 2}, {"id": "e_3", "more": null}]"#,
            _ => return RawServer::bytes("404 Not Found", "", ""),
        };
        assert_eq!(header(request, "accept"), Some("application/json"));
        RawServer::bytes("200 OK", kind, body)
    })
    .await;
    let events = client(server.base_url()).inbound().events().stream();
    let mut events = events.poll_every(Duration::ZERO);
    assert_eq!(ids(&mut events, 3).await, ["e_1", "2", "e_3"]);
    assert_eq!(events.try_next().await.unwrap_err().status().unwrap(), 404);
    assert!(events.next().await.is_none());
    assert_eq!(server.heard().len(), 4);
}

#[tokio::test]
async fn no_content_ends_it() {
    let server = RawServer::start("HTTP/1.1 204 No Content\r\n\r\n").await;
    let mut events = client(server.base_url()).inbound().events().stream();
    assert!(events.next().await.is_none());
    assert_eq!(server.heard().len(), 1);
}

#[tokio::test]
async fn it_resumes_after_an_id() {
    let server = RawServer::with("403 Forbidden", "", "").await;
    let events = client(server.base_url()).inbound().events().stream();
    let mut events = events.resume_after("e_7");
    assert!(events.next().await.unwrap().is_err());
    assert_eq!(header(&server.heard()[0], "last-event-id"), Some("e_7"));
    // What no header can carry is not sent.
    let events = client(server.base_url()).inbound().events().stream();
    let mut events = events.resume_after("a\r\nx-evil: 1");
    assert!(events.next().await.unwrap().is_err());
    assert!(!server.heard()[1].contains("evil"));
}

#[tokio::test]
async fn nobody_signed_in_asks_nobody() {
    let server = RawServer::with("403 Forbidden", "", "").await;
    let nobody = Client::builder()
        .base_url(server.base_url())
        .build()
        .unwrap();
    let mut events = nobody.inbound().events().stream();
    assert!(events.next().await.unwrap().unwrap_err().is_sign_in());
    assert!(events.next().await.is_none());
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn a_rejected_token_is_renewed_once() {
    let server = RawServer::answering(|request| {
        let kind = "content-type: application/json\r\n";
        if request.contains("/v1/auth/refresh") {
            let tokens = r#"{"access_token": "new", "refresh_token": "r2", "expires_in": 3600}"#;
            return RawServer::bytes("200 OK", kind, tokens);
        }
        match (
            header(request, "authorization"),
            header(request, "last-event-id"),
        ) {
            (Some("Bearer new"), None) => stream(&["retry: 10\n\nid: 1\ndata: {}\n\n"]),
            _ => RawServer::bytes("401 Unauthorized", "", ""),
        }
    })
    .await;
    let tokens = TokenSet::new("old").refresh_token("r1");
    let kally = Client::builder()
        .base_url(server.base_url())
        .credentials(Credentials::from_store(MemoryStore::with(tokens)))
        .build()
        .unwrap();
    let mut events = kally.inbound().events().stream();
    assert_eq!(ids(&mut events, 1).await, ["1"]);
    // The token is new, and rejected all the same.
    let error = events.try_next().await.unwrap_err();
    assert!(error.is_sign_in(), "{error}");
    assert!(events.next().await.is_none());
    let sent: Vec<String> = server
        .heard()
        .iter()
        .map(|request| request.split(' ').nth(1).unwrap().to_owned())
        .collect();
    let (events, refresh) = ("/v1/inbound/events", "/v1/auth/refresh");
    assert_eq!(sent, [events, refresh, events, events]);
}

async fn sandbox(builder: Builder) -> (Sandbox, Client) {
    let sandbox = builder.call_seconds(0.2).start().await.unwrap();
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap();
    (sandbox, kally)
}

/// The names of the events of one call, to its end.
async fn one_call(events: &mut EventStream) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let event = events.try_next().await.unwrap().unwrap();
        let kind = event.event().unwrap().extra["type"].value().clone();
        seen.push(kind.as_str().unwrap().to_owned());
        if seen.last().unwrap() == "call.completed" {
            return seen;
        }
    }
}

const ONE_CALL: [&str; 3] = ["call.ringing", "call.answered", "call.completed"];

#[tokio::test]
async fn a_call_comes_in_at_the_sandbox_whatever_breaks() {
    for fault in [None, Some(FaultKind::ResetAfter), Some(FaultKind::CutBody)] {
        let (sandbox, kally) = sandbox(Sandbox::builder()).await;
        // From a time on: what happens while the first connection is made is not lost either.
        let mut events = kally.inbound().events().from("2020-01-01").stream();
        if let Some(kind) = fault.clone() {
            sandbox.inject(Fault::on("inbound_events", kind).times(2));
        }
        sandbox.ring("+12025550142", ["Is the car ready?"]).unwrap();
        assert_eq!(one_call(&mut events).await, ONE_CALL, "{fault:?}");
    }
}

#[tokio::test]
async fn a_call_comes_in_at_a_sandbox_without_a_stream() {
    let (sandbox, kally) = sandbox(Sandbox::builder().without_event_stream()).await;
    let mut events = kally.inbound().events().stream();
    events = events.poll_every(Duration::from_millis(100));
    sandbox.ring("+12025550142", ["Is the car ready?"]).unwrap();
    assert_eq!(one_call(&mut events).await, ONE_CALL);
}
