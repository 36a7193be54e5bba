//! Rows of the code flow: PKCE, two halves in two requests, the exchange.

mod exchange;
mod halves;
mod provider;
mod refresh;

use std::collections::HashMap;
use std::error::Error as _;

use kallyai_sandbox::{Builder, Sandbox};
use kallyai_sdk::auth::{Begun, CodeFlow, TokenSet};
use kallyai_sdk::{Client, Error};
use kallyai_tests::RawServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

const BACK: &str = "https://app.example.com/callback";

async fn sandbox() -> Sandbox {
    start(Sandbox::builder().auto_approve(true)).await
}

async fn start(builder: Builder) -> Sandbox {
    builder.start().await.unwrap()
}

/// A public client.
fn public(sandbox: &Sandbox) -> CodeFlow {
    CodeFlow::builder(sandbox.client_id(), BACK)
        .base_url(sandbox.base_url())
        .build()
        .unwrap()
}

/// A confidential client.
fn confidential(sandbox: &Sandbox) -> CodeFlow {
    CodeFlow::builder(sandbox.client_id(), BACK)
        .base_url(sandbox.base_url())
        .client_secret(sandbox.client_secret())
        .scopes(["credits:read", "calls:read"])
        .build()
        .unwrap()
}

/// A client of a server that says anything.
fn raw(server: &RawServer) -> CodeFlow {
    CodeFlow::builder("id", "http://127.0.0.1:8740")
        .base_url(server.base_url())
        .client_secret("hunter2-secret")
        .build()
        .unwrap()
}

/// A request of a browser; where it is sent to.
async fn location(method: &str, url: &str, body: &str) -> String {
    let url = Url::parse(url).unwrap();
    let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
    let path = &url[url::Position::BeforePath..];
    let mut stream = TcpStream::connect((host, port)).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix("location: "));
    line.unwrap_or_else(|| panic!("no redirect: {answer}"))
        .to_owned()
}

/// What the browser comes back with.
async fn callback(begun: &Begun) -> String {
    location("GET", begun.url(), "").await
}

fn query(url: &str) -> HashMap<String, String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().into_owned().collect()
}

/// A callback that a server which says anything did not make.
fn made_up(begun: &Begun) -> String {
    format!("code=hunter2-code&state={}", query(begun.url())["state"])
}

async fn sign_in(flow: &CodeFlow) -> TokenSet {
    let begun = flow.begin();
    let back = callback(&begun).await;
    flow.finish(begun.secret(), &back).await.unwrap()
}

fn client(sandbox: &Sandbox, tokens: &TokenSet) -> Client {
    Client::builder()
        .base_url(sandbox.base_url())
        .access_token(tokens.access_token.clone())
        .build()
        .unwrap()
}

fn code(error: &Error) -> &str {
    error.code().map_or("none", |code| code.as_str())
}

/// An error as people, logs and reports see it.
fn shown(error: &Error) -> String {
    let mut shown = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(next) = source {
        shown = format!("{shown} {next} {next:?}");
        source = next.source();
    }
    shown
}
