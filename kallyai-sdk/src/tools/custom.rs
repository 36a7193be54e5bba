//! Tools of a program's own: calls that a struct describes.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::arguments::Arguments;
use super::calling::{self, CALLS_CREATE};
use super::definition::{self, Tool, object};
use super::error::ToolError;
use crate::call_task::{CallTask, FieldKind, TaskField, TaskRole};
use crate::types::CallRequest;

type Read = fn(&Value) -> Result<CallRequest, ToolError>;

/// A tool, and how its arguments become a call.
pub(super) struct Custom {
    pub(super) tool: Tool,
    read: Read,
}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tool.fmt(f)
    }
}

impl Custom {
    pub(super) fn of<T: CallTask + DeserializeOwned + 'static>(name: &str) -> Option<Self> {
        let like = definition::all()
            .iter()
            .find(|tool| tool.name() == CALLS_CREATE);
        let mut properties = Map::new();
        for field in T::fields() {
            properties.insert(field.name.to_owned(), schema(field));
        }
        let required: Vec<&str> = T::fields()
            .iter()
            .filter(|field| field.required)
            .map(|field| field.name)
            .collect();
        let mut input = object(&properties, &required);
        calling::add_attempt(&mut input);
        let template = T::TEMPLATE;
        let said = T::DOC.split_whitespace().collect::<Vec<_>>().join(" ");
        let description = format!(
            "{said} Rings a phone at once with the task: {template}. Costs credits by use. Cannot be taken \
             back. The same number and task are dialled once."
        );
        let mut tool = like?.named(name, &name.replace('_', " "), description.trim());
        tool.set_input(input);
        tool.hints.by_default = false;
        Some(Self {
            tool,
            read: read::<T>,
        })
    }

    pub(super) fn request(&self, arguments: &Arguments) -> Result<CallRequest, ToolError> {
        (self.read)(arguments.fields())
    }
}

fn read<T: CallTask + DeserializeOwned>(arguments: &Value) -> Result<CallRequest, ToolError> {
    let task: T = serde_path_to_error::deserialize(arguments).map_err(|error| {
        // Without serde's words, which may repeat a value.
        ToolError::arguments(&[format!("{}: is not what is asked for", error.path())])
    })?;
    Ok(task.to_call_request()?)
}

fn schema(field: &TaskField) -> Value {
    let (kind, form) = match field.kind {
        FieldKind::Integer => ("integer", ""),
        FieldKind::Number => ("number", ""),
        FieldKind::Bool => ("boolean", ""),
        FieldKind::Strings => ("array", ""),
        FieldKind::Date => ("string", "YYYY-MM-DD."),
        FieldKind::Time => ("string", "HH:MM, 24 h."),
        FieldKind::Phone => ("string", "A phone number in E.164, plus and digits only."),
        FieldKind::String => ("string", ""),
    };
    let said = field.doc.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = if said.is_empty() {
        role(field.role)
    } else {
        &said
    };
    let mut schema = json!({ "type": kind, "description": format!("{said} {form}").trim() });
    if let (FieldKind::Strings, Value::Object(schema)) = (field.kind, &mut schema) {
        schema.insert("items".to_owned(), json!({ "type": "string" }));
    }
    schema
}

/// What a field without documentation means.
fn role(role: TaskRole) -> &'static str {
    match role {
        TaskRole::Phone => "The number that is called.",
        TaskRole::BusinessName => "The name of the place that is called.",
        TaskRole::UserName => "On whose behalf the call is.",
        TaskRole::UserPhone => "The number of whom it is for.",
        TaskRole::PartySize => "For how many people.",
        TaskRole::Date => "The day of the appointment.",
        TaskRole::Time => "The time of the appointment.",
        TaskRole::TimePreference => "The time in words.",
        TaskRole::Timezone => "The IANA time zone of the appointment.",
        TaskRole::Language => "The language of the results, en or es.",
        TaskRole::CallLanguage => "The language of the conversation, en or es.",
        TaskRole::Urgent => "Whether it is urgent.",
        TaskRole::Instruction => "One more instruction.",
        TaskRole::Instructions => "More instructions.",
        TaskRole::SessionId => "The conversation that the call belongs to.",
        TaskRole::Task => "It stands in the task.",
    }
}
