//! HTTP on loopback: who gets in, and what they get.

use std::path::Path;
use std::time::Duration;

use kallyai_sandbox::Sandbox;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::client::{NUMBER, program, serving};
use crate::{quick, said, slow, to};

struct Served {
    /// Ends with it.
    child: Child,
    url: String,
    bearer: String,
    http: reqwest::Client,
}

/// Waits until it listens.
async fn started(mut command: Command, bearer: impl FnOnce() -> String) -> Served {
    // Another test may have done so.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await;
    let line = line.expect("it hangs").unwrap().expect("it has ended");
    let (_, url) = line
        .split_once("listening on ")
        .unwrap_or_else(|| panic!("{line}"));
    Served {
        child,
        url: url.to_owned(),
        bearer: bearer(),
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
    }
}

async fn with_file(sandbox: &Sandbox, file: &Path, flags: &[&str]) -> Served {
    let path = file.to_str().unwrap();
    let flags = [&["--http", "0", "--bearer-file", path], flags].concat();
    started(serving(sandbox, &flags), || {
        std::fs::read_to_string(file).unwrap()
    })
    .await
}

fn initialize() -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" },
    } })
}

impl Served {
    fn post(&self, body: &Value) -> RequestBuilder {
        self.http
            .post(&self.url)
            .bearer_auth(&self.bearer)
            .header("accept", "application/json, text/event-stream")
            .json(body)
    }

    /// A request of the newest protocol.
    fn newest(&self, method: &str, mut params: Value, can: &Value) -> RequestBuilder {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": can,
        });
        let name = params["name"].as_str().or(params["taskId"].as_str());
        let name = name.unwrap_or_default().to_owned();
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let request = self
            .post(&body)
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", method);
        if name.is_empty() {
            request
        } else {
            request.header("mcp-name", name)
        }
    }
}

/// The message with an id, as JSON or as an event.
async fn message(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    let text = response.text().await.unwrap();
    let events = text.lines().filter_map(|line| line.strip_prefix("data:"));
    events
        .chain([text.as_str()])
        .filter_map(|data| serde_json::from_str::<Value>(data).ok())
        .find(|message| message.get("id").is_some())
        .unwrap_or_else(|| panic!("{text}"))
}

#[tokio::test]
async fn only_who_knows_the_bearer_gets_in() {
    let sandbox = quick().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("bearer");
    let served = with_file(&sandbox, &file, &[]).await;
    assert_eq!(served.bearer.len(), 64);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let anonymous = served.http.post(&served.url).json(&initialize());
    let wrong = anonymous.try_clone().unwrap().bearer_auth("x".repeat(64));
    let account = anonymous
        .try_clone()
        .unwrap()
        .bearer_auth(sandbox.access_token());
    for request in [anonymous, wrong, account] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
    let right = served.post(&initialize()).send().await.unwrap();
    let answer = message(right).await;
    assert_eq!(answer["result"]["serverInfo"]["name"], "kallyai-mcp");

    // Every start has another one, in place of the file that was there.
    let next = with_file(&sandbox, &file, &[]).await;
    assert_ne!(next.bearer, served.bearer);
}

#[tokio::test]
async fn pages_of_other_hosts_do_not_get_in() {
    let sandbox = quick().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let served = with_file(&sandbox, &directory.path().join("bearer"), &[]).await;
    for (header, value, status) in [
        ("host", "evil.example", StatusCode::FORBIDDEN),
        ("host", "127.0.0.1:1", StatusCode::FORBIDDEN),
        ("origin", "https://evil.example", StatusCode::FORBIDDEN),
        ("origin", "null", StatusCode::FORBIDDEN),
        ("origin", "http://localhost:3000", StatusCode::OK),
        ("origin", "http://127.0.0.1:9", StatusCode::OK),
    ] {
        let request = served.post(&initialize()).header(header, value);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{header}: {value}");
    }
}

#[tokio::test]
async fn sessions_place_calls_and_the_bearer_goes_no_further() {
    let sandbox = quick().start().await.unwrap();
    let variables = [
        ("KALLYAI_BASE_URL", sandbox.base_url()),
        ("KALLYAI_ACCESS_TOKEN", sandbox.access_token()),
        ("KALLYAI_MCP_BEARER", "a bearer of 32 characters or more"),
    ];
    let flags = ["--http", "0", "--no-confirmation", "--place-wait", "10"];
    let bearer = || variables[2].1.to_owned();
    let served = started(program(&variables, &flags), bearer).await;
    let response = served.post(&initialize()).send().await.unwrap();
    let session = response.headers()["mcp-session-id"].clone();
    message(response).await;
    let send = async |body: Value| {
        let request = served.post(&body).header("mcp-session-id", session.clone());
        request
            .header("mcp-protocol-version", "2025-11-25")
            .send()
            .await
            .unwrap()
    };
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(send(ready).await.status(), StatusCode::ACCEPTED);
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
        "name": "calls_create", "arguments": to(NUMBER),
    } });
    let placed = message(send(call).await).await;
    assert_eq!(
        placed["result"]["structuredContent"]["status"], "success",
        "{placed}"
    );
    sandbox.assert_dialled_once(NUMBER);
    for entry in sandbox.journal() {
        let headers = Value::Object(entry.headers).to_string();
        assert!(!headers.contains("a bearer of"), "{headers}");
    }
}

