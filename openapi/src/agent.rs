//! Operations as tools of an agent: what a model is told of them, in the part of JSON Schema that the common
//! runtimes all take.
//!
//! The arguments of a tool are one object: parameters and the fields of the body side by side. What the
//! document leaves open (an object of any fields) is JSON in a text there, because the strict runtimes take no
//! open objects.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::index::{Answer, Dials, Operation, Spend};
use crate::spec::{RawOperation, Spec};

/// References deeper than this are cut off: some schemas contain themselves.
const DEPTH: usize = 6;

/// An operation as a tool.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tool {
    /// The id of the operation.
    pub id: String,
    /// A few words.
    pub title: String,
    /// What it does, what it costs, and what to mind.
    pub description: String,
    /// The schema of its arguments.
    pub input: Value,
    /// The schema of its answer, as open as the answers are.
    pub output: Value,
    /// The arguments that go into the path, in its order.
    pub path: Vec<String>,
    /// The arguments that go into the query.
    pub query: Vec<String>,
    /// The fields of the body that are JSON in a text; an empty name is the body itself.
    pub json: Vec<String>,
    /// The entry of the published price list, where it has one.
    pub price: Option<String>,
    /// Whether an agent has it without being asked.
    pub by_default: bool,
    /// Whether its answer holds what strangers have written or said.
    pub untrusted: bool,
    /// Whether it changes something though its method only reads.
    pub changes: bool,
}

/// The name under which a whole body of any fields is given.
pub const BODY: &str = "body";

impl Spec {
    /// Every operation as a tool, in the order of the document.
    pub fn tools(&self) -> Vec<Tool> {
        self.raw_operations()
            .zip(self.operations())
            .map(|(raw, operation)| self.tool(&raw, &operation))
            .collect()
    }

