//! From the schemas of OpenAPI 3.0 to JSON Schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::catalogue::SCHEMAS;

/// The statuses of a call that is not over. No source names them: they are the sandbox's own.
pub(crate) const ASSUMED_CALL_STATUSES: &[&str] = &["queued", "ringing", "in_progress"];

/// What the sandbox answers beyond the enums of the spec.
const ASSUMED: &[(&str, &[&str])] = &[
    ("CallStatus", ASSUMED_CALL_STATUSES),
    // The references name two and leave the list open.
    ("GoalStepStatus", &["pending", "cancelled"]),
];

/// The keywords that mean the same in both.
const KEPT: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
];

/// Adds to an enum what the sandbox answers beyond it.
pub(crate) fn admit_assumed(name: &str, component: &mut Value) {
    let assumed = ASSUMED
        .iter()
        .find_map(|(known, assumed)| (*known == name).then_some(*assumed));
    if let (Some(assumed), Some(Value::Array(values))) = (assumed, component.get_mut("enum")) {
        values.extend(assumed.iter().map(|value| json!(value)));
    }
}

/// A JSON Schema that stands alone: the given one and every named one that it reaches.
pub(crate) fn standalone<'a>(schema: &Value, named: impl Fn(&str) -> Option<&'a Value>) -> Value {
    let mut root = convert(schema);
    let mut wanted = BTreeSet::new();
    references(&root, &mut wanted);
    let mut components = Map::new();
    while let Some(name) = wanted.pop_first() {
        if components.contains_key(&name) {
            continue;
        }
        let mut component = named(&name).map_or(Value::Bool(false), convert);
        admit_assumed(&name, &mut component);
        references(&component, &mut wanted);
        components.insert(name, component);
    }
    if let Value::Object(root) = &mut root {
        root.insert("components".into(), json!({ "schemas": components }));
    }
    root
}

fn convert(schema: &Value) -> Value {
    let Value::Object(schema) = schema else {
        return schema.clone();
    };
    let mut converted = Map::new();
    for (keyword, value) in schema {
        if !KEPT.contains(&keyword.as_str()) {
            continue;
        }
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => Value::Object(
                properties
                    .iter()
                    .map(|(name, property)| (name.clone(), convert(property)))
                    .collect(),
            ),
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                schemas.iter().map(convert).collect()
            }
            ("items" | "additionalProperties" | "not", value) => convert(value),
            _ => value.clone(),
        };
        converted.insert(keyword.clone(), value);
    }
    if converted.get("type") == Some(&json!("integer")) {
        // Kept as it came, a longer one would no longer be an integer when it is answered.
        converted.entry("minimum").or_insert(json!(i64::MIN));
        converted.entry("maximum").or_insert(json!(i64::MAX));
    }
    exclusive(&mut converted, "exclusiveMinimum", "minimum");
    exclusive(&mut converted, "exclusiveMaximum", "maximum");
    if schema.get("nullable") == Some(&Value::Bool(true)) {
        return json!({ "anyOf": [converted, { "type": "null" }] });
    }
    Value::Object(converted)
}

/// OpenAPI 3.0 says whether the limit itself is left out, JSON Schema says which limit.
fn exclusive(schema: &mut Map<String, Value>, flag: &str, limit: &str) {
    match schema.remove(flag) {
        Some(Value::Bool(true)) => {
            if let Some(limit) = schema.remove(limit) {
                schema.insert(flag.to_owned(), limit);
            }
        }
        Some(Value::Bool(false)) | None => {}
        Some(other) => {
            schema.insert(flag.to_owned(), other);
        }
    }
}

fn references(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(schema) => {
            if let Some(name) = schema
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix(SCHEMAS))
            {
                found.insert(name.to_owned());
            }
            for value in schema.values() {
                references(value, found);
            }
        }
        Value::Array(schemas) => {
            for schema in schemas {
                references(schema, found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn nullable_and_exclusive_limits_are_translated() {
        let converted = convert(&json!({
            "type": "number", "nullable": true, "minimum": 0, "exclusiveMinimum": true,
            "example": 3, "x-personal": true
        }));
        assert_eq!(
            converted,
            json!({ "anyOf": [{ "type": "number", "exclusiveMinimum": 0 }, { "type": "null" }] })
        );
    }

    #[test]
    fn a_standalone_schema_holds_what_it_reaches_and_no_more() {
        let document = json!({
            "A": { "properties": { "b": { "$ref": "#/components/schemas/B" } } },
            "B": { "items": { "$ref": "#/components/schemas/A" } },
            "C": {},
        });
        let schema = standalone(&json!({ "$ref": "#/components/schemas/A" }), |name| {
            document.get(name)
        });
        let names: Vec<_> = schema["components"]["schemas"]
            .as_object()
            .map(|schemas| schemas.keys().cloned().collect())
            .unwrap_or_default();
        assert_eq!(names, ["A", "B"]);
    }
}
