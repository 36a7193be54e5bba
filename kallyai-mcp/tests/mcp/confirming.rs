//! The user is asked before what dials, in the way that the client has.

use kallyai_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::client::{Client, NUMBER};
use crate::{quick, said, to};

#[tokio::test]
async fn where_nobody_can_ask_nothing_is_dialled() {
    let sandbox = quick().start().await.unwrap();
    let only_links = json!({ "elicitation": { "url": {} } });
    for can in [json!({}), only_links] {
        let mut old = Client::of_2025(&sandbox, &[], can.clone()).await;
        let mut new = Client::of_2026(&sandbox, &[], &can);
        for client in [&mut old, &mut new] {
            let refused = said(&client.call("calls_create", to(NUMBER)).await);
            assert_eq!(refused["kind"], "confirmation");
            let instead = refused["instead"].as_str().unwrap();
            assert!(instead.contains("--no-confirmation"), "{instead}");
            // What reads asks nobody.
            let balance = client.call("credits_balance", json!({})).await;
            assert_eq!(balance["isError"], false);
        }
    }
    assert!(sandbox.dialled().is_empty());
}

/// Places a call with a client that asks its user, who answers with this; the question, and the result.
async fn asked(sandbox: &Sandbox, can: Value, response: Value) -> (Value, Value) {
    let flags = ["--place-wait", "10"];
    let mut client = Client::of_2025(sandbox, &flags, can).await;
    let id = client.begin_call("calls_create", to(NUMBER)).await;
    let question = client.receive().await;
    assert_eq!(question["method"], "elicitation/create");
    assert!(sandbox.dialled().is_empty(), "nobody has agreed yet");
    let mut answer = json!({ "jsonrpc": "2.0", "id": question["id"] });
    answer["result"] = response;
    client.send(&answer).await;
    let mut answer = client.answer(id).await;
    (question, answer["result"].take())
}

#[tokio::test]
async fn an_older_client_asks_its_user() {
    for can in [
        json!({ "elicitation": {} }),
        json!({ "elicitation": { "form": {} } }),
    ] {
        let sandbox = quick().start().await.unwrap();
        let yes = json!({ "action": "accept", "content": {} });
        let (question, result) = asked(&sandbox, can, yes).await;
        let message = question["params"]["message"].as_str().unwrap();
        assert!(
            message.contains("rings a phone") && message.contains(NUMBER),
            "{message}"
        );
        assert_eq!(question["params"]["mode"], "form");
        assert_eq!(question["params"]["requestedSchema"]["type"], "object");
        assert_eq!(result["structuredContent"]["status"], "success", "{result}");
        sandbox.assert_dialled_once(NUMBER);
    }
}

#[tokio::test]
async fn only_a_yes_is_one() {
    let sandbox = quick().start().await.unwrap();
    for action in ["decline", "cancel"] {
        let can = json!({ "elicitation": { "form": {} } });
        let (_, result) = asked(&sandbox, can, json!({ "action": action })).await;
        assert_eq!(said(&result)["kind"], "declined");
    }
    // A client that answers with nonsense has not asked anybody.
    let can = json!({ "elicitation": { "form": {} } });
    let (_, result) = asked(&sandbox, can, json!({ "action": "perhaps" })).await;
    assert_eq!(said(&result)["kind"], "confirmation");
    assert!(sandbox.dialled().is_empty());
}

#[tokio::test]
async fn a_question_can_be_cancelled() {
    let sandbox = quick().start().await.unwrap();
    let can = json!({ "elicitation": { "form": {} } });
    let mut client = Client::of_2025(&sandbox, &[], can).await;
    let id = client.begin_call("calls_create", to(NUMBER)).await;
    let question = client.receive().await;
    let cancelled = json!({
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": { "requestId": id },
    });
    client.send(&cancelled).await;
    client.names().await;
    // Too late.
    let yes = json!({ "jsonrpc": "2.0", "id": question["id"], "result": { "action": "accept" } });
    client.send(&yes).await;
    client.names().await;
    assert!(sandbox.dialled().is_empty());
}

