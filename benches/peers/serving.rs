//! The server that all clients talk to: a process of its own, one thread, answers that are made ahead. It checks
//! nothing, so that its share is small and the same for all.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::Failure;
use crate::answers::{self, Answers};
use crate::scenario::SIZES;

/// A server, which ends with this.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    /// It serves until its input ends.
    input: Option<ChildStdin>,
    /// By the number of calls that the account has.
    addresses: BTreeMap<usize, String>,
}

impl Server {
    pub(crate) fn start() -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = process.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self {
            input: process.stdin.take(),
            process,
            addresses: serde_json::from_str(&line)?,
        })
    }

    /// Where the account with so many calls is served.
    pub(crate) fn base_url(&self, calls: usize) -> Result<&str, Failure> {
        let address = self.addresses.get(&calls);
        Ok(address.ok_or("no account has so many calls")?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

/// Prints where it serves, and serves until its input ends.
pub(crate) fn serve() -> Result<(), Failure> {
    std::thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0);
    });
    let document = answers::document()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut addresses = BTreeMap::new();
        let mut accounts = tokio::task::JoinSet::new();
        for calls in SIZES {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            addresses.insert(calls, format!("http://{}", listener.local_addr()?));
            accounts.spawn(accept(listener, Arc::new(Answers::new(&document, calls)?)));
        }
        writeln!(io::stdout(), "{}", serde_json::to_string(&addresses)?)?;
        while let Some(account) = accounts.join_next().await {
            account??;
        }
        Ok(())
    })
}

async fn accept(listener: TcpListener, answers: Arc<Answers>) -> io::Result<()> {
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let answers = Arc::clone(&answers);
        let service = service_fn(move |request| answer(request, Arc::clone(&answers)));
        tokio::spawn(
            hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service),
        );
    }
}

async fn answer(
    request: Request<Incoming>,
    answers: Arc<Answers>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let found = if head.method == Method::POST {
        body.collect().await?;
        match path {
            "/v1/calls" => Some((StatusCode::CREATED, answers.placed())),
            "/v1/auth/gpt/token" => Some((StatusCode::OK, answers.tokens.clone())),
            _ => None,
        }
    } else {
        let body = match path.strip_prefix("/v1/calls") {
            Some("") => {
                let query = head.uri.query().unwrap_or_default();
                let offset = number(query, "offset").unwrap_or_default();
                answers.calls(number(query, "limit"), offset)
            }
            Some(id) => Some(answers.call(id.trim_start_matches('/'))),
            None => None,
        };
        body.map(|body| (StatusCode::OK, body))
    };
    let (status, body) = found.unwrap_or((StatusCode::NOT_FOUND, Bytes::new()));
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

fn number(query: &str, name: &str) -> Option<usize> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name)?;
    value.parse().ok()
}
