//! The merged document, and where each part of it came from.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::source::{Position, Problem, Source, segment};

/// The files of the spec, by their name in the repository.
const FILES: &[(&str, &str)] = &[
    (
        "openapi/spec/common.yaml",
        include_str!("../spec/common.yaml"),
    ),
    (
        "openapi/spec/coordination.yaml",
        include_str!("../spec/coordination.yaml"),
    ),
    (
        "openapi/spec/calls.yaml",
        include_str!("../spec/calls.yaml"),
    ),
    (
        "openapi/spec/inbound.yaml",
        include_str!("../spec/inbound.yaml"),
    ),
    (
        "openapi/spec/phone.yaml",
        include_str!("../spec/phone.yaml"),
    ),
    (
        "openapi/spec/actions.yaml",
        include_str!("../spec/actions.yaml"),
    ),
    (
        "openapi/spec/messages.yaml",
        include_str!("../spec/messages.yaml"),
    ),
    (
        "openapi/spec/search.yaml",
        include_str!("../spec/search.yaml"),
    ),
    (
        "openapi/spec/email.yaml",
        include_str!("../spec/email.yaml"),
    ),
    (
        "openapi/spec/channels.yaml",
        include_str!("../spec/channels.yaml"),
    ),
    (
        "openapi/spec/outreach.yaml",
        include_str!("../spec/outreach.yaml"),
    ),
    (
        "openapi/spec/budget.yaml",
        include_str!("../spec/budget.yaml"),
    ),
    (
        "openapi/spec/credits.yaml",
        include_str!("../spec/credits.yaml"),
    ),
    (
        "openapi/spec/subscription.yaml",
        include_str!("../spec/subscription.yaml"),
    ),
    (
        "openapi/spec/referrals.yaml",
        include_str!("../spec/referrals.yaml"),
    ),
    (
        "openapi/spec/notifications.yaml",
        include_str!("../spec/notifications.yaml"),
    ),
    (
        "openapi/spec/billing.yaml",
        include_str!("../spec/billing.yaml"),
    ),
    (
        "openapi/spec/users.yaml",
        include_str!("../spec/users.yaml"),
    ),
    ("openapi/spec/auth.yaml", include_str!("../spec/auth.yaml")),
];

/// The methods of a path item that are operations.
pub(crate) const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch"];

/// The merged OpenAPI document.
#[derive(Debug, Clone)]
pub struct Spec {
    document: Value,
    positions: HashMap<String, Position>,
}

impl Spec {
    /// The spec of this crate, merged.
    ///
    /// # Errors
    ///
    /// Every mistake that keeps the files from being merged. [`Spec::lint`] finds the others.
    pub fn load() -> Result<Self, Vec<Problem>> {
        Self::merge(FILES)
    }

    /// Merges files given as name and text; the first holds what the others share.
    ///
    /// # Errors
    ///
    /// Files that do not parse, and names that are defined twice.
    pub fn merge(files: &[(&str, &str)]) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut merger = Merger::default();
        for (file, text) in files {
            match Source::parse(file, text) {
                Ok(source) => merger.add(source, &mut problems),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            Ok(merger.finish())
        } else {
            Err(problems)
        }
    }

    /// The OpenAPI 3.0.3 document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Where the part at a JSON pointer stands; for what the bundler made, where it was made from.
    pub fn position(&self, pointer: &str) -> Position {
        let mut pointer = pointer;
        loop {
            if let Some(position) = self.positions.get(pointer) {
                return position.clone();
            }
            match pointer.rfind('/') {
                Some(cut) => pointer = pointer.get(..cut).unwrap_or_default(),
                None => {
                    return Position {
                        file: FILES.first().map_or("", |(name, _)| name).to_owned(),
                        line: 1,
                    };
                }
            }
        }
    }

    /// The parameters of an operation, references followed.
    pub fn parameters(&self, operation_id: &str) -> Vec<&Value> {
        self.raw_operations()
            .find(|raw| {
                raw.operation.get("operationId").and_then(Value::as_str) == Some(operation_id)
            })
            .map(|raw| raw.parameters(self))
            .unwrap_or_default()
    }

    /// A component of the document, by its kind and name.
    pub(crate) fn component(&self, kind: &str, name: &str) -> Option<&Value> {
        self.document.get("components")?.get(kind)?.get(name)
    }

    /// Follows a local reference, if the value is one.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|r| self.document.pointer(r.strip_prefix('#')?))
            .unwrap_or(value)
    }

    /// All operations: pointer, path, path item, method, operation.
    pub(crate) fn raw_operations(&self) -> impl Iterator<Item = RawOperation<'_>> {
        self.document
            .get("paths")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .flat_map(|(path, item)| {
                METHODS.iter().filter_map(move |method| {
                    Some(RawOperation {
                        pointer: format!("/paths/{}/{method}", segment(path)),
                        path,
                        item,
                        method,
                        operation: item.get(*method)?,
                    })
                })
            })
    }
}

/// An operation as it stands in the document.
pub(crate) struct RawOperation<'a> {
    pub(crate) pointer: String,
    pub(crate) path: &'a str,
    pub(crate) item: &'a Value,
    pub(crate) method: &'a str,
    pub(crate) operation: &'a Value,
}

