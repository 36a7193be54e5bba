//! Calls that go on, as tasks of clients that have the extension.

use std::time::Duration;

use kallyai_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{Client, NUMBER};
use crate::{quick, said, slow, to};

const FLAGS: [&str; 3] = ["--no-confirmation", "--place-wait", "0"];

/// What a client declares that has tasks, and more.
fn with_tasks(mut more: Value) -> Value {
    more["extensions"] = json!({ "io.modelcontextprotocol/tasks": {} });
    more
}

fn newest(sandbox: &Sandbox) -> Client {
    Client::of_2026(sandbox, &FLAGS, &with_tasks(json!({})))
}

/// Places the call: the task of it.
async fn placed(client: &mut Client) -> Value {
    let task = client.call("calls_create", to(NUMBER)).await;
    assert_eq!(task["resultType"], "task", "{task}");
    assert_eq!(task["status"], "working");
    task
}

async fn get(client: &mut Client, task: &Value) -> Value {
    let params = json!({ "taskId": task["taskId"] });
    let mut answer = client.request("tasks/get", params).await;
    assert!(answer.get("error").is_none(), "{answer}");
    answer["result"].take()
}

/// Asks for the task until it is over.
async fn ended(client: &mut Client, task: &Value) -> Value {
    loop {
        let now = get(client, task).await;
        if now["status"] != "working" {
            return now;
        }
    }
}

async fn dialled(sandbox: &Sandbox) {
    while sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_call_that_goes_on_is_a_task() {
    let sandbox = slow().start().await.unwrap();
    let mut client = newest(&sandbox);
    let discovered = client.request("server/discover", json!({})).await;
    let extensions = &discovered["result"]["capabilities"]["extensions"];
    assert!(extensions["io.modelcontextprotocol/tasks"].is_object());

    let task = placed(&mut client).await;
    for field in ["ttlMs", "pollIntervalMs"] {
        assert!(task[field].is_u64(), "{task}");
    }
    dialled(&sandbox).await;
    let working = get(&mut client, &task).await;
    assert_eq!(working["resultType"], "complete");
    assert_eq!(working["status"], "working");
    assert!(working.get("result").is_none(), "{working}");

    sandbox.advance(Duration::from_secs(60));
    let over = ended(&mut client, &task).await;
    assert_eq!(over["status"], "completed", "{over}");
    let result = &over["result"];
    assert_eq!(result["isError"], false, "{over}");
    assert_eq!(result["structuredContent"]["status"], "success");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn the_same_call_is_the_same_task() {
    let sandbox = slow().start().await.unwrap();
    let mut client = newest(&sandbox);
    let first = placed(&mut client).await;
    let second = placed(&mut client).await;
    assert_eq!(first["taskId"], second["taskId"]);
    let other = client.call("calls_create", to("+12025550150")).await;
    assert_ne!(first["taskId"], other["taskId"]);
    dialled(&sandbox).await;
    sandbox.advance(Duration::from_secs(60));
    let over = ended(&mut client, &second).await;
    assert_eq!(over["status"], "completed", "{over}");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_cancelled_task_leaves_its_call_in_a_known_state() {
    let sandbox = slow().start().await.unwrap();
    let mut client = newest(&sandbox);
    let first = placed(&mut client).await;
    dialled(&sandbox).await;
    let params = json!({ "taskId": first["taskId"] });
    let answer = client.request("tasks/cancel", params).await;
    assert_eq!(answer["result"]["resultType"], "complete", "{answer}");
    assert_eq!(ended(&mut client, &first).await["status"], "cancelled");

    // The call goes on; who asks for it again waits for the same one.
    let second = placed(&mut client).await;
    assert_ne!(first["taskId"], second["taskId"]);
    sandbox.advance(Duration::from_secs(60));
    let over = ended(&mut client, &second).await;
    let call = &over["result"]["structuredContent"];
    assert_eq!(call["status"], "success", "{over}");
    assert_eq!(get(&mut client, &first).await["status"], "cancelled");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn the_user_is_asked_before_there_is_a_task() {
    let sandbox = slow().start().await.unwrap();
    let can = with_tasks(json!({ "elicitation": { "form": {} } }));
    let flags = ["--place-wait", "0"];
    let mut client = Client::of_2026(&sandbox, &flags, &can);
    for (action, kind) in [("decline", "declined"), ("accept", "")] {
        let question = client.call("calls_create", to(NUMBER)).await;
        assert_eq!(question["resultType"], "input_required", "{question}");
        assert!(sandbox.dialled().is_empty());
        let params = json!({
            "name": "calls_create",
            "arguments": to(NUMBER),
            "requestState": question["requestState"],
            "inputResponses": { "agreement": { "action": action } },
        });
        let answer = client.request("tools/call", params).await;
        if action == "accept" {
            assert_eq!(answer["result"]["resultType"], "task", "{answer}");
        } else {
            assert_eq!(said(&answer["result"])["kind"], kind);
        }
    }
    dialled(&sandbox).await;
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn an_older_client_that_declares_tasks_has_them() {
    let sandbox = slow().start().await.unwrap();
    let can = with_tasks(json!({ "elicitation": {} }));
    let mut client = Client::of_2025(&sandbox, &["--place-wait", "0"], can).await;
    let id = client.begin_call("calls_create", to(NUMBER)).await;
    let question = client.receive().await;
    assert_eq!(question["method"], "elicitation/create");
    assert!(sandbox.dialled().is_empty());
    let yes = json!({ "action": "accept", "content": {} });
    let answer = json!({ "jsonrpc": "2.0", "id": question["id"], "result": yes });
    client.send(&answer).await;
    let task = client.answer(id).await["result"].take();
    assert_eq!(task["resultType"], "task", "{task}");
    dialled(&sandbox).await;
    sandbox.advance(Duration::from_secs(60));
    let over = ended(&mut client, &task).await;
    assert_eq!(over["status"], "completed", "{over}");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_refusal_and_a_quick_call_are_no_tasks() {
    let sandbox = quick().start().await.unwrap();
    let flags = [
        "--no-confirmation",
        "--place-wait",
        "10",
        "--countries",
        "US",
    ];
    let mut client = Client::of_2026(&sandbox, &flags, &with_tasks(json!({})));
    let refused = client.call("calls_create", to("+442071838750")).await;
    assert_eq!(said(&refused)["kind"], "refused");
    let over = client.call("calls_create", to(NUMBER)).await;
    assert_eq!(over["structuredContent"]["status"], "success", "{over}");
    let balance = client.call("credits_balance", json!({})).await;
    assert_eq!(balance["resultType"], "complete");
}

#[tokio::test]
async fn only_who_has_tasks_is_told_of_them() {
    let sandbox = slow().start().await.unwrap();
    let mut client = Client::of_2026(&sandbox, &FLAGS, &json!({}));
    let placed = client.call("calls_create", to(NUMBER)).await;
    assert_eq!(placed["structuredContent"]["status"], "placed", "{placed}");
    let params = json!({ "taskId": "none" });
    let refused = client.request("tasks/get", params.clone()).await;
    assert_eq!(refused["error"]["code"], -32021, "{refused}");
    // Without the tool that waits nobody waits.
    let flags = [&FLAGS[..], &["--exclude-tools", "calls_wait"]].concat();
    let mut client = Client::of_2026(&sandbox, &flags, &with_tasks(json!({})));
    let placed = client.call("calls_create", to("+12025550150")).await;
    assert_eq!(placed["structuredContent"]["status"], "placed", "{placed}");
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let mut params = params.clone();
        params["inputResponses"] = json!({});
        let unknown = client.request(method, params).await;
        assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    }
}
