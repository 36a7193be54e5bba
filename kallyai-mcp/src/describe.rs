//! Tools as the protocol writes them.

use std::sync::Arc;

use kallyai_sdk::tools::Tool;
use rmcp::model::{self, JsonObject, MetaObject, ToolAnnotations};
use serde_json::Value;

/// Whether a tool costs credits, or may.
const COSTS_CREDITS: &str = "kallyai.com/costs_credits";
/// Whether its answer holds what strangers have written or said.
pub(crate) const UNTRUSTED: &str = "kallyai.com/untrusted";

/// A tool with its schemas, all four hints, and what the protocol has no hint for in `_meta`.
pub(crate) fn tool(tool: &Tool) -> model::Tool {
    let hints = tool.hints();
    let annotations = ToolAnnotations::new()
        .read_only(hints.read_only)
        .destructive(hints.destructive)
        .idempotent(hints.idempotent)
        .open_world(hints.open_world);
    let mut meta = JsonObject::new();
    meta.insert(COSTS_CREDITS.to_owned(), Value::Bool(hints.costs_credits));
    if hints.untrusted {
        meta.insert(UNTRUSTED.to_owned(), Value::Bool(true));
    }
    model::Tool::new(
        tool.name().to_owned(),
        tool.description().to_owned(),
        object(tool.input_schema()),
    )
    .with_title(tool.title())
    .with_raw_output_schema(object(tool.output_schema()))
    .with_annotations(annotations)
    .with_meta(MetaObject(meta))
}

fn object(schema: &Value) -> Arc<JsonObject> {
    Arc::new(schema.as_object().cloned().unwrap_or_default())
}
