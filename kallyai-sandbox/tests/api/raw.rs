//! Requests and answers byte by byte, for what a good client neither sends nor shows.

use std::io;

use kallyai_sandbox::Sandbox;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a request and reads until the connection ends.
pub(crate) async fn exchange(sandbox: &Sandbox, request: &str) -> (String, Option<io::ErrorKind>) {
    let mut stream = open(sandbox).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        match stream.read(&mut buffer).await {
            Ok(0) => break None,
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) => break Some(error.kind()),
        }
    };
    (String::from_utf8_lossy(&received).into_owned(), end)
}

pub(crate) async fn open(sandbox: &Sandbox) -> TcpStream {
    let address = sandbox.base_url().trim_start_matches("http://").to_owned();
    TcpStream::connect(address).await.unwrap()
}

/// A GET that asks for the connection to be closed.
pub(crate) fn get(sandbox: &Sandbox, path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        sandbox.access_token()
    )
}

/// A call to the number that always succeeds.
pub(crate) fn post_call(sandbox: &Sandbox) -> String {
    let body = crate::api::call("+12025550199").to_string();
    format!(
        "POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        sandbox.access_token(),
        body.len()
    )
}

/// The body of an answer.
pub(crate) fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
