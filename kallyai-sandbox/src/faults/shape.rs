//! Answers bent out of their documented shape.

use serde_json::{Map, Value, json};

use crate::catalogue::{AnswerKind, Catalogue, Operation};
use crate::walk;
use crate::wire::{Answer, Content};

const UNKNOWN: &str = "sandbox_unknown";

/// Replaces the first enum value by one that nobody has heard of.
pub(crate) fn unknown_enum(
    catalogue: &Catalogue,
    operation: &Operation,
    answer: &mut Answer,
) -> bool {
    let mut done = false;
    visit(catalogue, operation, answer, &mut |schema, value| {
        if !done && schema.get("enum").is_some() && value.is_string() {
            *value = json!(UNKNOWN);
            done = true;
        }
    });
    done
}

/// Whether a success of this operation can hold an enum at all.
pub(crate) fn has_enum(catalogue: &Catalogue, operation: &Operation) -> bool {
    schema(catalogue, operation)
        .is_some_and(|schema| walk::any(catalogue, schema, &|schema| schema.contains_key("enum")))
}

/// Whether a success of this operation can hold a number at all.
pub(crate) fn has_number(catalogue: &Catalogue, operation: &Operation) -> bool {
    schema(catalogue, operation).is_some_and(|schema| {
        walk::any(catalogue, schema, &|schema| {
            // Where nothing is said of the type, it can be one.
            matches!(
                schema.get("type").and_then(Value::as_str),
                None | Some("integer" | "number")
            )
        })
    })
}

/// Adds a field to every object; maps, whose fields mean something, are left alone.
pub(crate) fn unknown_field(
    catalogue: &Catalogue,
    operation: &Operation,
    answer: &mut Answer,
) -> bool {
    let mut done = false;
    visit(catalogue, operation, answer, &mut |schema, value| {
        if let Value::Object(object) = value
            && schema.get("additionalProperties").is_none()
        {
            object.insert(UNKNOWN.to_owned(), json!({ "since": "tomorrow" }));
            done = true;
        }
    });
    done
}

/// Turns numbers into strings.
pub(crate) fn string_numbers(answer: &mut Answer) -> bool {
    /// Not `any`, which would stop at the first.
    fn strings(value: &mut Value) -> bool {
        match value {
            Value::Number(number) => {
                *value = Value::String(number.to_string());
                true
            }
            Value::Array(values) => values
                .iter_mut()
                .fold(false, |done, value| strings(value) | done),
            Value::Object(object) => object
                .values_mut()
                .fold(false, |done, value| strings(value) | done),
            _ => false,
        }
    }
    match &mut answer.content {
        Content::Json(body) => strings(body),
        _ => false,
    }
}

/// The other published shape: of an error the one with the message in `details`, or the quota body
/// without envelope; of a list `items`, or the bare list; of a transcript the one with `role` and
/// `text`.
pub(crate) fn alternate(
    catalogue: &Catalogue,
    operation: &Operation,
    quota: Value,
    answer: &mut Answer,
) -> bool {
    let status = answer.status;
    let Content::Json(body) = &mut answer.content else {
        return false;
    };
    if let Some(alternate) = answer.alternate.take() {
        *body = *alternate;
        return true;
    }
    if status.is_client_error() || status.is_server_error() {
        return alternate_error(quota, body);
    }
    let Some(list) = operation.entry.bare_list else {
        return false;
    };
    let Some(Value::Array(mut items)) = body.as_object_mut().and_then(|body| body.remove(list))
    else {
        return false;
    };
    let has = |field: &str| {
        schema(catalogue, operation)
            .and_then(|schema| schema.get("properties")?.get(field))
            .is_some()
    };
    let other = ["items", "transcript"]
        .into_iter()
        .find(|other| *other != list && has(other));
    match (other, body) {
        (Some(other), Value::Object(object)) => {
            if other == "transcript" {
                items.iter_mut().for_each(role_and_text);
            }
            object.insert(other.to_owned(), Value::Array(items));
        }
        (_, body) => *body = Value::Array(items),
    }
    true
}

fn alternate_error(quota: Value, body: &mut Value) -> bool {
    let Some(error) = body.get_mut("error").and_then(Value::as_object_mut) else {
        return false;
    };
    if error.get("code") == Some(&json!("quota_exceeded")) {
        *body = quota;
        return true;
    }
    let Some(message) = error.remove("message") else {
        return false;
    };
    let details = error.entry("details").or_insert_with(|| json!({}));
    if let Value::Object(details) = details {
        details.insert("message".to_owned(), message);
    }
    true
}

fn role_and_text(entry: &mut Value) {
    let Value::Object(entry) = entry else {
        return;
    };
    let role = match entry.remove("speaker") {
        Some(Value::String(speaker)) if speaker == "AI" => json!("ASSISTANT"),
        Some(other) => other,
        None => Value::Null,
    };
    let text = entry.remove("content").unwrap_or_default();
    entry.insert("role".to_owned(), role);
    entry.insert("text".to_owned(), text);
}

fn schema<'a>(catalogue: &'a Catalogue, operation: &Operation) -> Option<&'a Value> {
    match &operation.entry.answer {
        AnswerKind::Json(name) => catalogue.schema(name),
        _ => None,
    }
}

/// Visits every value of a success together with its schema.
fn visit(
    catalogue: &Catalogue,
    operation: &Operation,
    answer: &mut Answer,
    visitor: &mut impl FnMut(&Map<String, Value>, &mut Value),
) {
    let schema = if answer.status.is_success() {
        schema(catalogue, operation)
    } else {
        catalogue.schema("ErrorBody")
    };
    if let (Some(schema), Content::Json(body)) = (schema, &mut answer.content) {
        walk::walk(catalogue, schema, body, visitor);
    }
}
