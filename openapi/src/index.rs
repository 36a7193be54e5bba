//! The index of operations: what the other crates need to know of each.

use serde::Serialize;
use serde_json::Value;

use crate::spec::{RawOperation, Spec};

/// One operation of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Operation {
    /// Names the operation everywhere: `calls_create`.
    pub id: String,
    /// The first part of the id: `calls`.
    pub domain: String,
    /// The rest of the id: `create`.
    pub name: String,
    /// The HTTP method in capitals.
    pub method: String,
    /// The path template: `/v1/calls/{call_id}`.
    pub path: String,
    /// A few words.
    pub summary: String,
    /// One or more sentences.
    pub description: String,
    /// How well the operation is known.
    pub provenance: Provenance,
    /// True when no sign-in is needed.
    pub public: bool,
    /// The scopes that a source names for it.
    pub scopes: Vec<String>,
    /// What it sets going.
    pub effects: Effects,
    /// How its list is paged, if it is one.
    pub pages: Option<Pages>,
    /// The published error codes that it can answer with.
    pub error_codes: Vec<String>,
    /// The names of the path parameters, in their order.
    pub path_parameters: Vec<String>,
    /// The schema of the request body, if there is one.
    pub request: Option<String>,
    /// What it answers with.
    pub answer: Answer,
    /// The HTTP status of a documented success.
    pub success_status: u16,
    /// The field of the answer that a bare list stands for (`x-bare`).
    pub bare_list: Option<String>,
    /// The fields of the answer that hold such a list, that one among them.
    pub bare_lists: Vec<String>,
    /// The field of an entry of such a list that a bare string stands for.
    pub bare_item: Option<String>,
}

/// How well something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Provenance {
    /// A reference shows it.
    Documented,
    /// Only a published client reads or sends it.
    Observed,
    /// No source shows it.
    Assumed,
}

/// What an operation sets going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Effects {
    /// Whether it rings a phone.
    pub dials: Dials,
    /// Whether it costs.
    pub spend: Spend,
    /// Whether it cannot be taken back.
    pub irreversible: bool,
}

/// Whether an operation rings a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Dials {
    /// Never.
    None,
    /// At once.
    Direct,
    /// It may lead to that.
    Indirect,
}

/// Whether an operation costs credits or money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Spend {
    /// Nothing.
    None,
    /// The same each time.
    Fixed,
    /// By what is used.
    Metered,
    /// No source says.
    Unknown,
}

/// How a list is paged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pages {
    /// The field of the answer that holds the list.
    pub items: String,
    /// Whether there is an `offset` beside the `limit`.
    pub offset: bool,
}

/// What an operation answers with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// JSON of the named schema.
    Json(String),
    /// Text of the given content type.
    Text(String),
    /// No body.
    Empty,
    /// A redirect.
    Redirect,
}

/// A published error code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ErrorCode {
    /// As it is on the wire: `quota_exceeded`.
    pub code: String,
    /// The HTTP status it comes with.
    pub status: u16,
    /// What it means.
    pub meaning: String,
    /// What the user can do, where there is something.
    pub remedy: Option<String>,
}

impl Spec {
    /// The index of operations, in the order of the document.
    pub fn operations(&self) -> Vec<Operation> {
        self.raw_operations()
            .map(|raw| self.operation(&raw))
            .collect()
    }