/// A client of the newest protocol, which can ask.
fn newest(sandbox: &Sandbox) -> Client {
    let can = json!({ "elicitation": { "form": {} } });
    Client::of_2026(sandbox, &["--place-wait", "10"], &can)
}

/// Sends a request again, with what the user has said and the state that came with the question.
async fn again(client: &mut Client, arguments: Value, state: &Value, action: &str) -> Value {
    let params = json!({
        "name": "calls_create",
        "arguments": arguments,
        "requestState": state,
        "inputResponses": { "agreement": { "action": action } },
    });
    let mut answer = client.request("tools/call", params).await;
    answer["result"].take()
}

#[tokio::test]
async fn a_client_of_the_newest_protocol_sends_the_agreement_along() {
    let sandbox = quick().start().await.unwrap();
    let mut client = newest(&sandbox);
    let question = client.call("calls_create", to(NUMBER)).await;
    assert_eq!(question["resultType"], "input_required", "{question}");
    let form = &question["inputRequests"]["agreement"];
    assert_eq!(form["method"], "elicitation/create");
    assert!(form["params"]["message"].as_str().unwrap().contains(NUMBER));
    assert!(sandbox.dialled().is_empty());
    let placed = again(&mut client, to(NUMBER), &question["requestState"], "accept").await;
    assert_eq!(placed["structuredContent"]["status"], "success", "{placed}");
    sandbox.assert_dialled_once(NUMBER);

    // It is used up.
    let used = again(&mut client, to(NUMBER), &question["requestState"], "accept").await;
    assert_eq!(said(&used)["kind"], "confirmation");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn an_agreement_is_for_nothing_else() {
    let sandbox = quick().start().await.unwrap();
    let mut client = newest(&sandbox);
    let question = client.call("calls_create", to(NUMBER)).await;
    let state = &question["requestState"];
    let mut task = to(NUMBER);
    task["submission"]["task_description"] = json!("Cancel the table");
    let mut attempt = to(NUMBER);
    attempt["attempt"] = json!(2);
    for other in [to("+12025550150"), task, attempt] {
        let refused = again(&mut client, other, state, "accept").await;
        assert_eq!(said(&refused)["kind"], "confirmation");
    }
    // Of another server, or made up.
    let foreign = newest(&sandbox).call("calls_create", to(NUMBER)).await;
    for state in [&foreign["requestState"], &json!("rs1.AAAA.AAAA")] {
        let refused = again(&mut client, to(NUMBER), state, "accept").await;
        assert_eq!(said(&refused)["kind"], "confirmation");
    }
    assert!(sandbox.dialled().is_empty());
}

#[tokio::test]
async fn without_a_yes_the_newest_protocol_dials_nothing() {
    let sandbox = quick().start().await.unwrap();
    let mut client = newest(&sandbox);
    for action in ["decline", "cancel", "perhaps"] {
        let question = client.call("calls_create", to(NUMBER)).await;
        let state = &question["requestState"];
        let declined = again(&mut client, to(NUMBER), state, action).await;
        assert_eq!(said(&declined)["kind"], "declined");
        // A no is used up as well.
        let used = again(&mut client, to(NUMBER), state, "accept").await;
        assert_eq!(said(&used)["kind"], "confirmation");
    }
    // The answer without the state is no answer.
    let params = json!({
        "name": "calls_create",
        "arguments": to(NUMBER),
        "inputResponses": { "agreement": { "action": "accept" } },
    });
    let answer = client.request("tools/call", params).await;
    assert_eq!(answer["result"]["resultType"], "input_required");
    // The state without an answer is asked about again, and is used up.
    let state = &answer["result"]["requestState"];
    let mut params = json!({
        "name": "calls_create",
        "arguments": to(NUMBER),
        "requestState": state,
        "inputResponses": { "something else": { "action": "accept" } },
    });
    let answer = client.request("tools/call", params.clone()).await;
    assert_eq!(answer["result"]["resultType"], "input_required");
    assert_ne!(&answer["result"]["requestState"], state);
    params["inputResponses"] = json!({ "agreement": { "action": "accept" } });
    let answer = client.request("tools/call", params).await;
    assert_eq!(said(&answer["result"])["kind"], "confirmation");
    assert!(sandbox.dialled().is_empty());
}
