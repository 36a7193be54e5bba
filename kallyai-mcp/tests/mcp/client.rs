//! A client that writes lines, and reads them.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use kallyai_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

/// Longer than anything takes, unless it hangs.
const LIMIT: Duration = Duration::from_secs(60);

const PROGRAM: &str = env!("CARGO_BIN_EXE_kallyai-mcp");

pub(crate) const NUMBER: &str = "+12025550199";

/// The program with this environment, and no other.
pub(crate) fn program(variables: &[(&str, &str)], flags: &[&str]) -> Command {
    run(Path::new(PROGRAM), variables, flags)
}

/// The example with a client of its own, which reads no environment.
pub(crate) fn own_client(sandbox: &Sandbox, flags: &[&str]) -> Command {
    let example = Path::new(PROGRAM).parent().unwrap();
    let example = example.join("examples/own_client");
    let arguments = [&[sandbox.base_url(), sandbox.access_token()], flags].concat();
    run(&example, &[], &arguments)
}

fn run(program: &Path, variables: &[(&str, &str)], flags: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(flags)
        .env_clear()
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The program for the account of a sandbox.
pub(crate) fn serving(sandbox: &Sandbox, flags: &[&str]) -> Command {
    let variables = [
        ("KALLYAI_BASE_URL", sandbox.base_url()),
        ("KALLYAI_ACCESS_TOKEN", sandbox.access_token()),
    ];
    program(&variables, flags)
}

/// A client over stdio.
pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    errors: Option<ChildStderr>,
    /// What goes with every request of the newest protocol.
    meta: Option<Value>,
    last: u64,
    /// What came in between.
    pub(crate) heard: Vec<Value>,
}

impl Client {
    pub(crate) fn start(sandbox: &Sandbox, flags: &[&str]) -> Self {
        Self::of(serving(sandbox, flags))
    }

    pub(crate) fn of(mut program: Command) -> Self {
        let mut child = program.spawn().unwrap();
        Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()).lines(),
            errors: child.stderr.take(),
            child,
            meta: None,
            last: 0,
            heard: Vec::new(),
        }
    }

    /// Shakes hands by the protocol of 2025-11-25.
    pub(crate) async fn of_2025(sandbox: &Sandbox, flags: &[&str], can: Value) -> Self {
        let mut client = Self::start(sandbox, flags);
        client.initialize("2025-11-25", can).await;
        client
    }

    /// Speaks the protocol of 2026-07-28, which has no handshake.
    pub(crate) fn of_2026(sandbox: &Sandbox, flags: &[&str], can: &Value) -> Self {
        let mut client = Self::start(sandbox, flags);
        client.meta = Some(json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": can,
        }));
        client
    }

    pub(crate) async fn initialize(&mut self, version: &str, can: Value) -> Value {
        let params = json!({
            "protocolVersion": version,
            "capabilities": can,
            "clientInfo": { "name": "test", "version": "1" },
        });
        let answer = self.request("initialize", params).await;
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await;
        answer
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).await.unwrap();
        input.flush().await.unwrap();
    }

    /// The next message; everything on stdout is one.
    pub(crate) async fn receive(&mut self) -> Value {
        let line = tokio::time::timeout(LIMIT, self.output.next_line()).await;
        let line = line.expect("it hangs").unwrap().expect("it has ended");
        serde_json::from_str(&line).unwrap()
    }

    /// Sends a request and does not wait for its answer.
    pub(crate) async fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        self.last += 1;
        if let Some(meta) = &self.meta {
            let mut all = meta.clone();
            if let Some(Value::Object(more)) = params.get("_meta").cloned() {
                all.as_object_mut().unwrap().extend(more);
            }
            params["_meta"] = all;
        }
        let id = self.last;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(&message).await;
        id
    }

    /// Waits for the answer to a request.
    pub(crate) async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.receive().await;
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.heard.push(message);
        }
    }

    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        self.answer(id).await
    }

    pub(crate) async fn begin_call(&mut self, tool: &str, arguments: Value) -> u64 {
        let params = json!({ "name": tool, "arguments": arguments });
        self.begin("tools/call", params).await
    }

    /// Calls a tool: its result.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let id = self.begin_call(tool, arguments).await;
        let mut answer = self.answer(id).await;
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].take()
    }

    pub(crate) async fn tools(&mut self) -> Vec<Value> {
        let answer = self.request("tools/list", json!({})).await;
        answer["result"]["tools"].as_array().unwrap().clone()
    }

    pub(crate) async fn names(&mut self) -> Vec<String> {
        let tools = self.tools().await;
        let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
        tools.iter().map(name).collect()
    }

    /// Closes the program's stdin; whether it ends well, and what it has said on stderr.
    pub(crate) async fn close(mut self) -> (bool, String) {
        drop(self.input.take());
        let ended = tokio::time::timeout(LIMIT, self.child.wait()).await;
        let ended = ended.expect("it does not end").unwrap();
        let mut errors = String::new();
        let stderr = self.errors.as_mut().unwrap();
        tokio::io::AsyncReadExt::read_to_string(stderr, &mut errors)
            .await
            .unwrap();
        (ended.success(), errors)
    }
}

/// Runs the program to its end: whether it ended well, its stdout and its stderr.
pub(crate) async fn end_of(mut command: Command) -> (bool, String, String) {
    let ended = tokio::time::timeout(LIMIT, command.output()).await;
    let ended = ended.expect("it does not end").unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        ended.status.success(),
        text(ended.stdout),
        text(ended.stderr),
    )
}
