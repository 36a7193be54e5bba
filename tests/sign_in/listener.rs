//! Rows of the loopback listener: who may end a sign-in, and who may not.

mod flow;
mod limits;
mod requests;

use kallyai_sdk::auth::{CliLogin, PendingLogin};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// A sign-in that nobody opens, at an address where nobody is.
fn login() -> CliLogin {
    CliLogin::new()
        .base_url("http://127.0.0.1:9")
        .no_browser()
        .no_terminal()
}

async fn begin() -> PendingLogin {
    login().begin().await.unwrap()
}

fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap().1.into_owned()
}

fn state(pending: &PendingLogin) -> String {
    parameter(pending.url(), "state")
}

fn port(pending: &PendingLogin) -> u16 {
    Url::parse(pending.redirect_uri()).unwrap().port().unwrap()
}

/// The query of a callback that ends the sign-in.
fn callback(pending: &PendingLogin) -> String {
    format!(
        "access_token=canary-at&refresh_token=canary-rt&expires_in=3600&state={}",
        state(pending)
    )
}

fn get(port: u16, target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
}

/// Sends bytes, and reads until the connection ends.
async fn exchange(port: u16, request: impl AsRef<[u8]>) -> String {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let request = request.as_ref().to_vec();
    // Beside the reading: what is too long is answered before it has all been sent.
    let sending = tokio::spawn(async move {
        let _ = to.write_all(&request).await;
        to
    });
    let mut answer = Vec::new();
    let _ = from.read_to_end(&mut answer).await;
    drop(sending.await);
    String::from_utf8(answer).unwrap()
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

/// The requests one after the other, while the sign-in waits; it must not end.
async fn answers(pending: &PendingLogin, requests: &[String]) -> Vec<String> {
    let port = port(pending);
    let asking = async {
        let mut answers = Vec::new();
        for request in requests {
            answers.push(exchange(port, request).await);
        }
        answers
    };
    tokio::select! {
        outcome = pending.wait() => panic!("it ended: {outcome:?}"),
        answers = asking => answers,
    }
}

/// Ends the sign-in as the service does, and takes what it gives.
async fn finish(pending: &PendingLogin) {
    let request = get(port(pending), &format!("/?{}", callback(pending)));
    let (tokens, answer) = tokio::join!(pending.wait(), exchange(port(pending), request));
    assert_eq!(tokens.unwrap().access_token.expose(), "canary-at");
    assert_eq!(status(&answer), "200", "{answer}");
}
