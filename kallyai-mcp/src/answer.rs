//! What a tool has answered, as the protocol writes it.

use kallyai_sdk::tools::{ToolAnswer, ToolError, ToolErrorKind};
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::{Value, json};

/// How the user can let pass what nobody could be asked about.
const HOW_TO_ALLOW: &str = "tell the user what you want to do; nothing was sent. The user can allow it by using \
    a client that asks (one with elicitation), or by starting the server with --no-confirmation and bounds such \
    as --credits";

/// An answer: as JSON for programs, and as a text for the model.
pub(crate) fn success(answer: &ToolAnswer) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(answer.to_text())]);
    result.structured_content = Some(answer.value().clone());
    result
}

/// A failure is for the model to read, so it is a result.
pub(crate) fn failure(error: &ToolError) -> CallToolResult {
    let mut said = error.to_json();
    if error.kind() == ToolErrorKind::Confirmation
        && let Some(instead) = said.pointer_mut("/error/instead")
    {
        *instead = Value::from(HOW_TO_ALLOW);
    }
    words(&said)
}

/// What was handed in as an agreement is none.
pub(crate) fn no_agreement() -> CallToolResult {
    words(&json!({ "error": {
        "kind": ToolErrorKind::Confirmation.as_str(),
        "message": "the agreement is for something else, older than ten minutes, or was used already",
        "instead": "call the tool again without requestState, so that the user is asked; nothing was sent",
        "was_sent": "no",
    } }))
}

fn words(said: &Value) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(said.to_string())])
}
