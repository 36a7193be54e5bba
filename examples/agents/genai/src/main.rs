//! The tools as those of [genai](https://docs.rs/genai): the loop is the program's own.
//!
//! `cargo run` talks to the sandbox and to a scripted model, both on this machine: no account, no phone rings. With
//! a model of a provider the resolver goes away, and genai reads the key from the environment.

#[path = "../../outcome.rs"]
mod outcome;
#[path = "../../scripted_model.rs"]
mod scripted_model;

use std::error::Error;

use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatRequest, Tool, ToolResponse};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ModelIden, ServiceTarget};
use kallyai_sandbox::Sandbox;
use kallyai_sdk::tools::{Context, Toolbox};

use scripted_model::ScriptedModel;

/// No loop goes on for ever.
const TURNS: usize = 8;

/// The definitions, as genai writes them.
fn definitions(tools: &dyn Toolbox) -> Vec<Tool> {
    let definitions = tools.definitions().iter();
    definitions
        .map(|tool| {
            Tool::new(tool.name())
                .with_description(tool.description())
                .with_schema(tool.input_schema().clone())
        })
        .collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    outcome::choose_cryptography();
    // They live as long as these variables.
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await?;
    let model = ScriptedModel::start().await?;
    let tools = outcome::tools(&sandbox)?;
    let genai = on(format!("{}/", model.base_url))?;

    let mut chat =
        ChatRequest::from_user("Book a table for 4 at 8 pm").with_tools(definitions(&tools));
    let mut said = String::new();
    for _ in 0..TURNS {
        let response = genai.exec_chat("script", chat.clone(), None).await?;
        said = response.first_text().unwrap_or_default().to_owned();
        let wishes = response.into_tool_calls();
        if wishes.is_empty() {
            break;
        }
        chat = chat.append_message(wishes.clone());
        for wish in wishes {
            let context = Context::new();
            let called = tools.call(&wish.fn_name, wish.fn_arguments.clone(), &context);
            // A refusal is an answer too: the model is told what it may do instead.
            let answer = match called.await {
                Ok(answer) => answer.to_text(),
                Err(error) => error.to_json().to_string(),
            };
            let answer = ToolResponse::from_tool_call(&wish, answer);
            chat = chat.append_message(ChatMessage::from(answer));
        }
    }
    outcome::print(&sandbox, &model, &said);
    Ok(())
}

/// A client for a provider at this address.
fn on(base_url: String) -> Result<Client, Box<dyn Error>> {
    let resolver = ServiceTargetResolver::from_resolver_fn(
        move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
            Ok(ServiceTarget {
                endpoint: Endpoint::from_owned(base_url.clone()),
                auth: AuthData::from_single("none"),
                model: ModelIden::new(AdapterKind::OpenAI, target.model.model_name),
            })
        },
    );
    Ok(Client::builder()
        .with_service_target_resolver(resolver)
        .build()?)
}
