//! The server as a client sees it that does as little as it can.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use kallyai_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Failure;

/// A process, which ends with this.
pub(crate) struct Server {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    last: u64,
}

impl Server {
    /// One that has answered `initialize`.
    pub(crate) fn start(binary: &str, sandbox: &Sandbox) -> Result<Self, Failure> {
        let mut process = Command::new(binary)
            .args(["--no-confirmation", "--place-wait", "10"])
            .env_clear()
            .env("KALLYAI_BASE_URL", sandbox.base_url())
            .env("KALLYAI_ACCESS_TOKEN", sandbox.access_token())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut server = Self {
            input: process.stdin.take().ok_or("no input")?,
            output: BufReader::new(process.stdout.take().ok_or("no output")?),
            process,
            last: 0,
        };
        let params = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "bench", "version": "1" },
        });
        server.request("initialize", &params)?;
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        server.send(&ready)?;
        Ok(server)
    }

    /// The answer, and the time from the first byte written to the last one read.
    pub(crate) fn request(
        &mut self,
        method: &str,
        params: &Value,
    ) -> Result<(Duration, Value), Failure> {
        self.last += 1;
        let id = self.last;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let mut line = String::new();
        let started = Instant::now();
        self.send(&message)?;
        self.output.read_line(&mut line)?;
        let time = started.elapsed();
        let answer: Value = serde_json::from_str(&line)?;
        if answer.get("id") == Some(&json!(id)) {
            Ok((time, answer))
        } else {
            Err(format!("{method} was answered {answer}").into())
        }
    }

    fn send(&mut self, message: &Value) -> Result<(), Failure> {
        // One piece: a line in two would be read in two.
        let line = format!("{message}\n");
        self.input.write_all(line.as_bytes())?;
        Ok(self.input.flush()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
