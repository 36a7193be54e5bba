//! 100,000 requests of garbage: the sandbox goes on serving, and its memory has a bound.

use kallyai_openapi::{Operation, Spec};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Child;

use crate::api::{answer, client};
use crate::binary::start;

const REQUESTS: usize = 100_000;

/// By then the journal is full, and what a process takes once is taken.
const WARM: usize = 30_000;

/// Chance that is the same each time (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    /// Of what can stand in a path or a header.
    fn text(&mut self, most: usize) -> String {
        const LETTERS: &[u8] = b"abcXYZ019-_.~%/2e5c00ff:@!$&'()*+,;=";
        let length = self.below(most + 1);
        (0..length)
            .map(|_| char::from(LETTERS[self.below(LETTERS.len())]))
            .collect()
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

fn json(chance: &mut Chance, depth: usize) -> Value {
    match chance.below(if depth == 0 { 5 } else { 8 }) {
        0 => Value::Null,
        1 => Value::Bool(chance.below(2) == 0),
        2 => Value::from(chance.next()),
        3 => Value::from(f64::from_bits(chance.next())),
        4 => Value::String(String::from_utf8_lossy(&chance.bytes(20)).into_owned()),
        5 | 6 => {
            let length = chance.below(6);
            (0..length).map(|_| json(chance, depth - 1)).collect()
        }
        _ => {
            const NAMES: &[&str] = &[
                "submission",
                "respondent_phone",
                "message",
                "goal_ids",
                "new_plan",
                "phone_number",
                "email_address",
                "query",
                "type",
                "\u{0}",
            ];
            let length = chance.below(6);
            let fields = (0..length).map(|_| {
                let name = (*chance.of(NAMES)).to_owned();
                (name, json(chance, depth - 1))
            });
            Value::Object(fields.collect())
        }
    }
}

/// A request that HTTP allows, of an operation or of nothing, with a body of anything.
fn request(chance: &mut Chance, operations: &[Operation], token: &str) -> Vec<u8> {
    let operation = chance.of(operations);
    let path = match chance.below(4) {
        0 => format!("/{}", chance.text(60)),
        _ => operation
            .path
            .split('/')
            .map(|part| {
                if part.starts_with('{') {
                    chance.text(12)
                } else {
                    part.to_owned()
                }
            })
            .collect::<Vec<_>>()
            .join("/"),
    };
    let query = chance.text(30);
    let method = match chance.below(8) {
        0 => *chance.of(&["PATCH", "HEAD", "OPTIONS", "BREW"]),
        _ => operation.method.as_str(),
    };
    let body = match chance.below(3) {
        0 => chance.bytes(200),
        _ => json(chance, 4).to_string().into_bytes(),
    };
    let kind = *chance.of(&[
        "application/json",
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "x",
    ]);
    let token = if chance.below(8) == 0 { "sbx" } else { token };
    let mut request = format!(
        "{method} {path}?{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: {kind}\r\nX-Any: {}\r\nIdempotency-Key: {}\r\nContent-Length: {}\r\n\r\n",
        chance.text(30),
        chance.text(8),
        body.len()
    )
    .into_bytes();
    request.extend(body);
    request
}

/// Reads an answer whole, and says its status; nothing where the connection is over.
async fn status(stream: &mut TcpStream, buffer: &mut Vec<u8>, head: bool) -> Option<u16> {
    buffer.clear();
    loop {
        let length = head_length(buffer);
        if let Some(length) = length {
            let text = String::from_utf8_lossy(&buffer[..length]).to_lowercase();
            let code = text.get(9..12)?.parse().ok()?;
            let body = text
                .split("\r\n")
                .find_map(|line| line.strip_prefix("content-length: "))
                .and_then(|text| text.trim().parse::<usize>().ok())
                .unwrap_or_default();
            if head || buffer.len() >= length + body {
                let over = text.contains("connection: close");
                return (!over).then_some(code);
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

fn head_length(buffer: &[u8]) -> Option<usize> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(end + 4)
}

/// KiB that the process holds.
#[cfg(target_os = "linux")]
fn memory(child: &Child) -> usize {
    let path = format!("/proc/{}/status", child.id().unwrap());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_hundred_thousand_requests_of_garbage() {
    // Nobody reads its log: it must not mind that either.
    let (child, line) = start(&["--call-seconds", "0", "--seed", "1"]).await;
    let token = line["access_token"].as_str().unwrap();
    let base_url = line["base_url"].as_str().unwrap();
    let address = base_url.trim_start_matches("http://").to_owned();
    let operations: Vec<Operation> = Spec::load()
        .unwrap()
        .operations()
        .into_iter()
        // A stream of events does not end, and tokens are to stay good.
        .filter(|operation| operation.id != "inbound_events" && operation.domain != "auth")
        .collect();
    let mut chance = Chance(7);
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let mut buffer = Vec::new();
    let (mut answered, mut after_warming) = (0, 0);
    for number in 0..REQUESTS {
        if number == WARM {
            after_warming = memory(&child);
        }
        // Now and then what is no HTTP at all, or half of a request.
        if number % 100 == 0 {
            let mut broken = TcpStream::connect(&address).await.unwrap();
            let mut bytes = request(&mut chance, &operations, token);
            bytes.truncate(bytes.len() / 2);
            let bytes = if number % 200 == 0 {
                chance.bytes(300)
            } else {
                bytes
            };
            // It may be answered before all of it is written.
            let _ = broken.write_all(&bytes).await;
            continue;
        }
        let bytes = request(&mut chance, &operations, token);
        let head = bytes.starts_with(b"HEAD");
        let sent = stream.write_all(&bytes).await.is_ok();
        let status = if sent {
            status(&mut stream, &mut buffer, head).await
        } else {
            None
        };
        match status {
            Some(status) => {
                answered += 1;
                assert!(
                    status < 500,
                    "{}\n{}",
                    String::from_utf8_lossy(&bytes),
                    String::from_utf8_lossy(&buffer)
                );
            }
            None => stream = TcpStream::connect(&address).await.unwrap(),
        }
    }
    assert!(answered > REQUESTS / 2, "{answered}");
    let balance = client()
        .get(format!("{base_url}/v1/credits/balance"))
        .bearer_auth(token);
    assert_eq!(answer(balance).await.0, 200);
    let grown = memory(&child).saturating_sub(after_warming);
    assert!(grown < 32 * 1024, "{grown} KiB after {after_warming}");
    println!("{answered} answered; {after_warming} KiB, then {grown} KiB more");
}
