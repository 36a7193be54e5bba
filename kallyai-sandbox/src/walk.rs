//! Values side by side with their schemas.

use serde_json::{Map, Value};

use crate::catalogue::Catalogue;

/// Visits a value and every value in it together with its schema, from the inside out.
pub(crate) fn walk(
    catalogue: &Catalogue,
    schema: &Value,
    value: &mut Value,
    visit: &mut impl FnMut(&Map<String, Value>, &mut Value),
) {
    let Value::Object(schema) = catalogue.resolve(schema) else {
        return;
    };
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let property = schema
                    .get("properties")
                    .and_then(|properties| properties.get(name))
                    .or_else(|| schema.get("additionalProperties"));
                if let Some(property) = property {
                    walk(catalogue, property, value, visit);
                }
            }
        }
        Value::Array(values) => {
            if let Some(items) = schema.get("items") {
                for value in values {
                    walk(catalogue, items, value, visit);
                }
            }
        }
        _ => {}
    }
    for combined in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        walk(catalogue, combined, value, visit);
    }
    visit(schema, value);
}

/// Whether a schema, or one that it reaches, has this about it.
pub(crate) fn any(
    catalogue: &Catalogue,
    schema: &Value,
    test: &impl Fn(&Map<String, Value>) -> bool,
) -> bool {
    let mut seen = Vec::new();
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        let schema = catalogue.resolve(schema);
        // Some schemas contain themselves.
        if seen.iter().any(|known| std::ptr::eq(*known, schema)) {
            continue;
        }
        seen.push(schema);
        let Value::Object(schema) = schema else {
            continue;
        };
        if test(schema) {
            return true;
        }
        waiting.extend(schema.get("items"));
        waiting.extend(schema.get("additionalProperties"));
        let properties = schema.get("properties").and_then(Value::as_object);
        waiting.extend(properties.into_iter().flat_map(Map::values));
        let combined = schema.get("allOf").and_then(Value::as_array);
        waiting.extend(combined.into_iter().flatten());
    }
    false
}
