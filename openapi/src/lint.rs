//! What the spec must hold to: its own conventions, and what breaks the generator.
//!
//! Rules are short functions over the merged document; [`Report`] turns a JSON pointer into a file
//! and line.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::index::schema_name;
use crate::source::{Problem, segment};
use crate::spec::{RawOperation, Spec, error_status};

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
            input(&mut report, &raw);
            responses(&mut report, &raw);
        }
        component_schemas(&mut report);
        directions(&mut report);
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

fn operation(report: &mut Report<'_>, raw: &RawOperation<'_>, seen: &mut HashMap<String, String>) {
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

fn input(report: &mut Report<'_>, raw: &RawOperation<'_>) {
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

fn responses(report: &mut Report<'_>, raw: &RawOperation<'_>) {
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
    if !answers.keys().any(|status| status.starts_with('4')) || !answers.contains_key("5XX") {
        report.add(pointer, "the operation has no error answers");
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

fn component_schemas(report: &mut Report<'_>) {
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

/// No object is reachable from both a request and an answer; no answer holds a choice of objects.
fn directions(report: &mut Report<'_>) {
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

fn references<'a>(value: &'a Value, into: &mut HashSet<&'a str>) {
    match value {
        Value::Object(map) => {
            if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                into.insert(reference);
            }
            map.values().for_each(|inner| references(inner, into));
        }
        Value::Array(list) => list.iter().for_each(|inner| references(inner, into)),
        _ => {}
    }
}

/// What may stand nowhere in the document.
fn walk(report: &mut Report<'_>, value: &Value, pointer: &mut String) {
    match value {
        Value::Object(map) => {
            node(report, map, pointer);
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
                pointer.push_str(&format!("/{index}"));
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

/// Which way a schema travels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Answer,
}

impl Spec {
    /// The names of the schemas that are reachable from requests, or from answers.
    pub(crate) fn reachable(&self, direction: Direction) -> BTreeSet<String> {
        let mut open: Vec<&Value> = Vec::new();
        for raw in self.raw_operations() {
            match direction {
                Direction::Request => {
                    open.extend(raw.operation.get("requestBody"));
                    open.extend(raw.parameters(self));
                }
                Direction::Answer => open.extend(raw.operation.get("responses")),
            }
        }
        let mut names = BTreeSet::new();
        while let Some(value) = open.pop() {
            let mut found = HashSet::new();
            references(value, &mut found);
            for reference in found {
                if names.insert(reference.to_owned())
                    && let Some(target) = reference
                        .strip_prefix('#')
                        .and_then(|target| self.document().pointer(target))
                {
                    open.push(target);
                }
            }
        }
        names
            .into_iter()
            .filter_map(|name| {
                name.strip_prefix("#/components/schemas/")
                    .map(str::to_owned)
            })
            .collect()
    }
}
