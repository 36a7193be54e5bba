//! Which schemas are sent, and which are received.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::spec::Spec;

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

/// Every reference inside a value.
pub(crate) fn references<'a>(value: &'a Value, into: &mut HashSet<&'a str>) {
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
