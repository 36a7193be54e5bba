//! A provider on this machine, whose model is a script: it speaks as much of OpenAI's chat completions as the
//! frameworks need. The model does what a model must not do: it forgets that it has called, and tries a number that
//! the policy does not let it reach.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Whom the agent is asked to call.
const RESTAURANT: &str = "+12025550199";
/// Whom it calls of its own accord.
const LONDON: &str = "+442071838750";

/// The provider, which ends with the program.
pub struct ScriptedModel {
    /// Where it is, with its version and without a slash at the end.
    pub base_url: String,
    told: Told,
}

/// What the model was told last: the definitions of the tools, and their answers.
type Told = Arc<Mutex<Value>>;

impl ScriptedModel {
    pub async fn start() -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let base_url = format!("http://{}/v1", listener.local_addr()?);
        let told = Told::default();
        let router = Router::new()
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::clone(&told));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { base_url, told })
    }

    /// How many tools the model knows.
    pub fn tools(&self) -> usize {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told["tools"].as_array().map_or(0, Vec::len)
    }

    /// What the tools have answered.
    pub fn answers(&self) -> Vec<String> {
        answers(&self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn complete(State(told): State<Told>, Json(request): Json<Value>) -> Json<Value> {
    let turn = answers(&request).len();
    let message = match turn {
        0 | 1 => wish(turn, RESTAURANT, "Reserve a table for 4 at 8 pm"),
        2 => wish(turn, LONDON, "Say that the table is booked"),
        _ => {
            json!({ "role": "assistant", "content": "The table is booked. I may not call London." })
        }
    };
    let reason = if message.get("tool_calls").is_some() {
        "tool_calls"
    } else {
        "stop"
    };
    *told.lock().unwrap_or_else(PoisonError::into_inner) = request;
    Json(json!({
        "id": format!("chatcmpl-{turn}"),
        "object": "chat.completion",
        "created": 1_764_115_200,
        "model": "script",
        "choices": [{ "index": 0, "message": message, "finish_reason": reason }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 },
    }))
}

fn wish(turn: usize, number: &str, task: &str) -> Value {
    let arguments = json!({
        "submission": {
            "task_category": "restaurant",
            "task_description": task,
            "respondent_phone": number,
        },
        "timezone": "America/New_York",
    });
    let function = json!({ "name": "calls_create", "arguments": arguments.to_string() });
    let call = json!({ "id": format!("call_{turn}"), "type": "function", "function": function });
    json!({ "role": "assistant", "content": null, "tool_calls": [call] })
}

/// What the tools have answered, as it stands in a request. A text may be in parts.
fn answers(request: &Value) -> Vec<String> {
    let messages = request["messages"].as_array();
    let messages = messages.into_iter().flatten();
    messages
        .filter(|message| message["role"] == "tool")
        .map(|message| match &message["content"] {
            Value::String(text) => text.clone(),
            parts => parts.to_string(),
        })
        .collect()
}