impl<'a> RawOperation<'a> {
    /// The parameters of the path item and of the operation, resolved.
    pub(crate) fn parameters(&self, spec: &'a Spec) -> Vec<&'a Value> {
        [self.item, self.operation]
            .into_iter()
            .filter_map(|holder| holder.get("parameters")?.as_array())
            .flatten()
            .map(|parameter| spec.resolve(parameter))
            .collect()
    }
}

#[derive(Default)]
struct Merger {
    document: Map<String, Value>,
    positions: HashMap<String, Position>,
}

impl Merger {
    fn add(&mut self, source: Source, problems: &mut Vec<Problem>) {
        let Source { file, value, lines } = source;
        let position = |pointer: &str| Position {
            file: file.clone(),
            line: lines.get(pointer).copied().unwrap_or(1),
        };
        let Value::Object(root) = value else {
            problems.push(Problem {
                position: position(""),
                message: "the file must be a mapping".to_owned(),
            });
            return;
        };
        let mut tag = None;
        for (key, value) in root {
            match (key.as_str(), value) {
                ("tag", value) => {
                    tag = value.get("name").and_then(Value::as_str).map(str::to_owned);
                    if let Some(tags) = self
                        .document
                        .entry("tags")
                        .or_insert_with(|| json!([]))
                        .as_array_mut()
                    {
                        self.positions
                            .insert(format!("/tags/{}", tags.len()), position("/tag"));
                        tags.push(value);
                    }
                }
                ("paths", Value::Object(paths)) => {
                    let into = self.document.entry("paths").or_insert_with(|| json!({}));
                    for (path, mut item) in paths {
                        for method in METHODS {
                            if let (Some(tag), Some(operation)) =
                                (&tag, item.get_mut(*method).and_then(Value::as_object_mut))
                            {
                                operation.insert("tags".to_owned(), json!([tag]));
                            }
                        }
                        let pointer = format!("/paths/{}", segment(&path));
                        insert_once(into, path, item, "path", &position(&pointer), problems);
                    }
                }
                ("components", Value::Object(kinds)) => {
                    let components = self
                        .document
                        .entry("components")
                        .or_insert_with(|| json!({}));
                    for (kind, named) in kinds {
                        let Value::Object(named) = named else {
                            continue;
                        };
                        let Some(components) = components.as_object_mut() else {
                            continue;
                        };
                        let into = components.entry(kind.clone()).or_insert_with(|| json!({}));
                        for (name, value) in named {
                            let pointer = format!("/components/{kind}/{}", segment(&name));
                            insert_once(into, name, value, &kind, &position(&pointer), problems);
                        }
                    }
                }
                (_, value) => {
                    if self.document.insert(key.clone(), value).is_some() {
                        problems.push(Problem {
                            position: position(&format!("/{key}")),
                            message: format!("{key} is defined twice"),
                        });
                    }
                }
            }
        }
        for (pointer, line) in lines {
            if pointer.starts_with("/tag") {
                continue;
            }
            self.positions.entry(pointer).or_insert_with(|| Position {
                file: file.clone(),
                line,
            });
        }
    }

    fn finish(mut self) -> Spec {
        let codes = self.document.get("x-error-codes").cloned();
        if let Some(paths) = self
            .document
            .get_mut("paths")
            .and_then(Value::as_object_mut)
        {
            for item in paths.values_mut() {
                let shared_input = item.get("parameters").is_some();
                for method in METHODS {
                    if let Some(operation) = item.get_mut(*method).and_then(Value::as_object_mut) {
                        add_error_answers(operation, shared_input, codes.as_ref());
                    }
                }
            }
        }
        let mut document = Map::new();
        for key in [
            "openapi",
            "info",
            "servers",
            "tags",
            "paths",
            "components",
            "x-error-codes",
        ] {
            if let Some(value) = self.document.remove(key) {
                document.insert(key.to_owned(), value);
            }
        }
        document.append(&mut self.document);
        Spec {
            document: Value::Object(document),
            positions: self.positions,
        }
    }
}

fn insert_once(
    into: &mut Value,
    name: String,
    value: Value,
    kind: &str,
    position: &Position,
    problems: &mut Vec<Problem>,
) {
    let Some(into) = into.as_object_mut() else {
        return;
    };
    if into.contains_key(&name) {
        problems.push(Problem {
            position: position.clone(),
            message: format!("{kind} {name} is defined twice"),
        });
    } else {
        into.insert(name, value);
    }
}

/// The HTTP status of an entry of `x-errors`: a published code, or a bare status.
pub(crate) fn error_status(entry: &Value, codes: Option<&Value>) -> Option<u64> {
    match entry {
        Value::String(code) => codes?.get(code)?.get("status")?.as_u64(),
        other => other.as_u64(),
    }
}

/// Turns `x-errors` into error answers: one reference a status.
fn add_error_answers(
    operation: &mut Map<String, Value>,
    shared_input: bool,
    codes: Option<&Value>,
) {
    let secured = operation
        .get("security")
        .and_then(Value::as_array)
        .is_some_and(|alternatives| !alternatives.is_empty());
    let mut statuses: Vec<u64> = operation
        .get("x-errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| error_status(entry, codes))
        .filter(|status| *status < 500)
        .collect();
    statuses.push(429);
    if secured {
        statuses.extend([401, 403]);
    }
    if shared_input || operation.contains_key("parameters") || operation.contains_key("requestBody")
    {
        statuses.push(400);
    }
    statuses.sort_unstable();
    statuses.dedup();
    let names = statuses
        .into_iter()
        .map(|status| status.to_string())
        .chain(std::iter::once("5XX".to_owned()));
    if let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    {
        for name in names {
            let reference = json!({"$ref": format!("#/components/responses/Error{name}")});
            responses.entry(name).or_insert(reference);
        }
    }
}
