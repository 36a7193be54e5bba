//! What every schema must say.

use std::collections::HashSet;

use serde_json::Value;

use crate::lint::{Report, has_provenance, is_text};
use crate::reach::Direction;
use crate::source::segment;

pub(super) fn component_schemas(report: &mut Report<'_>) {
    let Some(schemas) = report
        .spec
        .document()
        .pointer("/components/schemas")
        .and_then(Value::as_object)
    else {
        return;
    };
    for (name, schema) in schemas {
        let pointer = format!("/components/schemas/{}", segment(name));
        if !name.starts_with(|c: char| c.is_ascii_uppercase())
            || !name.chars().all(|c| c.is_ascii_alphanumeric())
        {
            report.add(&pointer, format!("{name} is not PascalCase"));
        }
        if !has_provenance(schema) {
            report.add(
                &pointer,
                "x-provenance is not documented, observed or assumed",
            );
        }
        if !is_text(schema, "description") {
            report.add(&pointer, format!("{name} has no description"));
        }
        if schema.get("example").is_none() {
            report.add(&pointer, format!("{name} has no example"));
        }
        if schema.get("type").and_then(Value::as_str) == Some("array") {
            report.add(
                &pointer,
                format!("{name}: a list is an object with a list field"),
            );
        }
        if let Some(field) = schema.get("x-bare").and_then(Value::as_str)
            && schema.pointer(&format!("/properties/{field}")).is_none()
        {
            report.add(&pointer, format!("x-bare names no field: {field}"));
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for required in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if properties.is_none_or(|p| !p.contains_key(required)) {
                report.add(&pointer, format!("required names no field: {required}"));
            }
        }
        for (field, property) in properties.into_iter().flatten() {
            let at = format!("{pointer}/properties/{}", segment(field));
            named(report, property, &at);
            marks(report, field, property, &at);
        }
        if let Some(values) = schema.get("additionalProperties")
            && values.is_object()
        {
            named(report, values, &format!("{pointer}/additionalProperties"));
        }
    }
}

/// Objects and enums inside a schema are references.
fn named(report: &mut Report<'_>, schema: &Value, pointer: &str) {
    if schema.get("properties").is_some() {
        report.add(pointer, "an inline object: give it a name in components");
    }
    if schema.get("enum").is_some() {
        report.add(pointer, "an inline enum: give it a name in components");
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key)
            && inner.is_object()
        {
            named(report, inner, &format!("{pointer}/{key}"));
        }
    }
}

/// Fields whose names give away what they hold carry the mark for it.
fn marks(report: &mut Report<'_>, field: &str, property: &Value, pointer: &str) {
    if property.get("type").and_then(Value::as_str) != Some("string") {
        return;
    }
    let parts: HashSet<&str> = field.split('_').collect();
    let secret = field != "token_type"
        && ["token", "secret", "password", "verifier"]
            .iter()
            .any(|word| parts.contains(word));
    if secret && property.get("format").and_then(Value::as_str) != Some("password") {
        report.add(
            pointer,
            format!("{field} looks like a secret: format: password"),
        );
    }
    let personal = ["phone", "email", "transcript"]
        .iter()
        .any(|word| parts.contains(word))
        && !parts.contains("id");
    if personal && !is_masked(property) {
        report.add(pointer, format!("{field} looks personal: x-personal: true"));
    }
}

fn is_masked(schema: &Value) -> bool {
    schema.get("x-personal") == Some(&Value::Bool(true))
        || schema.get("format").and_then(Value::as_str) == Some("password")
}

/// What people fill in says what it is; a reference says so itself.
pub(super) fn sent_fields(report: &mut Report<'_>) {
    for name in report.spec.reachable(Direction::Request) {
        let properties = report
            .spec
            .component("schemas", &name)
            .and_then(|schema| schema.get("properties"))
            .and_then(Value::as_object);
        for (field, property) in properties.into_iter().flatten() {
            if property.get("$ref").is_none() && !is_text(property, "description") {
                let pointer = format!("/components/schemas/{name}/properties/{}", segment(field));
                report.add(&pointer, format!("{field} is sent and has no description"));
            }
        }
    }
}

/// No object is reachable from both a request and an answer; no answer holds a choice of objects.
pub(super) fn directions(report: &mut Report<'_>) {
    let sent = report.spec.reachable(Direction::Request);
    let received = report.spec.reachable(Direction::Answer);
    for name in sent.intersection(&received) {
        let Some(schema) = report.spec.component("schemas", name) else {
            continue;
        };
        if schema.get("type").and_then(Value::as_str) == Some("object") {
            report.add(
                &format!("/components/schemas/{name}"),
                format!("{name} is both sent and received: give the answer a schema of its own"),
            );
        }
    }
    for name in &received {
        let pointer = format!("/components/schemas/{name}");
        if let Some(schema) = report.spec.component("schemas", name) {
            choices(report, schema, &pointer);
        }
    }
}

fn choices(report: &mut Report<'_>, value: &Value, pointer: &str) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let at = format!("{pointer}/{}", segment(key));
                if matches!(key.as_str(), "oneOf" | "anyOf") {
                    report.add(
                        &at,
                        "a choice in an answer loses fields: write one flat object",
                    );
                }
                if !matches!(key.as_str(), "example" | "properties") {
                    choices(report, inner, &at);
                } else if key == "properties" {
                    for (field, property) in inner.as_object().into_iter().flatten() {
                        choices(report, property, &format!("{at}/{}", segment(field)));
                    }
                }
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                choices(report, inner, &format!("{pointer}/{index}"));
            }
        }
        _ => {}
    }
}
