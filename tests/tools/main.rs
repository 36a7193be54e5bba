//! Operations as tools of an agent: what a model is told, what it may do, and what is dialled.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod calling;
mod custom;
mod definitions;
mod dispatch;
mod guide;
mod ledger;
mod numbers;
mod policy;
mod random;
mod session;

use kallyai_sandbox::{Builder, Sandbox};
use kallyai_sdk::Client;
use kallyai_sdk::tools::{Context, Policy, ToolAnswer, ToolError, Toolbox, Tools};
use serde_json::{Value, json};

/// A world in which phone calls are over at once.
fn quick() -> Builder {
    Sandbox::builder().call_seconds(0.0).auto_approve(true)
}

fn client(sandbox: &Sandbox) -> Client {
    Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap()
}

/// All tools, without questions.
fn all(sandbox: &Sandbox, policy: Policy) -> Tools {
    Tools::builder(client(sandbox))
        .policy(policy.without_confirmation())
        .all()
        .build()
        .unwrap()
}

fn call(number: &str) -> Value {
    json!({
        "submission": {
            "task_category": "restaurant",
            "task_description": "Reserve a table for 4 at 8 pm",
            "respondent_phone": number,
        },
        "timezone": "America/New_York",
    })
}

async fn ask(tools: &Tools, name: &str, arguments: Value) -> Result<ToolAnswer, ToolError> {
    tools.call(name, arguments, &Context::new()).await
}
