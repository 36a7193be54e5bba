//! Definitions as each provider wants them, as plain JSON: no provider's types are part of the interface.

use serde_json::{Map, Value, json};

use super::definition::Tool;

/// Name, description and schema, without anything of a provider's.
pub fn plain(tools: &[Tool]) -> Value {
    tools
        .iter()
        .map(|tool| {
            json!({
                "name": tool.name(),
                "title": tool.title(),
                "description": tool.description(),
                "input_schema": tool.input_schema(),
                "output_schema": tool.output_schema(),
            })
        })
        .collect()
}

/// For OpenAI's function calling, strict: every field is required there, and what may be left out may be null.
/// [`Toolbox::call`](super::Toolbox::call) takes null for left out.
pub fn openai(tools: &[Tool]) -> Value {
    tools
        .iter()
        .map(|tool| {
            json!({
                "type": "function",
                "function": {
                    "name": tool.name(),
                    "description": tool.description(),
                    "parameters": strict(tool.input_schema()),
                    "strict": true,
                },
            })
        })
        .collect()
}

/// For Anthropic's tool use.
pub fn anthropic(tools: &[Tool]) -> Value {
    tools
        .iter()
        .map(|tool| {
            json!({
                "name": tool.name(),
                "description": tool.description(),
                "input_schema": tool.input_schema(),
            })
        })
        .collect()
}

/// For Gemini's function declarations, which know neither closed objects nor `anyOf` with null.
pub fn gemini(tools: &[Tool]) -> Value {
    let declarations: Vec<Value> = tools
        .iter()
        .map(|tool| {
            let parameters = open(tool.input_schema());
            let mut declaration = json!({
                "name": tool.name(),
                "description": tool.description(),
            });
            // An object without properties is refused there.
            let empty = parameters
                .get("properties")
                .and_then(Value::as_object)
                .is_none_or(Map::is_empty);
            if let (false, Value::Object(declaration)) = (empty, &mut declaration) {
                declaration.insert("parameters".to_owned(), parameters);
            }
            declaration
        })
        .collect();
    json!([{ "function_declarations": declarations }])
}

/// Every field is required, and what may be left out may be null.
fn strict(schema: &Value) -> Value {
    each(schema, &mut |schema| {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            return;
        };
        let required: Vec<Value> = schema
            .get("required")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let mut all = Map::new();
        for (name, property) in properties {
            let needed = required.iter().any(|known| known == name);
            let already = property.get("anyOf").is_some();
            let property = if needed || already {
                property.clone()
            } else {
                json!({ "anyOf": [property, { "type": "null" }] })
            };
            all.insert(name.clone(), property);
        }
        let names: Vec<&String> = all.keys().collect();
        schema.insert("required".to_owned(), json!(names));
        schema.insert("properties".to_owned(), Value::Object(all));
    })
}

fn open(schema: &Value) -> Value {
    each(schema, &mut |schema| {
        schema.remove("additionalProperties");
        let inner = schema.remove("anyOf");
        if let Some(Value::Object(first)) =
            inner.and_then(|schemas| schemas.as_array()?.first().cloned())
        {
            schema.extend(first);
            schema.insert("nullable".to_owned(), Value::Bool(true));
        }
    })
}

/// A copy in which every schema was changed, the inner ones first.
fn each(schema: &Value, change: &mut impl FnMut(&mut Map<String, Value>)) -> Value {
    let Value::Object(schema) = schema else {
        return schema.clone();
    };
    let mut copy = Map::new();
    for (name, value) in schema {
        let value = match (name.as_str(), value) {
            ("properties", Value::Object(properties)) => properties
                .iter()
                .map(|(name, property)| (name.clone(), each(property, change)))
                .collect(),
            ("anyOf", Value::Array(schemas)) => {
                schemas.iter().map(|schema| each(schema, change)).collect()
            }
            ("items", items) => each(items, change),
            _ => value.clone(),
        };
        copy.insert(name.clone(), value);
    }
    change(&mut copy);
    Value::Object(copy)
}
