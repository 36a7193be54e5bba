//! Valid answers and requests out of the document: its examples, and where it has none, what its
//! schemas allow.

use serde_json::{Map, Value, json};

use crate::catalogue::{AnswerKind, Catalogue, Operation};
use crate::walk::walk;
use crate::wire::Answer;

/// References deeper than this are cut off: some schemas contain themselves.
const DEPTH: usize = 12;

/// The documented success of an operation.
pub(crate) fn answer(catalogue: &Catalogue, operation: &Operation) -> Answer {
    let entry = &operation.entry;
    let response = operation
        .definition
        .get("responses")
        .and_then(|responses| responses.get(entry.success_status.to_string()))
        .map(|response| catalogue.resolve(response));
    let media = |kind: &str| response?.get("content")?.get(kind);
    match &entry.answer {
        AnswerKind::Json(name) => {
            let mut body =
                media("application/json").map_or(Value::Null, |media| of_media(catalogue, media));
            one_shape(catalogue, name, &mut body);
            Answer::json(entry.success_status, body)
        }
        AnswerKind::Text(kind) => Answer::text(
            kind,
            media(kind).map_or_else(String::new, |media| text(catalogue, media)),
        ),
        AnswerKind::Redirect => Answer::redirect(
            response
                .and_then(|response| {
                    catalogue
                        .resolve(response.get("headers")?.get("Location")?)
                        .get("example")?
                        .as_str()
                })
                .unwrap_or("https://kallyai.com/"),
        ),
        AnswerKind::Empty => Answer::empty(entry.success_status),
    }
}

/// The second published shape of an answer that the spec describes in one schema: which one, and what
/// belongs to it.
const SECOND_SHAPES: &[(&str, &[&str])] = &[(
    "CoordinationReply",
    &[
        "message",
        "message_id",
        "intent",
        "triggered_actions",
        "suggestions",
        "credits_used",
        "goal_completed",
    ],
)];

/// The examples of the spec show all published shapes in one; a service answers with one of them.
fn one_shape(catalogue: &Catalogue, name: &str, body: &mut Value) {
    if let (Some((_, second)), Value::Object(object)) = (
        SECOND_SHAPES.iter().find(|(known, _)| *known == name),
        &mut *body,
    ) {
        object.retain(|field, _| !second.contains(&field.as_str()));
    }
    let Some(schema) = catalogue.schema(name) else {
        return;
    };
    walk(catalogue, schema, body, &mut |schema, value| {
        let (Some(bare), Value::Object(object)) =
            (schema.get("x-bare").and_then(Value::as_str), value)
        else {
            return;
        };
        let others: &[&str] = match object.get(bare) {
            Some(Value::Array(_)) => &["items", "transcript"],
            Some(_) if bare == "content" => &["role", "text"],
            _ => return,
        };
        object.retain(|field, _| field == bare || !others.contains(&field.as_str()));
    });
}

fn text(catalogue: &Catalogue, media: &Value) -> String {
    match of_media(catalogue, media) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The example of a media type or parameter, or one of its schema.
pub(crate) fn of_media(catalogue: &Catalogue, media: &Value) -> Value {
    let named = || {
        media
            .get("examples")?
            .as_object()?
            .values()
            .find_map(|example| catalogue.resolve(example).get("value"))
    };
    match media.get("example").or_else(named) {
        Some(example) => example.clone(),
        None => media
            .get("schema")
            .map_or(Value::Null, |schema| of_schema(catalogue, schema, DEPTH)),
    }
}

fn of_schema(catalogue: &Catalogue, schema: &Value, depth: usize) -> Value {
    let schema = catalogue.resolve(schema);
    if let Some(example) = schema.get("example").or_else(|| schema.get("default")) {
        return example.clone();
    }
    if let Some(first) = schema
        .get("enum")
        .and_then(Value::as_array)
        .and_then(|values| values.first())
    {
        return first.clone();
    }
    let Some(depth) = depth.checked_sub(1) else {
        return Value::Null;
    };
    for combination in ["allOf", "oneOf", "anyOf"] {
        if schema.get("properties").is_none()
            && let Some(first) = schema
                .get(combination)
                .and_then(Value::as_array)
                .and_then(|schemas| schemas.first())
        {
            return of_schema(catalogue, first, depth);
        }
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => match schema.get("items") {
            Some(items) if depth > 0 => json!([of_schema(catalogue, items, depth)]),
            _ => json!([]),
        },
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("boolean") => json!(true),
        Some("string") => json!(string(schema)),
        Some("object") | None => object(catalogue, schema, depth),
        Some(_) => Value::Null,
    }
}

fn object(catalogue: &Catalogue, schema: &Value, depth: usize) -> Value {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut object = Map::new();
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        // Near the end of the depth only what must be there.
        if depth > DEPTH / 2 || required.contains(&name.as_str()) {
            object.insert(name.clone(), of_schema(catalogue, property, depth));
        }
    }
    Value::Object(object)
}

fn string(schema: &Value) -> &'static str {
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-02-14T18:00:00Z",
        Some("date") => "2026-02-14",
        Some("local-date-time") => "2026-02-14T20:00:00",
        Some("time-of-day") => "20:00",
        Some("uuid") => "7f6a1c1e-6a47-4c0c-9a53-0b2f5d8a9e01",
        Some("uri") => "https://kallyai.com/",
        Some("phone") => "+12025550199",
        _ => "example",
    }
}
