//! Errors of the library as it makes them: of a service on loopback that gives one answer.

use std::io::{Read, Write};
use std::net::TcpListener;

use kallyai_sdk::{Client, Error};

/// The failure of asking for the balance of a service that answers so.
pub(super) async fn answered(status: u16, body: &str) -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let service = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut asked = Vec::new();
        let mut buffer = [0; 1024];
        while !asked.windows(4).any(|four| four == b"\r\n\r\n") {
            let count = connection.read(&mut buffer).unwrap();
            asked.extend_from_slice(&buffer[..count]);
        }
        connection.write_all(answer.as_bytes()).unwrap();
    });
    let error = client(&base_url).credits().balance().await.unwrap_err();
    service.join().unwrap();
    error
}

/// The failure of asking where nobody listens.
pub(super) async fn unreachable() -> Error {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    client(&base_url).credits().balance().await.unwrap_err()
}

/// The failure of a request that is not valid.
pub(super) async fn invalid() -> Error {
    let client = client("http://127.0.0.1:9");
    client.calls().get("").await.unwrap_err()
}

fn client(base_url: &str) -> Client {
    let builder = Client::builder().base_url(base_url).access_token("t");
    builder.max_attempts(1).build().unwrap()
}
