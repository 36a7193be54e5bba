//! The programs that the command also is.

use kallyai_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{Home, Running};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_mcp_server_serves_whoever_is_signed_in() {
    let home = Home::new();
    let sandbox = Sandbox::start().await.unwrap();
    let mut command = home.kallyai(&sandbox);
    command.args(["mcp", "--read-only", "--tools", "credits_balance"]);
    let mut server = Running::start(&mut command);
    let initialize = json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        },
    });
    server.say(&initialize.to_string());
    let answer: Value = server.json();
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25");
    server.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
    let call = json!({
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": { "name": "credits_balance", "arguments": {} },
    });
    server.say(&call.to_string());
    let answer: Value = server.json();
    assert_eq!(
        answer["result"]["structuredContent"]["credits_remaining"],
        200
    );
    let (status, out, _) = server.end();
    assert!(status.success());
    assert!(out.is_empty(), "{out:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sandbox_serves_another_run_of_the_command() {
    let home = Home::new();
    let mut command = home.command();
    command.args(["sandbox", "--seed", "1"]);
    let serving = Running::start(&mut command);
    let line: Value = serving.json();
    let mut command = home.command();
    command
        .args(["credits", "balance"])
        .env("KALLYAI_BASE_URL", line["base_url"].as_str().unwrap())
        .env(
            "KALLYAI_ACCESS_TOKEN",
            line["access_token"].as_str().unwrap(),
        );
    let ended = command.output().unwrap();
    assert!(ended.status.success());
    serving.interrupt();
    let (status, ..) = serving.end();
    assert!(status.success());
}