/// The next message of a stream of events that is sent to the client or answers it.
async fn next(stream: &mut Response, seen: &mut String) -> Value {
    loop {
        if let Some((event, rest)) = seen.split_once("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data:"));
            let message = data.and_then(|data| serde_json::from_str(data).ok());
            *seen = String::from(rest);
            if let Some(message) = message {
                return message;
            }
            continue;
        }
        let chunk = tokio::time::timeout(Duration::from_secs(60), stream.chunk()).await;
        let chunk = chunk.expect("it hangs").unwrap().expect("it has ended");
        seen.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

#[tokio::test]
async fn a_session_asks_its_user() {
    let sandbox = quick().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("bearer");
    let served = with_file(&sandbox, &file, &["--place-wait", "10"]).await;
    let mut hello = initialize();
    hello["params"]["capabilities"] = json!({ "elicitation": { "form": {} } });
    let response = served.post(&hello).send().await.unwrap();
    let session = response.headers()["mcp-session-id"].clone();
    message(response).await;
    let send = async |body: Value| {
        let request = served.post(&body).header("mcp-session-id", session.clone());
        request.send().await.unwrap()
    };
    send(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
        "name": "calls_create", "arguments": to(NUMBER),
    } });
    let mut stream = send(call).await;
    let mut seen = String::new();
    let question = next(&mut stream, &mut seen).await;
    assert_eq!(question["method"], "elicitation/create", "{question}");
    assert!(sandbox.dialled().is_empty());
    let yes = json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept" } });
    assert_eq!(send(yes).await.status(), StatusCode::ACCEPTED);
    let placed = next(&mut stream, &mut seen).await;
    assert_eq!(
        placed["result"]["structuredContent"]["status"], "success",
        "{placed}"
    );
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn the_newest_protocol_has_no_sessions_and_asks_all_the_same() {
    let sandbox = quick().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("bearer");
    let served = with_file(&sandbox, &file, &["--place-wait", "10"]).await;
    let listed = served.newest("tools/list", json!({}), &json!({})).send();
    let listed = message(listed.await.unwrap()).await;
    assert!(
        listed["result"]["tools"].as_array().unwrap().len() > 9,
        "{listed}"
    );

    let mut call = json!({ "name": "calls_create", "arguments": to(NUMBER) });
    let send = async |call: &Value, can: Value| {
        let response = served.newest("tools/call", call.clone(), &can).send().await;
        message(response.unwrap()).await["result"].take()
    };
    let refused = send(&call, json!({})).await;
    assert_eq!(said(&refused)["kind"], "confirmation");
    let can = json!({ "elicitation": { "form": {} } });
    let question = send(&call, can.clone()).await;
    assert_eq!(question["resultType"], "input_required", "{question}");
    call["requestState"] = question["requestState"].clone();
    call["inputResponses"] = json!({ "agreement": { "action": "accept" } });
    let placed = send(&call, can.clone()).await;
    assert_eq!(placed["structuredContent"]["status"], "success", "{placed}");
    assert_eq!(said(&send(&call, can).await)["kind"], "confirmation");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_task_outlives_the_request_that_began_it() {
    let sandbox = slow().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("bearer");
    let flags = ["--no-confirmation", "--place-wait", "0"];
    let served = with_file(&sandbox, &file, &flags).await;
    let can = json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let send = async |method: &str, params: Value| {
        let response = served.newest(method, params, &can).send().await;
        message(response.unwrap()).await["result"].take()
    };
    let call = json!({ "name": "calls_create", "arguments": to(NUMBER) });
    let mut task = send("tools/call", call).await;
    assert_eq!(task["resultType"], "task", "{task}");
    let asked = json!({ "taskId": task["taskId"] });
    while sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    sandbox.advance(Duration::from_secs(60));
    while task["status"] == "working" {
        task = send("tasks/get", asked.clone()).await;
    }
    assert_eq!(task["status"], "completed", "{task}");
    assert_eq!(task["result"]["structuredContent"]["status"], "success");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_short_bearer_is_refused() {
    let sandbox = quick().start().await.unwrap();
    let variables = [
        ("KALLYAI_BASE_URL", sandbox.base_url()),
        ("KALLYAI_ACCESS_TOKEN", sandbox.access_token()),
        ("KALLYAI_MCP_BEARER", "short"),
    ];
    let (well, _, stderr) = crate::client::end_of(program(&variables, &["--http", "0"])).await;
    assert!(!well && stderr.contains("32 characters"), "{stderr}");
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_it_although_somebody_listens() {
    use rustix::process::{Pid, Signal, kill_process};

    let sandbox = quick().start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut served = with_file(&sandbox, &directory.path().join("bearer"), &[]).await;
    let response = served.post(&initialize()).send().await.unwrap();
    let session = response.headers()["mcp-session-id"].clone();
    message(response).await;
    let listening = served.http.get(&served.url).bearer_auth(&served.bearer);
    let listening = listening
        .header("accept", "text/event-stream")
        .header("mcp-session-id", session)
        .header("mcp-protocol-version", "2025-11-25")
        .send()
        .await
        .unwrap();
    assert_eq!(listening.status(), StatusCode::OK);
    let id = i32::try_from(served.child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), Signal::INT).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), served.child.wait()).await;
    assert!(ended.expect("it goes on").unwrap().success());
}
