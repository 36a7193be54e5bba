//! What every operation must say.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::index::schema_name;
use crate::lint::{Report, has_provenance, is_text};
use crate::spec::{RawOperation, error_status};

pub(super) fn operation(
    report: &mut Report<'_>,
    raw: &RawOperation<'_>,
    seen: &mut HashMap<String, String>,
) {
    let op = raw.operation;
    let pointer = raw.pointer.as_str();
    let tag = op.pointer("/tags/0").and_then(Value::as_str);
    match op.get("operationId").and_then(Value::as_str) {
        None => report.add(pointer, "the operation has no operationId"),
        Some(id) => {
            if let Some(first) = seen.insert(id.to_owned(), pointer.to_owned()) {
                let other = report.spec.position(&first);
                report.add(
                    pointer,
                    format!("operationId {id} is taken in {}:{}", other.file, other.line),
                );
            }
            if tag.is_some_and(|tag| !id.starts_with(&format!("{tag}_"))) {
                report.add(pointer, format!("{id} does not start with its domain"));
            }
        }
    }
    if tag.is_none() {
        report.add(pointer, "the operation has no tag");
    }
    for key in ["summary", "description"] {
        if !is_text(op, key) {
            report.add(pointer, format!("the operation has no {key}"));
        }
    }
    if !has_provenance(op) {
        report.add(
            pointer,
            "x-provenance is not documented, observed or assumed",
        );
    }
    effects(report, raw);
    match op.get("security").and_then(Value::as_array) {
        None => report.add(pointer, "the operation has no security"),
        Some(alternatives) => {
            for scope in alternatives
                .iter()
                .filter_map(|alternative| alternative.get("oauth")?.as_array())
                .flatten()
                .filter_map(Value::as_str)
            {
                let known = report
                    .spec
                    .component("securitySchemes", "oauth")
                    .and_then(|s| s.pointer("/flows/authorizationCode/scopes"))
                    .is_some_and(|scopes| scopes.get(scope).is_some());
                if !known {
                    report.add(pointer, format!("no such scope: {scope}"));
                }
            }
        }
    }
    let codes = report.spec.document().get("x-error-codes");
    match op.get("x-errors").and_then(Value::as_array) {
        None => report.add(pointer, "the operation has no x-errors"),
        Some(entries) => {
            for entry in entries {
                if error_status(entry, codes).is_none() {
                    report.add(pointer, format!("no such error code: {entry}"));
                }
            }
        }
    }
    let has_limit = raw
        .parameters(report.spec)
        .iter()
        .any(|p| p.get("name").and_then(Value::as_str) == Some("limit"));
    if has_limit && op.get("x-pages").is_none() {
        report.add(
            pointer,
            "an operation with limit says in x-pages which field is the list",
        );
    }
}

fn effects(report: &mut Report<'_>, raw: &RawOperation<'_>) {
    let effect = |key: &str| raw.operation.pointer(&format!("/x-effects/{key}"));
    let word = |key: &str, words: &[&str]| {
        effect(key)
            .and_then(Value::as_str)
            .is_some_and(|word| words.contains(&word))
    };
    if !word("dials", &["none", "direct", "indirect"]) {
        report.add(
            &raw.pointer,
            "x-effects.dials is not none, direct or indirect",
        );
    }
    if !word("spend", &["none", "fixed", "metered", "unknown"]) {
        report.add(
            &raw.pointer,
            "x-effects.spend is not none, fixed, metered or unknown",
        );
    }
    if !effect("irreversible").is_some_and(Value::is_boolean) {
        report.add(&raw.pointer, "x-effects.irreversible is not true or false");
    }
}

pub(super) fn input(report: &mut Report<'_>, raw: &RawOperation<'_>) {
    let mut in_path = BTreeSet::new();
    for parameter in raw.parameters(report.spec) {
        let name = parameter
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let place = parameter
            .get("in")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let mut say = |message: String| report.add(&raw.pointer, message);
        if place == "cookie" {
            say(format!("{name}: cookie parameters are not understood"));
        }
        if parameter.get("style").is_some() {
            say(format!("{name}: parameter styles are not understood"));
        }
        if place == "query" && name == "body" {
            say("a query parameter must not be named body".to_owned());
        }
        if !is_text(parameter, "description") || parameter.get("example").is_none() {
            say(format!("{name}: a parameter needs description and example"));
        }
        if place == "path" {
            in_path.insert(name.to_owned());
        }
        let schema = parameter.get("schema");
        if schema
            .map(|schema| report.spec.resolve(schema))
            .and_then(|schema| schema.get("type"))
            .and_then(Value::as_str)
            .is_none_or(|kind| matches!(kind, "array" | "object"))
        {
            report.add(
                &raw.pointer,
                format!("{name}: a parameter is a scalar with a type"),
            );
        }
    }
    for name in raw
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    {
        if !in_path.contains(name) {
            report.add(
                &raw.pointer,
                format!("the path parameter {name} is not described"),
            );
        }
    }
    let Some(body) = raw.operation.get("requestBody") else {
        return;
    };
    if body.get("required") != Some(&Value::Bool(true)) {
        report.add(
            &raw.pointer,
            "an optional body becomes required: write required: true",
        );
    }
    let content = body.get("content").and_then(Value::as_object);
    if content.is_none_or(|content| content.len() != 1) {
        report.add(&raw.pointer, "a request has exactly one content type");
    }
    for (kind, media) in content.into_iter().flatten() {
        if !matches!(
            kind.as_str(),
            "application/json" | "application/x-www-form-urlencoded"
        ) {
            report.add(&raw.pointer, format!("{kind} requests are not understood"));
        }
        if media.get("schema").and_then(schema_name).is_none() {
            report.add(&raw.pointer, "the request body needs a named schema");
        }
    }
}

pub(super) fn responses(report: &mut Report<'_>, raw: &RawOperation<'_>) {
    let pointer = raw.pointer.as_str();
    let Some(answers) = raw.operation.get("responses").and_then(Value::as_object) else {
        report.add(pointer, "the operation has no responses");
        return;
    };
    let is_success = |status: &str| status.starts_with('2') || status.starts_with('3');
    if answers.keys().filter(|status| is_success(status)).count() != 1 {
        report.add(pointer, "an operation has exactly one success answer");
    }
    if answers.contains_key("default") {
        report.add(
            pointer,
            "default beside a typed success panics in the generator",
        );
    }
    for (status, answer) in answers {
        let answer = report.spec.resolve(answer);
        let content = answer.get("content").and_then(Value::as_object);
        if let Some(json) = content.and_then(|content| content.get("application/json")) {
            match json.get("schema").and_then(schema_name) {
                None => report.add(
                    pointer,
                    format!("{status}: a JSON answer needs a named schema"),
                ),
                Some(name) if !is_success(status) && name != "ErrorBody" => {
                    report.add(
                        pointer,
                        format!("{status}: there is one error schema, ErrorBody"),
                    );
                }
                Some(_) => {}
            }
        }
    }
}
