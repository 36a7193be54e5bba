//! The tool that places calls: it dials what it was asked for once, whatever a model does.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::arguments::{Arguments, hash};
use super::definition::Tool;
use super::error::ToolError;
use super::kit::Context;
use crate::client::Client;
use crate::error::Error;
use crate::place::{Fingerprint, Placement, Sighting};
use crate::types::CallRequest;

pub(super) const CALLS_CREATE: &str = "calls_create";

/// Which try it is; the others are arguments of the operation.
pub(super) const ATTEMPT: &str = "attempt";

/// The status of a call that goes on.
const PLACED: &str = "placed";

/// Adds what the tool has beyond the operation.
pub(super) fn adapt(tool: &mut Tool) {
    let mut input = tool.input_schema().clone();
    add_attempt(&mut input);
    tool.set_input(input);
    tool.description.push_str(
        " The same number and task are dialled once: asking again answers with the same call. It answers when \
         the call is over, or with the status placed and the idempotency_key by which calls_wait goes on \
         waiting.",
    );
}

/// Another try has another number.
pub(super) fn add_attempt(schema: &mut Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(
            ATTEMPT.to_owned(),
            json!({
                "type": "integer",
                "minimum": 1,
                "maximum": 20,
                "description": "Which try this is, 1 by default. Only a higher number dials the same number \
                    with the same task again: ask the user before.",
            }),
        );
    }
}

/// The tool that waits for a call that was placed.
pub(super) fn wait_tool(like: &Tool) -> Tool {
    let mut tool = like.named(
        "calls_wait",
        "Wait for a placed call",
        "Waits for a call that calls_create has placed, and answers with it; or with the status placed, if it \
         goes on. Dials nothing and costs nothing.",
    );
    let mut properties = Map::new();
    properties.insert(
        "idempotency_key".to_owned(),
        json!({ "type": "string", "description": "The key that calls_create has answered with." }),
    );
    tool.set_input(super::definition::object(&properties, &["idempotency_key"]));
    // Whoever waits was told by the tool that places calls what a call is like.
    tool.set_output(json!({
        "type": "object",
        "properties": {
            "call_id": {},
            "status": { "description": "placed while the call goes on; then how it ended." },
            "idempotency_key": { "description": "Only while it goes on." },
        },
        "required": ["call_id", "status"],
    }));
    tool.hints.read_only = true;
    tool.hints.destructive = false;
    tool.hints.idempotent = true;
    tool.hints.costs_credits = false;
    tool
}

/// What a call is known by: its number, its task, and which try it is. It tells neither.
pub(super) fn key(session: &str, request: &CallRequest, attempt: u64) -> String {
    let fingerprint = Fingerprint::of_request(request);
    format!(
        "tool-{}",
        hash(&format!("{session} {fingerprint} {attempt}"))
    )
}

/// Places the call, or finds the one that has this key already, and waits as long as it may.
pub(super) async fn place(
    client: &Client,
    request: CallRequest,
    key: String,
    context: &Context,
) -> Result<Value, ToolError> {
    let placed = client
        .calls()
        .place(request)
        .idempotency_key(key.as_str())
        .await?;
    let waited = tokio::time::timeout(context.wait, placed.outcome()).await;
    match waited {
        Ok(outcome) => encode(&outcome?),
        Err(_) => Ok(on_its_way(&key, placed.call_id().as_deref())),
    }
}

/// Looks for a call that another process has placed with this key, and sends nothing.
pub(super) async fn find(
    client: &Client,
    request: &CallRequest,
    key: String,
    at: DateTime<Utc>,
    context: &Context,
) -> Result<Value, ToolError> {
    let placement = Placement::of(key, Fingerprint::of_request(request), at);
    // So that it can be waited for here too.
    client.places().log.begin(&placement).map_err(Error::from)?;
    resume(client, &placement, context).await
}

/// Waits for a call that was placed with this key; answers with the key too.
pub(super) async fn wait(
    client: &Client,
    arguments: &Arguments,
    context: &Context,
) -> Result<(String, Value), ToolError> {
    let key: String = arguments
        .clone()
        .take("idempotency_key")
        .and_then(|key| Some(key.as_str()?.to_owned()))
        .unwrap_or_default();
    let entries = client.places().log.entries().map_err(Error::from)?;
    let known = entries
        .into_iter()
        .find(|entry| entry.placement.key() == key);
    let Some(placement) = known.map(|entry| entry.placement) else {
        return Err(ToolError::refused(
            "no call was placed with this key",
            "place it with calls_create",
        ));
    };
    let answered = resume(client, &placement, context).await?;
    Ok((key, answered))
}

async fn resume(
    client: &Client,
    placement: &Placement,
    context: &Context,
) -> Result<Value, ToolError> {
    let placed = client.calls().resume(placement).await?;
    match tokio::time::timeout(context.wait, placed.outcome()).await {
        Ok(outcome) => encode(&outcome?),
        Err(_) => match placed.look().await {
            Ok(Sighting::Call(call)) if call.is_over() => encode(&call),
            _ => Ok(on_its_way(placement.key(), placed.call_id().as_deref())),
        },
    }
}

fn encode(call: &crate::types::Call) -> Result<Value, ToolError> {
    serde_json::to_value(call).map_err(|_| ToolError::bug("the call cannot be written as JSON"))
}

/// Whether an answer is a handle, and the call goes on.
pub(super) fn goes_on(answer: &Value) -> bool {
    answer.get("status").and_then(Value::as_str) == Some(PLACED)
}

/// The handle of a call that goes on.
pub(super) fn handle(answer: &Value) -> Option<String> {
    let key = answer.get("idempotency_key").filter(|_| goes_on(answer))?;
    Some(key.as_str()?.to_owned())
}

fn on_its_way(key: &str, call_id: Option<&str>) -> Value {
    json!({ "status": PLACED, "idempotency_key": key, "call_id": call_id })
}

/// How long a program waits that says nothing.
pub(super) const WAIT: Duration = Duration::from_secs(330);