    fn tool(&self, raw: &RawOperation<'_>, operation: &Operation) -> Tool {
        let overlay = raw.operation.get("x-agent").unwrap_or(&Value::Null);
        let flag = |name: &str| overlay.get(name) == Some(&Value::Bool(true));
        let names = |name: &str| -> Vec<&str> {
            let list = overlay.get(name).and_then(Value::as_array);
            list.into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        let mut input = Input::default();
        for parameter in raw.parameters(self) {
            input.parameter(self, parameter);
        }
        if let Some(name) = &operation.request {
            let schema = self.component("schemas", name).unwrap_or(&Value::Null);
            input.body(self, schema, &names("omit"), &names("require"));
        }
        Tool {
            id: operation.id.clone(),
            title: operation.summary.clone(),
            description: description(operation, overlay),
            output: match &operation.answer {
                Answer::Json(name) => output(self, &reference(name), DEPTH),
                Answer::Text(_) => one("text", "The text."),
                Answer::Redirect => one("location", "Where it leads."),
                Answer::Empty => json!({ "type": "object", "properties": {} }),
            },
            input: input.schema(),
            path: input.path,
            query: input.query,
            json: input.json,
            price: raw
                .operation
                .get("x-price")
                .and_then(Value::as_str)
                .map(str::to_owned),
            by_default: flag("default"),
            untrusted: flag("untrusted"),
            changes: flag("changes"),
        }
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// An answer that is a single text.
fn one(field: &str, description: &str) -> Value {
    json!({
        "type": "object",
        "properties": { field: { "type": "string", "description": description } },
        "required": [field],
    })
}

/// What the document says, and what to mind before it is called.
fn description(operation: &Operation, overlay: &Value) -> String {
    let said = overlay.get("description").and_then(Value::as_str);
    let mut text = said.unwrap_or(&operation.description).trim().to_owned();
    match operation.effects.dials {
        Dials::Direct => text.push_str(" Rings a phone at once."),
        Dials::Indirect => text.push_str(" May ring a phone."),
        Dials::None => {}
    }
    match operation.effects.spend {
        Spend::None => {}
        Spend::Fixed => text.push_str(" Costs credits."),
        Spend::Metered => text.push_str(" Costs credits by use."),
        Spend::Unknown => text.push_str(" May cost."),
    }
    if operation.effects.irreversible {
        text.push_str(" Cannot be taken back.");
    }
    text
}

/// The arguments as they are collected.
#[derive(Default)]
struct Input {
    properties: Map<String, Value>,
    required: Vec<String>,
    path: Vec<String>,
    query: Vec<String>,
    json: Vec<String>,
}

impl Input {
    fn add(&mut self, name: &str, schema: Value, required: bool) {
        self.properties.insert(name.to_owned(), schema);
        if required {
            self.required.push(name.to_owned());
        }
    }

    /// A parameter of the path or the query; headers are the library's.
    fn parameter(&mut self, spec: &Spec, parameter: &Value) {
        let text = |key: &str| parameter.get(key).and_then(Value::as_str);
        let (Some(name), Some(place)) = (text("name"), text("in")) else {
            return;
        };
        match place {
            "path" => self.path.push(name.to_owned()),
            "query" => self.query.push(name.to_owned()),
            _ => return,
        }
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let mut argument = Argument::read(spec, schema, DEPTH).schema;
        if let (Some(said), Value::Object(argument)) = (text("description"), &mut argument) {
            describe(argument, said);
        }
        let required = parameter.get("required") == Some(&Value::Bool(true));
        self.add(name, argument, required);
    }

    fn body(&mut self, spec: &Spec, schema: &Value, omit: &[&str], require: &[&str]) {
        if is_open(schema) {
            self.json.push(String::new());
            self.add(BODY, json_text(schema), false);
            return;
        }
        let required = texts(schema.get("required"));
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            if omit.contains(&name.as_str()) {
                continue;
            }
            let argument = Argument::read(spec, property, DEPTH);
            self.json
                .extend(argument.json.into_iter().map(|inner| join(name, &inner)));
            let needed = required.contains(&name.as_str()) || require.contains(&name.as_str());
            self.add(name, argument.schema, needed);
        }
    }

    fn schema(&self) -> Value {
        json!({
            "type": "object",
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        })
    }
}

fn join(name: &str, inner: &str) -> String {
    if inner.is_empty() {
        name.to_owned()
    } else {
        format!("{name}.{inner}")
    }
}

fn texts(list: Option<&Value>) -> Vec<&str> {
    let list = list.and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Whether an object may have any fields.
fn is_open(schema: &Value) -> bool {
    schema.get("additionalProperties") == Some(&Value::Bool(true))
        && schema.get("properties").is_none()
}

/// A schema of an argument, and which places in it are JSON in a text.
struct Argument {
    schema: Value,
    json: Vec<String>,
}

impl Argument {
    fn read(spec: &Spec, schema: &Value, depth: usize) -> Self {
        let resolved = resolve(spec, schema);
        let text = |key: &str| resolved.get(key).and_then(Value::as_str);
        let mut json = Vec::new();
        let mut converted = Map::new();
        let kind = text("type").unwrap_or("string");
        if is_open(resolved) {
            return Self {
                schema: json_text(resolved),
                json: vec![String::new()],
            };
        }
        converted.insert("type".to_owned(), Value::from(kind));
        match kind {
            "object" if depth > 0 => {
                let mut properties = Map::new();
                for (name, property) in members(resolved) {
                    let inner = Self::read(spec, property, depth - 1);
                    json.extend(inner.json.into_iter().map(|place| join(name, &place)));
                    properties.insert(name.clone(), inner.schema);
                }
                converted.insert("properties".to_owned(), Value::Object(properties));
                converted.insert(
                    "required".to_owned(),
                    json!(texts(resolved.get("required"))),
                );
                converted.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            "array" if depth > 0 => {
                let items = resolved.get("items").unwrap_or(&Value::Null);
                let inner = Self::read(spec, items, depth - 1);
                converted.insert("items".to_owned(), inner.schema);
            }
            _ => {}
        }
        if let Some(values) = resolved.get("enum") {
            converted.insert("enum".to_owned(), values.clone());
        }
        for limit in ["minimum", "maximum"] {
            if let Some(value) = resolved.get(limit) {
                converted.insert(limit.to_owned(), value.clone());
            }
        }
        let said = [text("description").unwrap_or_default(), &hint(resolved)].join(" ");
        describe(&mut converted, said.trim());
        let mut schema = Value::Object(converted);
        if resolved.get("nullable") == Some(&Value::Bool(true)) {
            schema = json!({ "anyOf": [schema, { "type": "null" }] });
        }
        Self { schema, json }
    }
}

fn describe(schema: &mut Map<String, Value>, text: &str) {
    if !text.is_empty() {
        let own = schema.get("description").and_then(Value::as_str);
        // A parameter says what it is for, its schema how it is written.
        let text = match own {
            Some(own) if own != text && !own.is_empty() => format!("{text} {own}"),
            _ => text.to_owned(),
        };
        schema.insert("description".to_owned(), Value::from(text));
    }
}

/// What the portable part of JSON Schema cannot say.
fn hint(schema: &Value) -> String {
    let number = |key: &str| schema.get(key).and_then(Value::as_u64);
    let format = match schema.get("format").and_then(Value::as_str) {
        Some("date") => "YYYY-MM-DD.",
        Some("time-zone") => "An IANA name.",
        Some("email") => "An e-mail address.",
        Some("uri") => "A URL.",
        _ => "",
    };
    let length = match (number("minLength"), number("maxLength")) {
        (Some(least), Some(most)) => format!("{least} to {most} characters."),
        (None, Some(most)) => format!("At most {most} characters."),
        _ => String::new(),
    };
    [format, &length].join(" ").trim().to_owned()
}

fn json_text(schema: &Value) -> Value {
    let said = schema.get("description").and_then(Value::as_str);
    json!({
        "type": "string",
        "description": format!("{} A JSON object, as text.", said.unwrap_or_default()).trim(),
    })
}

/// Follows references, and takes a single `allOf` for what is in it.
fn resolve<'a>(spec: &'a Spec, schema: &'a Value) -> &'a Value {
    let schema = spec.resolve(schema);
    let inner = schema.get("allOf").and_then(Value::as_array);
    inner
        .and_then(|schemas| schemas.first())
        .map_or(schema, |inner| spec.resolve(inner))
}

fn members(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten()
}

/// The schema of an answer: objects and lists have their form, and everything else is as the service sends it.
///
/// A model reads the answer itself, and pays for each word here: of what is said of a field it gets the first
/// sentence, and nothing of an object, which its fields tell.
fn output(spec: &Spec, schema: &Value, depth: usize) -> Value {
    let resolved = resolve(spec, schema);
    let mut converted = Map::new();
    let kind = resolved.get("type").and_then(Value::as_str);
    let said = resolved.get("description").and_then(Value::as_str);
    if let Some(said) = said.filter(|_| kind != Some("object")) {
        converted.insert("description".to_owned(), Value::from(first_sentence(said)));
    }
    let nullable = resolved.get("nullable") == Some(&Value::Bool(true))
        || schema.get("nullable") == Some(&Value::Bool(true));
    match kind {
        Some("object") if depth > 0 && !nullable => {
            converted.insert("type".to_owned(), Value::from("object"));
            let properties = fields(spec, resolved, depth - 1);
            converted.insert("properties".to_owned(), Value::Object(properties));
            let required = texts(resolved.get("required"));
            if !required.is_empty() {
                converted.insert("required".to_owned(), json!(required));
            }
        }
        Some("array") if depth > 0 && !nullable => {
            converted.insert("type".to_owned(), Value::from("array"));
            let items = resolved.get("items").unwrap_or(&Value::Null);
            converted.insert("items".to_owned(), output(spec, items, depth - 1));
        }
        _ => {}
    }
    Value::Object(converted)
}

/// The fields of an answer. A list that has two names is written out under the first.
fn fields(spec: &Spec, object: &Value, depth: usize) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, property) in members(object) {
        let mut field = output(spec, property, depth);
        let items = field
            .get("items")
            .filter(|items| items.get("properties").is_some());
        if let Some(items) = items
            && let Some((first, _)) = fields
                .iter()
                .find(|(_, other): &(_, &Value)| other.get("items") == Some(items))
        {
            field = json!({ "type": "array", "description": format!("As `{first}`.") });
        }
        fields.insert(name.clone(), field);
    }
    fields
}

fn first_sentence(text: &str) -> &str {
    let text = text.trim();
    text.find(". ")
        .and_then(|end| text.get(..=end))
        .unwrap_or(text)
}
