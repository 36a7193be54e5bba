//! What an operation must be like to be a tool.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::index::schema_name;
use crate::lint::Report;
use crate::spec::RawOperation;

const KEYS: &[&str] = &[
    "changes",
    "default",
    "description",
    "omit",
    "require",
    "untrusted",
];

/// `x-agent` says only what is known, and of fields that there are; no argument has two places.
pub(super) fn tool(report: &mut Report<'_>, raw: &RawOperation<'_>) {
    let schema = raw
        .operation
        .pointer("/requestBody/content/application~1json/schema")
        .and_then(schema_name)
        .and_then(|name| report.spec.component("schemas", &name));
    let fields: BTreeSet<&str> = schema
        .and_then(|schema| schema.get("properties")?.as_object())
        .into_iter()
        .flat_map(|properties| properties.keys().map(String::as_str))
        .collect();
    let mut problems = Vec::new();
    for parameter in raw.parameters(report.spec) {
        let name = parameter.get("name").and_then(Value::as_str);
        if let Some(name) = name.filter(|name| fields.contains(name)) {
            problems.push(format!("{name} is a parameter and a field of the body"));
        }
    }
    let overlay = raw.operation.get("x-agent").and_then(Value::as_object);
    for (key, value) in overlay.into_iter().flatten() {
        if !KEYS.contains(&key.as_str()) {
            problems.push(format!("x-agent knows no {key}"));
        }
        for name in value.as_array().into_iter().flatten() {
            if !name.as_str().is_some_and(|name| fields.contains(name)) {
                problems.push(format!("x-agent: the body has no field {name}"));
            }
        }
    }
    for problem in problems {
        report.add(&raw.pointer, problem);
    }
}
