//! The servers that are asked the same, each in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kallyai_bench::load::{Connection, request};
use kallyai_bench::server;
use serde_json::Value;

use crate::Failure;
use crate::world::{self, SUCCEEDS, getting, place};

/// What else there is to measure.
#[derive(Debug, Default)]
pub(crate) struct Others {
    pub(crate) binary: Option<String>,
    prism: Option<(String, String)>,
}

/// A server, and the request for one call that it has.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: String,
    pub(crate) request: Vec<u8>,
    process: Child,
}

impl Others {
    pub(crate) fn new(binary: &str, prism: Option<(&str, &str)>) -> Self {
        Self {
            binary: Some(binary.to_owned()),
            prism: prism.map(|(command, document)| (command.to_owned(), document.to_owned())),
        }
    }

    /// Prism, with the time from its start to its first answer.
    pub(crate) async fn prism(&self) -> Result<Option<(Server, Duration)>, Failure> {
        let Some((command, document)) = &self.prism else {
            return Ok(None);
        };
        // It takes no port 0.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let started = Instant::now();
        let mut prism = Server {
            name: "Prism",
            address: format!("127.0.0.1:{port}"),
            request: getting("a-token", "7f6a1c1e-6a47-4c0c-9a53-0b2f5d8a9e01"),
            process: Command::new(command)
                .args(["mock", "-v", "silent", "-p", &port.to_string(), document])
                .stdout(Stdio::null())
                .spawn()?,
        };
        while started.elapsed() < Duration::from_secs(30) {
            if let Ok(mut connection) = Connection::open(&prism.address).await {
                let status = connection.ask(&prism.request).await?.status;
                if status != 200 {
                    return Err(format!("Prism answered {status}").into());
                }
                return Ok(Some((prism, started.elapsed())));
            }
            if prism.process.try_wait()?.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Err("Prism does not answer".into())
    }

    /// The binary, which has printed its line.
    pub(crate) fn binary(&self) -> Result<Option<(Server, String)>, Failure> {
        let Some(binary) = &self.binary else {
            return Ok(None);
        };
        let mut command = Command::new(binary);
        command.args(["--call-seconds", "0"]).stderr(Stdio::null());
        let (process, line) = spawn(command)?;
        let line: Value = serde_json::from_str(&line)?;
        let text = |name: &str| {
            let text = line.get(name).and_then(Value::as_str);
            text.map(str::to_owned).ok_or("a line that is not complete")
        };
        let token = text("access_token")?;
        let server = Server {
            name: "`kallyai-sandbox`, log to `/dev/null`",
            address: text("base_url")?.trim_start_matches("http://").to_owned(),
            request: request("GET", "/v1/calls", &token, ""),
            process,
        };
        Ok(Some((server, token)))
    }
}

impl Server {
    /// One of the servers of this program.
    pub(crate) fn own(name: &'static str, argument: &str) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(argument).stdin(Stdio::piped());
        let (process, line) = spawn(command)?;
        let mut words = line.split_whitespace();
        let mut word = || words.next().ok_or("a line that is not complete");
        Ok(Self {
            name,
            address: word()?.to_owned(),
            request: getting(word()?, word()?),
            process,
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A process, and the first line that it prints.
fn spawn(mut command: Command) -> Result<(Child, String), Failure> {
    let mut process = command.stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    let output = process.stdout.take().ok_or("no output")?;
    BufReader::new(output).read_line(&mut line)?;
    Ok((process, line))
}

/// A world with a call in it, until the input ends.
pub(crate) async fn serve() -> Result<(), Failure> {
    let sandbox = world::start().await?;
    let mut connection = Connection::open(world::address(&sandbox)).await?;
    let id = place(&mut connection, sandbox.access_token(), SUCCEEDS).await?;
    println!(
        "{} {} {id}",
        world::address(&sandbox),
        sandbox.access_token()
    );
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// hyper with one answer for everything, until the input ends: what the machine gives at most.
pub(crate) fn serve_plain() -> Result<(), Failure> {
    println!("{} token call", server::start(0, Duration::ZERO)?);
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
