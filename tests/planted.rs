//! Values with canaries: texts and numbers that nothing may show.

use kallyai_openapi::Spec;
use serde_json::{Map, Value, json};

/// A text that stands for all that is private.
pub const CANARY: &str = "canary-hunter2";
/// A number that stands for all numbers; `E164` shows its first digit and its last two.
pub const NUMBER: &str = "+12025550147";
pub const NUMBER_INSIDE: &str = "20255501";

/// A value of the schema with the canary in every marked field, and the number of canaries.
pub fn planted(spec: &Spec, schema: &Value, depth: usize, planted_so_far: &mut usize) -> Value {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        if reference.ends_with("/E164") {
            *planted_so_far += 1;
            return json!(NUMBER);
        }
        let target = spec.document().pointer(&reference[1..]).unwrap();
        return planted(spec, target, depth + 1, planted_so_far);
    }
    if let Some(wrapped) = schema.pointer("/allOf/0") {
        return planted(spec, wrapped, depth, planted_so_far);
    }
    if let Some(values) = schema.get("enum") {
        return values[0].clone();
    }
    let format = schema.get("format").and_then(Value::as_str);
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => match format {
            Some("phone") => {
                *planted_so_far += 1;
                json!(NUMBER)
            }
            Some("password") => {
                *planted_so_far += 1;
                json!(CANARY)
            }
            _ if schema.get("x-personal") == Some(&json!(true)) => {
                *planted_so_far += 1;
                json!(CANARY)
            }
            Some("date") => json!("2026-02-14"),
            Some("time-of-day") => json!("20:00"),
            Some("local-date-time") => json!("2026-02-14T20:00:00"),
            _ => json!("1"),
        },
        Some("boolean") => json!(true),
        Some("integer" | "number") => json!(1),
        Some("array") => json!([planted(spec, &schema["items"], depth, planted_so_far)]),
        _ => {
            let mut map = Map::new();
            let properties = schema.get("properties").and_then(Value::as_object);
            let required = schema
                .get("required")
                .map(ToString::to_string)
                .unwrap_or_default();
            for (name, property) in properties.into_iter().flatten() {
                // A tree ends somewhere.
                let reference = property.to_string().contains("$ref");
                if depth > 4 && reference && !required.contains(&format!("\"{name}\"")) {
                    continue;
                }
                map.insert(name.clone(), planted(spec, property, depth, planted_so_far));
            }
            let rest = schema.get("additionalProperties");
            if rest.is_none_or(|rest| !rest.is_object()) {
                // What the spec does not know can be anything.
                *planted_so_far += 1;
                map.insert("unknown".to_owned(), json!({"deep": [CANARY]}));
            } else if let Some(rest) = rest {
                map.insert("key".to_owned(), planted(spec, rest, depth, planted_so_far));
            }
            Value::Object(map)
        }
    }
}
