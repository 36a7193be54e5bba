//! The copy of the document that the client is generated from.
//!
//! The spec says what the service promises; the client must live with what it sends. The copy keeps
//! names, fields and descriptions, and takes out what would make decoding fail: limits, formats,
//! nulls that are not allowed. Scalars that need a type of our own (masked, lenient) become
//! references to [`SCALARS`], which the generator replaces.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::reach::Direction;
use crate::spec::{METHODS, Spec};

/// The scalars that the generator replaces by types of the library with the same name.
pub const SCALARS: &[&str] = &[
    "Decimal",
    "E164",
    "LocalDateTime",
    "Opaque",
    "PersonalText",
    "PhoneText",
    "SecretText",
    "TimeOfDay",
    "Timestamp",
];

/// The loosened copy, and what the generator must know beside it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DecodingCopy {
    /// An OpenAPI 3.0.3 document.
    pub document: Value,
    /// The enums: name, description, values.
    pub enums: Vec<(String, String, Vec<String>)>,
    /// The names of the object schemas that are received.
    pub answers: BTreeSet<String>,
}

impl Spec {
    /// Loosens a copy of the document.
    pub fn decoding_copy(&self) -> DecodingCopy {
        let answers = self.reachable(Direction::Answer);
        let empty = Map::new();
        let strict = self
            .document()
            .pointer("/components/schemas")
            .and_then(Value::as_object)
            .unwrap_or(&empty);
        let mut schemas = Map::new();
        let mut enums = Vec::new();
        for (name, schema) in strict {
            if let Some(values) = schema.get("enum").and_then(Value::as_array) {
                enums.push((
                    name.clone(),
                    description(schema).unwrap_or_default().to_owned(),
                    values
                        .iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect(),
                ));
            }
            schemas.insert(name.clone(), component(schema, answers.contains(name)));
        }
        for name in SCALARS {
            schemas.insert((*name).to_owned(), json!({"type": "string"}));
        }
        let paths: Map<String, Value> = self
            .document()
            .get("paths")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(path, item)| (path.clone(), self.path_item(item)))
            .collect();
        DecodingCopy {
            document: json!({
                "openapi": "3.0.3",
                "info": {
                    "title": self.document().pointer("/info/title"),
                    "version": self.document().pointer("/info/version"),
                },
                "paths": paths,
                "components": {"schemas": schemas},
            }),
            enums,
            answers: answers
                .into_iter()
                .filter(|name| {
                    strict.get(name).and_then(|s| s.get("type")) == Some(&json!("object"))
                })
                .collect(),
        }
    }

    fn path_item(&self, item: &Value) -> Value {
        let mut loose = Map::new();
        for method in METHODS {
            if let Some(operation) = item.get(*method) {
                let parameters: Vec<Value> = [item, operation]
                    .into_iter()
                    .filter_map(|holder| holder.get("parameters")?.as_array())
                    .flatten()
                    .map(|p| parameter(self.resolve(p)))
                    .collect();
                let mut copy = json!({
                    "operationId": operation.get("operationId"),
                    "summary": operation.get("summary"),
                    "parameters": parameters,
                    "responses": self.responses(operation),
                });
                if let Some(body) = operation.get("requestBody") {
                    set(&mut copy, "requestBody", without_examples(body));
                }
                loose.insert((*method).to_owned(), copy);
            }
        }
        Value::Object(loose)
    }

    /// One success for all of 2XX (a redirect is one without content), one error schema for the rest.
    fn responses(&self, operation: &Value) -> Value {
        let content = operation
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .find(|(status, _)| status.starts_with('2'))
            .and_then(|(_, answer)| self.resolve(answer).get("content"))
            .and_then(Value::as_object);
        let mut success = json!({"description": "success"});
        if let Some(content) = content {
            // Beside JSON, an event stream is a request of its own.
            let kind = if content.contains_key("application/json") {
                Some("application/json")
            } else {
                content.keys().next().map(String::as_str)
            };
            if let Some((kind, media)) = kind.and_then(|kind| Some((kind, content.get(kind)?))) {
                let content = json!({kind: {"schema": media.get("schema")}});
                set(&mut success, "content", content);
            }
        }
        let error = json!({
            "description": "error",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}},
        });
        json!({"2XX": success, "4XX": error, "5XX": error})
    }
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn description(schema: &Value) -> Option<&str> {
    schema.get("description").and_then(Value::as_str)
}

fn reference(scalar: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{scalar}")})
}

