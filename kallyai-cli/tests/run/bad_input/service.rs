//! A service that is none: it is silent, it babbles, it sends elsewhere.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;

use super::{CALL, fails};
use crate::support::{Home, Printed};

/// Answers each connection in its own way until the test is over. Gives its address.
fn service(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap());
        }
    });
    address
}

/// Reads a request to the end of its head, and sends this.
fn sends(bytes: impl Into<Vec<u8>>) -> String {
    let bytes = bytes.into();
    service(move |mut stream| {
        let mut head = Vec::new();
        let mut piece = [0; 4096];
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            match stream.read(&mut piece) {
                Ok(count @ 1..) => head.extend_from_slice(&piece[..count]),
                _ => return,
            }
        }
        // Whoever has read enough goes away.
        let _ = stream.write_all(&bytes);
    })
}

fn answers(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    sends(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}

fn at(address: &str, home: &Home) -> Command {
    let mut command = home.command();
    command
        .env("KALLYAI_BASE_URL", address)
        .env("KALLYAI_ACCESS_TOKEN", "tok_canary");
    command
}

#[test]
fn nobody_listens() {
    let home = Home::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    for line in [&["credits", "balance"][..], &CALL] {
        let error = fails(at(&address, &home).args(line), 7);
        assert_eq!(error["code"], "network");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("nothing was sent"), "{error}");
    }
}

#[test]
fn nobody_answers() {
    let home = Home::new();
    let (keep, kept) = std::sync::mpsc::channel();
    let silent = service(move |stream| keep.send(stream).unwrap());
    for line in [&["credits", "balance"][..], &CALL] {
        let error = fails(at(&silent, &home).args(line).args(["--timeout", "1"]), 7);
        assert_eq!(error["code"], "timeout");
    }
    assert!(kept.try_iter().count() >= 2);
}

#[test]
fn what_came_is_no_answer() {
    let home = Home::new();
    let json = "Content-Type: application/json\r\n";
    for (address, end, code) in [
        (service(drop), 7, "network"),
        (sends("\0\u{1}canary\r\n\r\n"), 7, "network"),
        (sends("HTTP/1.1 200 OK\r\n"), 7, "network"),
        (
            answers("200 OK", "Content-Type: text/html\r\n", "<p>canary</p>"),
            1,
            "unreadable_answer",
        ),
        (
            answers("200 OK", json, "{\"canary\":"),
            1,
            "unreadable_answer",
        ),
        (answers("200 OK", json, "{} {}"), 1, "unreadable_answer"),
        (
            answers("302 Found", "Location: http://127.0.0.1:1/canary\r\n", ""),
            1,
            "refused",
        ),
        (
            answers("307 Go", "Location: /v1/canary\r\n", ""),
            1,
            "refused",
        ),
        (answers("418 Teapot", "", "canary"), 1, "refused"),
        (
            answers("500 Oh", "Content-Type: text/html\r\n", "<p>canary</p>"),
            1,
            "refused",
        ),
        (
            answers(
                "500 Oh",
                json,
                r#"{"error":{"code":"canary\u001b[2J","message":"canary"}}"#,
            ),
            1,
            "refused",
        ),
        (
            answers(
                "401 No",
                json,
                r#"{"error":{"code":"token_expired","message":"canary"}}"#,
            ),
            4,
            "token_expired",
        ),
        (
            answers(
                "403 No",
                json,
                r#"{"error":{"code":"forbidden","message":"canary"}}"#,
            ),
            4,
            "forbidden",
        ),
        (
            answers("402 Pay", json, r#"{"error":{"message":"canary"}}"#),
            5,
            "refused",
        ),
    ] {
        for line in [&["credits", "balance"][..], &CALL] {
            let error = fails(at(&address, &home).args(line), end);
            assert_eq!(error["code"], code, "{line:?}: {error}");
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }
}

#[test]
fn a_call_of_which_nothing_readable_came_may_ring() {
    let home = Home::new();
    for address in [
        service(drop),
        answers("200 OK", "Content-Type: text/html\r\n", "<p>welcome</p>"),
        answers("500 Oh", "", ""),
    ] {
        let ran = at(&address, &home).args(CALL).output().unwrap();
        let error = super::told(&ran);
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("may have been dialled"), "{error}");
        assert!(hint.contains("`kallyai calls history`"), "{error}");
        let ran = at(&address, &home)
            .args(CALL)
            .arg("--wait")
            .output()
            .unwrap();
        let error = super::told(&ran);
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("`kallyai calls watch "), "{error}");
    }
}

#[test]
fn more_than_anybody_can_use() {
    let home = Home::new();
    let mut bytes =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\""
            .to_vec();
    bytes.resize(100 << 20, b'a');
    let error = fails(at(&sends(bytes), &home).args(["credits", "balance"]), 1);
    assert_eq!(error["code"], "unreadable_answer");
    let head = format!(
        "HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n{{}}",
        "a".repeat(1 << 20)
    );
    let error = fails(at(&sends(head), &home).args(["credits", "balance"]), 7);
    assert_eq!(error["code"], "network");
}

#[test]
fn other_words_for_what_is_json_do_no_harm() {
    let home = Home::new();
    let plain = answers("200 OK", "Content-Type: text/plain\r\n", "{\"a\": 1}");
    let ran = at(&plain, &home)
        .args(["credits", "balance"])
        .output()
        .unwrap();
    assert_eq!(
        (ran.status.code(), ran.out().as_str()),
        (Some(0), "{\"a\": 1}\n")
    );
    let empty = answers("204 Nothing", "", "");
    let ran = at(&empty, &home)
        .args(["credits", "balance"])
        .output()
        .unwrap();
    assert_eq!((ran.status.code(), ran.out().as_str()), (Some(0), "{}\n"));
}