    /// The published error codes.
    pub fn error_codes(&self) -> Vec<ErrorCode> {
        self.document()
            .get("x-error-codes")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(code, entry)| ErrorCode {
                code: code.clone(),
                status: entry
                    .get("status")
                    .and_then(Value::as_u64)
                    .and_then(|status| u16::try_from(status).ok())
                    .unwrap_or_default(),
                meaning: text(entry, "meaning"),
                remedy: entry
                    .get("remedy")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
            })
            .collect()
    }

    fn operation(&self, raw: &RawOperation<'_>) -> Operation {
        let operation = raw.operation;
        let id = text(operation, "operationId");
        let (domain, name) = id.split_once('_').unwrap_or((&id, ""));
        let scopes = operation
            .pointer("/security/0/oauth")
            .map(strings)
            .unwrap_or_default();
        let parameters = raw.parameters(self);
        let (success_status, answer) = self.success(operation);
        let (bare_list, bare_lists, bare_item) = self.bare(&answer);
        Operation {
            domain: domain.to_owned(),
            name: name.to_owned(),
            method: raw.method.to_uppercase(),
            path: raw.path.to_owned(),
            summary: text(operation, "summary"),
            description: text(operation, "description").trim().to_owned(),
            provenance: provenance(operation),
            public: operation
                .get("security")
                .and_then(Value::as_array)
                .is_some_and(Vec::is_empty),
            scopes,
            effects: effects(operation),
            pages: operation.pointer("/x-pages/items").map(|items| Pages {
                items: items.as_str().unwrap_or_default().to_owned(),
                offset: parameters
                    .iter()
                    .any(|p| p.get("name").and_then(Value::as_str) == Some("offset")),
            }),
            error_codes: operation.get("x-errors").map(strings).unwrap_or_default(),
            path_parameters: path_parameters(raw.path),
            request: operation
                .pointer("/requestBody/content")
                .and_then(Value::as_object)
                .and_then(|content| content.values().next())
                .and_then(|media| media.get("schema"))
                .and_then(schema_name),
            answer,
            success_status,
            bare_list,
            bare_lists,
            bare_item,
            id,
        }
    }

    /// What of an answer may arrive bare: the list, all lists of the same entries, the entry.
    fn bare(&self, answer: &Answer) -> (Option<String>, Vec<String>, Option<String>) {
        let bare = |name: &str| {
            let schema = self.component("schemas", name)?;
            Some((schema, schema.get("x-bare")?.as_str()?.to_owned()))
        };
        let Answer::Json(name) = answer else {
            return (None, Vec::new(), None);
        };
        let Some((schema, list)) = bare(name) else {
            return (None, Vec::new(), None);
        };
        let entry = |property: &Value| property.get("items").and_then(schema_name);
        let properties = schema.get("properties").and_then(Value::as_object);
        let item = properties.and_then(|p| p.get(&list)).and_then(entry);
        let lists = properties
            .into_iter()
            .flatten()
            .filter(|(_, property)| item.is_some() && entry(property) == item)
            .map(|(name, _)| name.clone())
            .collect();
        let item = item.and_then(|name| bare(&name)).map(|(_, field)| field);
        (Some(list), lists, item)
    }

    fn success(&self, operation: &Value) -> (u16, Answer) {
        let found = operation
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .find_map(|(status, response)| {
                let status: u16 = status.parse().ok()?;
                (200..400)
                    .contains(&status)
                    .then(|| (status, self.resolve(response)))
            });
        let Some((status, response)) = found else {
            return (0, Answer::Empty);
        };
        if status >= 300 {
            return (status, Answer::Redirect);
        }
        let content = response.get("content").and_then(Value::as_object);
        let answer = match content.and_then(|c| c.get("application/json")) {
            Some(json) => {
                Answer::Json(json.get("schema").and_then(schema_name).unwrap_or_default())
            }
            None => match content.and_then(|c| c.keys().next()) {
                Some(kind) => Answer::Text(kind.clone()),
                None => Answer::Empty,
            },
        };
        (status, answer)
    }
}

/// The name of the schema that a reference points to.
pub(crate) fn schema_name(schema: &Value) -> Option<String> {
    schema
        .get("$ref")?
        .as_str()?
        .strip_prefix("#/components/schemas/")
        .map(str::to_owned)
}

fn path_parameters(path: &str) -> Vec<String> {
    path.split('/')
        .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
        .map(str::to_owned)
        .collect()
}

fn text(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn provenance(value: &Value) -> Provenance {
    match value.get("x-provenance").and_then(Value::as_str) {
        Some("documented") => Provenance::Documented,
        Some("observed") => Provenance::Observed,
        _ => Provenance::Assumed,
    }
}

/// What is not stated counts as the worst.
fn effects(operation: &Value) -> Effects {
    let effect = |key: &str| operation.pointer(&format!("/x-effects/{key}"));
    Effects {
        dials: match effect("dials").and_then(Value::as_str) {
            Some("none") => Dials::None,
            Some("indirect") => Dials::Indirect,
            _ => Dials::Direct,
        },
        spend: match effect("spend").and_then(Value::as_str) {
            Some("none") => Spend::None,
            Some("fixed") => Spend::Fixed,
            Some("metered") => Spend::Metered,
            _ => Spend::Unknown,
        },
        irreversible: effect("irreversible")
            .and_then(Value::as_bool)
            .unwrap_or(true),
    }
}