fn without_examples(body: &Value) -> Value {
    let content: Map<String, Value> = body
        .get("content")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(kind, media)| (kind.clone(), json!({"schema": media.get("schema")})))
        .collect();
    json!({"required": true, "content": content})
}

/// Parameters stay strings and numbers: their values are the caller's own.
fn parameter(parameter: &Value) -> Value {
    let schema = parameter.get("schema").cloned().unwrap_or_default();
    let loose = match schema.get("type").and_then(Value::as_str) {
        _ if schema.get("$ref").is_some() => schema,
        Some("integer") => integer(&schema),
        Some("boolean") => json!({"type": "boolean"}),
        _ => json!({"type": "string"}),
    };
    json!({
        "name": parameter.get("name"),
        "in": parameter.get("in"),
        "required": parameter.get("required").cloned().unwrap_or(Value::Bool(false)),
        "description": parameter.get("description"),
        "schema": loose,
    })
}

fn component(schema: &Value, answer: bool) -> Value {
    if schema.get("enum").is_some() {
        return json!({"type": "string"});
    }
    if schema.get("type").and_then(Value::as_str) == Some("object") {
        object(schema, answer)
    } else {
        value(schema, answer)
    }
}

/// An object with named fields that keeps the others in a map.
fn object(schema: &Value, answer: bool) -> Value {
    let rest = match schema.get("additionalProperties") {
        Some(values) if values.is_object() => value(values, answer),
        _ => reference("Opaque"),
    };
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return json!({
            "type": "object",
            "description": description(schema),
            "additionalProperties": rest,
        });
    };
    let required: BTreeSet<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(|name| properties.get(*name).and_then(|p| p.get("nullable")) != Some(&json!(true)))
        .collect();
    let fields: Map<String, Value> = properties
        .iter()
        .map(|(name, property)| {
            let mut field = value(property, answer);
            // An optional list is null or absent or there: three things, kept apart.
            if !required.contains(name.as_str())
                && matches!(
                    field.get("type").and_then(Value::as_str),
                    Some("array" | "object")
                )
            {
                set(&mut field, "nullable", json!(true));
            }
            if field.get("$ref").is_some() && description(property).is_some() {
                field = json!({"allOf": [field], "description": description(property)});
            }
            (name.clone(), field)
        })
        .collect();
    json!({
        "type": "object",
        "description": description(schema),
        "required": required,
        "properties": fields,
        "additionalProperties": rest,
    })
}

/// The type of a field.
fn value(schema: &Value, answer: bool) -> Value {
    if let Some(wrapped) = schema.pointer("/allOf/0") {
        return wrapped.clone();
    }
    if schema.get("$ref").is_some() {
        return schema.clone();
    }
    let mark = |name: &str| schema.get(name) == Some(&json!(true));
    let format = schema
        .get("format")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut loose = match schema.get("type").and_then(Value::as_str) {
        Some("string") if format == "password" => reference("SecretText"),
        Some("string") if format == "phone" => reference("PhoneText"),
        Some("string") if mark("x-personal") => reference("PersonalText"),
        Some("string") if mark("x-decimal") => reference("Decimal"),
        Some("string") => match format {
            "date-time" => reference("Timestamp"),
            "time-of-day" if !answer => reference("TimeOfDay"),
            "local-date-time" if !answer => reference("LocalDateTime"),
            "date" if !answer => json!({"type": "string", "format": "date"}),
            _ => json!({"type": "string"}),
        },
        Some("integer") if !answer => integer(schema),
        Some("number" | "integer") => reference("Decimal"),
        Some("boolean") => json!({"type": "boolean"}),
        Some("array") => json!({
            "type": "array",
            "items": schema.get("items").map(|items| value(items, answer)),
        }),
        Some("object") => match schema.get("additionalProperties") {
            Some(values) if values.is_object() => json!({
                "type": "object",
                "additionalProperties": value(values, answer),
            }),
            _ => reference("Opaque"),
        },
        _ => reference("Opaque"),
    };
    if loose.get("$ref").is_none()
        && let Some(text) = description(schema)
    {
        set(&mut loose, "description", json!(text));
    }
    loose
}

/// A whole number that we send: unsigned where the spec says so.
fn integer(schema: &Value) -> Value {
    let unsigned = schema
        .get("minimum")
        .and_then(Value::as_i64)
        .is_some_and(|minimum| minimum >= 0);
    if unsigned {
        json!({"type": "integer", "format": "uint32"})
    } else {
        json!({"type": "integer", "format": "int64"})
    }
}
