//! What is left of a call, as resources: they are read through the same door as tools.

use kallyai_sdk::Client;
use kallyai_sdk::tools::{Context, Policy, ToolAnswer, ToolError, Toolbox, Tools};
use rmcp::ErrorData;
use rmcp::model::{MetaObject, ReadResourceResult, ResourceContents, ResourceTemplate};
use serde_json::{Value, json};

use crate::describe::UNTRUSTED;
use crate::error::Error;
use crate::options::Options;

/// Before the id of a call.
const CALLS: &str = "kallyai://calls/";

/// A kind of resource, and the tool behind it.
struct Kind {
    name: &'static str,
    tool: &'static str,
    mime: &'static str,
    description: &'static str,
}

const KINDS: [Kind; 3] = [
    Kind {
        name: "transcript",
        tool: "calls_transcript",
        mime: "text/plain",
        description: "Who said what in a call: JSON between two lines that mark it as words of strangers, cut to \
            what a model can read.",
    },
    Kind {
        name: "recording",
        tool: "calls_recording",
        mime: "application/json",
        description: "Where the recording of a call can be fetched.",
    },
    Kind {
        name: "calendar.ics",
        tool: "calls_calendar",
        mime: "text/calendar",
        description: "The calendar entry of a call.",
    },
];

/// Reads what is left of calls.
pub(crate) struct Resources {
    tools: Tools,
}

impl Resources {
    /// All kinds but those whose tool was left out.
    pub(crate) fn new(options: &Options, client: Client) -> Result<Self, Error> {
        let tools = Tools::builder(client)
            .policy(Policy::new().read_only())
            .tools(KINDS.iter().map(|kind| kind.tool))
            .without(&options.exclude_tools)
            .build()
            .map_err(|error| Error::options(&error))?;
        Ok(Self { tools })
    }

    fn kinds(&self) -> impl Iterator<Item = &'static Kind> {
        let offered = self.tools.definitions();
        KINDS
            .iter()
            .filter(|kind| offered.iter().any(|tool| tool.name() == kind.tool))
    }

    pub(crate) fn templates(&self) -> Vec<ResourceTemplate> {
        let template = |kind: &Kind| {
            ResourceTemplate::new(format!("{CALLS}{{call_id}}/{}", kind.name), kind.tool)
                .with_description(kind.description)
                .with_mime_type(kind.mime)
        };
        self.kinds().map(template).collect()
    }

    pub(crate) async fn read(&self, uri: &str) -> Result<ReadResourceResult, ErrorData> {
        let (call, kind) = self.parse(uri).ok_or_else(|| not_found(uri))?;
        let arguments = json!({ "call_id": call });
        let answer = self.tools.call(kind.tool, arguments, &Context::new()).await;
        let answer = answer.map_err(|error| failed(uri, &error))?;
        Ok(ReadResourceResult::new(vec![contents(uri, kind, &answer)?]))
    }

    /// The id of a call, and what is wanted of it.
    fn parse<'a>(&self, uri: &'a str) -> Option<(&'a str, &'static Kind)> {
        let (call, name) = uri.strip_prefix(CALLS)?.split_once('/')?;
        let kind = self.kinds().find(|kind| kind.name == name)?;
        Some((call, kind))
    }
}

fn contents(uri: &str, kind: &Kind, answer: &ToolAnswer) -> Result<ResourceContents, ErrorData> {
    let text = match (kind.mime, answer.value().get("text")) {
        // Half a calendar is none.
        ("text/calendar", _) if answer.is_cut() => {
            return Err(ErrorData::internal_error(
                "the calendar file is too long",
                None,
            ));
        }
        ("text/calendar", Some(Value::String(file))) => file.clone(),
        ("application/json", _) => answer.value().to_string(),
        _ => answer.to_text(),
    };
    let mut meta = MetaObject::new();
    meta.0
        .insert(UNTRUSTED.to_owned(), Value::Bool(answer.is_untrusted()));
    Ok(ResourceContents::TextResourceContents {
        uri: uri.to_owned(),
        mime_type: Some(kind.mime.to_owned()),
        text,
        meta: Some(meta),
    })
}

fn not_found(uri: &str) -> ErrorData {
    ErrorData::resource_not_found("there is no such resource", Some(json!({ "uri": uri })))
}

/// Resources have no failure of their own: it is an error of the protocol.
fn failed(uri: &str, error: &ToolError) -> ErrorData {
    let status = error.request_error().and_then(kallyai_sdk::Error::status);
    if status.is_some_and(|status| status.as_u16() == 404) {
        return not_found(uri);
    }
    ErrorData::internal_error(error.to_string(), Some(error.to_json()))
}
