//! What the spec must hold to: its own conventions, and what breaks the generator.
//!
//! Rules are short functions over the merged document; [`Report`] turns a JSON pointer into a file
//! and line.

mod agent;
mod checks;
mod operations;
mod schemas;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use crate::reach::references;
use crate::source::{Problem, segment};
use crate::spec::Spec;
use operations::{input, operation, responses};
use schemas::{component_schemas, directions, sent_fields};

impl Spec {
    /// Every mistake in the document, with file and line.
    pub fn lint(&self) -> Vec<Problem> {
        let mut report = Report {
            spec: self,
            problems: Vec::new(),
        };
        document(&mut report);
        let mut seen = HashMap::new();
        for raw in self.raw_operations() {
            operation(&mut report, &raw, &mut seen);
            checks::price(&mut report, &raw);
            agent::tool(&mut report, &raw);
            input(&mut report, &raw);
            responses(&mut report, &raw);
        }
        component_schemas(&mut report);
        directions(&mut report);
        sent_fields(&mut report);
        unused_components(&mut report);
        walk(&mut report, self.document(), &mut String::new());
        report.problems.sort();
        report.problems.dedup();
        report.problems
    }
}

struct Report<'a> {
    spec: &'a Spec,
    problems: Vec<Problem>,
}

impl Report<'_> {
    fn add(&mut self, pointer: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            position: self.spec.position(pointer),
            message: message.into(),
        });
    }
}

fn document(report: &mut Report<'_>) {
    let version = report
        .spec
        .document()
        .get("openapi")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !version.starts_with("3.0.") {
        report.add(
            "/openapi",
            "only OpenAPI 3.0 is understood by the generator",
        );
    }
}

fn is_text(value: &Value, key: &str) -> bool {
    value
        .get(key)
        .and_then(Value::as_str)
        .is_some_and(|text| !text.trim().is_empty())
}

fn has_provenance(value: &Value) -> bool {
    matches!(
        value.get("x-provenance").and_then(Value::as_str),
        Some("documented" | "observed" | "assumed")
    )
}

fn unused_components(report: &mut Report<'_>) {
    let mut used = HashSet::new();
    references(report.spec.document(), &mut used);
    for kind in ["schemas", "parameters", "responses"] {
        let names = report
            .spec
            .document()
            .pointer(&format!("/components/{kind}"))
            .and_then(Value::as_object);
        for name in names.into_iter().flat_map(|names| names.keys()) {
            let pointer = format!("/components/{kind}/{}", segment(name));
            if !used.contains(format!("#{pointer}").as_str()) {
                report.add(&pointer, format!("{name} is used nowhere"));
            }
        }
    }
}

/// What may stand nowhere in the document.
fn walk(report: &mut Report<'_>, value: &Value, pointer: &mut String) {
    match value {
        Value::Object(map) => {
            node(report, map, pointer);
            checks::node(report, map, pointer);
            for (key, inner) in map {
                if matches!(key.as_str(), "example" | "examples") {
                    continue;
                }
                let length = pointer.len();
                pointer.push('/');
                pointer.push_str(&segment(key));
                walk(report, inner, pointer);
                pointer.truncate(length);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                let length = pointer.len();
                pointer.push('/');
                pointer.push_str(&index.to_string());
                walk(report, inner, pointer);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

fn node(report: &mut Report<'_>, map: &serde_json::Map<String, Value>, pointer: &str) {
    if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
        if map.len() > 1 {
            report.add(pointer, "nothing stands beside a $ref: wrap it in allOf");
        }
        let found = reference
            .strip_prefix('#')
            .and_then(|target| report.spec.document().pointer(target));
        if found.is_none() {
            report.add(pointer, format!("dangling reference: {reference}"));
        }
    }
    if let Some(id) = map.get("operationId").and_then(Value::as_str)
        && pointer.contains("/links/")
        && !report
            .spec
            .raw_operations()
            .any(|raw| raw.operation.get("operationId").and_then(Value::as_str) == Some(id))
    {
        report.add(pointer, format!("a link to no operation: {id}"));
    }
    if let Some(Value::Array(values)) = map.get("enum") {
        if map.get("type").and_then(Value::as_str) != Some("string") {
            report.add(pointer, "an enum has type: string");
        }
        let mut folded = BTreeMap::new();
        for value in values.iter().filter_map(Value::as_str) {
            if folded.insert(value.to_lowercase(), value).is_some() {
                report.add(pointer, format!("enum values differ by case only: {value}"));
            }
        }
    }
    if let Some(Value::Array(choices)) = map.get("anyOf")
        && choices
            .iter()
            .any(|choice| report.spec.resolve(choice).get("enum").is_some())
    {
        report.add(
            pointer,
            "anyOf with an enum fails on every value: use oneOf",
        );
    }
    if let Some(text) = map.get("description").and_then(Value::as_str)
        && unlabelled_fence(text)
    {
        report.add(
            pointer,
            "a code fence without a language becomes a failing doctest",
        );
    }
    if map.contains_key("multipart/form-data") {
        report.add(pointer, "multipart is not understood");
    }
}

fn unlabelled_fence(text: &str) -> bool {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("```"))
        .step_by(2)
        .any(|label| label.trim().is_empty())
}
