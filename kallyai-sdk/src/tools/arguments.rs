//! The arguments of a tool: checked, and taken apart.

use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::definition::Tool;
use super::error::ToolError;
pub(super) use crate::dynamic::Arguments;

/// The name under which a whole body of any fields is given.
const BODY: &str = "body";

impl Arguments {
    /// Checks arguments against the schema of their tool. Nothing that is said repeats a value.
    pub(super) fn read(tool: &Tool, arguments: Value) -> Result<Self, ToolError> {
        let arguments = match arguments {
            Value::Null => Value::Object(Map::new()),
            other => without_nulls(other),
        };
        let validator = tool
            .validator()
            .ok_or_else(|| ToolError::bug("the schema of the tool is not valid"))?;
        let problems: Vec<String> = validator
            .iter_errors(&arguments)
            .map(|error| {
                let place = error
                    .instance_path()
                    .as_str()
                    .trim_start_matches('/')
                    .replace('/', ".");
                let place = if place.is_empty() {
                    "the arguments"
                } else {
                    &place
                };
                format!("{place}: {}", reason(&error))
            })
            .collect();
        if !problems.is_empty() {
            return Err(ToolError::arguments(&problems));
        }
        let Value::Object(arguments) = arguments else {
            return Err(ToolError::arguments(&[
                "the arguments: are not an object".to_owned()
            ]));
        };
        let (beside, fields): (Map<_, _>, Map<_, _>) = arguments
            .into_iter()
            .partition(|(name, _)| tool.plan.beside.contains(name));
        let mut body = Value::Object(fields);
        for place in &tool.plan.json {
            read_json(&mut body, place)?;
        }
        Ok(Self { beside, body })
    }

    pub(super) fn of_body(body: Value) -> Self {
        Self {
            beside: Map::new(),
            body,
        }
    }

    /// The fields of the body.
    pub(super) fn fields(&self) -> &Value {
        &self.body
    }

    /// Every text in them at whatever depth, the names of fields and numbers too. Ids of this form hold no
    /// phone number, whatever their digits.
    pub(super) fn texts(&self) -> Vec<String> {
        let mut found = Vec::new();
        for value in self.beside.values() {
            collect(value, &mut found);
        }
        collect(&self.body, &mut found);
        found.retain(|text| uuid::Uuid::parse_str(text).is_err());
        found
    }

    /// All of them as they are sent, for whoever is to agree.
    pub(super) fn shown(&self) -> Value {
        let mut shown = self.beside.clone();
        if let Value::Object(fields) = &self.body {
            shown.extend(fields.clone());
        }
        Value::Object(shown)
    }

    /// Of the body, for what is not in the document.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.body.as_object_mut()?.remove(name)
    }

    /// A short hash of them.
    pub(super) fn digest(&self) -> String {
        hash(&self.canonical())
    }

    /// The same arguments are the same text.
    pub(super) fn canonical(&self) -> String {
        // Maps are in the order of their names, unless the program has turned on `preserve_order`.
        format!(
            "{}{}",
            sorted(&Value::Object(self.beside.clone())),
            sorted(&self.body)
        )
    }
}

/// 32 hexadecimal digits that tell a text from others.
pub(super) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text);
    digest
        .iter()
        .take(16)
        .fold(String::new(), |mut hash, byte| {
            // Writing to a string does not fail.
            let _ = write!(hash, "{byte:02x}");
            hash
        })
}

/// What is wrong, in words that repeat neither values nor names that were given.
fn reason(error: &jsonschema::ValidationError<'_>) -> String {
    use jsonschema::error::ValidationErrorKind;

    match error.kind() {
        ValidationErrorKind::AdditionalProperties { .. } => {
            "there is a field that the tool does not have".to_owned()
        }
        _ => error.masked().to_string(),
    }
}

/// Strict dialects send null for what is left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                found.push(name.clone());
                collect(value, found);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            fields
                .into_iter()
                .map(|(name, value)| (name.clone(), sorted(value)))
                .collect()
        }
        Value::Array(values) => values.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Reads the JSON that stands as a text at a place of the body; without a place it is the body.
fn read_json(body: &mut Value, place: &str) -> Result<(), ToolError> {
    let wrong = |name: &str| ToolError::arguments(&[format!("{name}: is not a JSON object")]);
    if place.is_empty() {
        let text = body.get(BODY).and_then(Value::as_str).unwrap_or("{}");
        *body = object(text).ok_or_else(|| wrong(BODY))?;
        return Ok(());
    }
    let mut parts = place.split('.');
    if let Some(found) = parts.try_fold(&mut *body, |value, part| value.get_mut(part)) {
        let text = found.as_str().unwrap_or_default();
        *found = object(text).ok_or_else(|| wrong(place))?;
    }
    Ok(())
}

fn object(text: &str) -> Option<Value> {
    serde_json::from_str::<Map<String, Value>>(text)
        .ok()
        .map(Value::Object)
}
