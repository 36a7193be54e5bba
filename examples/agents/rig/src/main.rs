//! The tools as those of [rig](https://docs.rs/rig): its agent runs the loop.
//!
//! `cargo run` talks to the sandbox and to a scripted model, both on this machine: no account, no phone rings. With
//! a model of a provider, `OpenAIConfig::from_env()` and the like take the place of the address.

#[path = "../../outcome.rs"]
mod outcome;
#[path = "../../scripted_model.rs"]
mod scripted_model;

use std::error::Error;
use std::sync::Arc;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::tools::{Context, ToolError, ToolErrorKind, Toolbox};
use rig::AgentBuilder;
use rig::message::ToolName;
use rig::providers::openai::{OpenAIConfig, Route};
use rig::tool::{DynamicTool, ToolExecutionError, ToolOutput};
use serde_json::Value;

use scripted_model::ScriptedModel;

/// The tools, as rig has them.
fn dynamic(tools: &Arc<dyn Toolbox>) -> Result<Vec<DynamicTool>, Box<dyn Error>> {
    let mut dynamic = Vec::new();
    for tool in tools.definitions() {
        let (tools, name) = (Arc::clone(tools), tool.name().to_owned());
        dynamic.push(DynamicTool::new(
            ToolName::new(tool.name())?,
            tool.description(),
            tool.input_schema().clone(),
            move |arguments: Value| {
                let (tools, name) = (Arc::clone(&tools), name.clone());
                Box::pin(async move {
                    match tools.call(&name, arguments, &Context::new()).await {
                        Ok(answer) => Ok(ToolOutput::text(answer.to_text())),
                        Err(error) => Err(failure(&error)),
                    }
                })
            },
        ));
    }
    Ok(dynamic)
}

/// A failure that tells the model what it may do instead. None of them is to be tried again by itself.
fn failure(error: &ToolError) -> ToolExecutionError {
    let told = error.to_json().to_string();
    match error.kind() {
        ToolErrorKind::UnknownTool => ToolExecutionError::not_found(told),
        ToolErrorKind::Arguments => ToolExecutionError::invalid_args(told),
        ToolErrorKind::Refused | ToolErrorKind::Confirmation | ToolErrorKind::Declined => {
            ToolExecutionError::refused(told)
        }
        _ => ToolExecutionError::other(told),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    outcome::choose_cryptography();
    // They live as long as these variables.
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await?;
    let model = ScriptedModel::start().await?;
    let tools: Arc<dyn Toolbox> = Arc::new(outcome::tools(&sandbox)?);

    let mut provider = OpenAIConfig::new("none").with_route(Route::Chat);
    provider.base_url = model.base_url.clone();
    let agent = AgentBuilder::new(provider.client().completion("script"))
        .dynamic_tools(dynamic(&tools)?)
        .build();
    let response = agent
        .prompt("Book a table for 4 at 8 pm")
        .max_turns(8)
        .await?;
    outcome::print(&sandbox, &model, &response.output());
    Ok(())
}
