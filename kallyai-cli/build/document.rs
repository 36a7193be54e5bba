//! What the document says of each operation and of each of its arguments.

use std::collections::HashMap;

use kallyai_openapi::{Operation, Spec};
use serde_json::Value;

/// Objects deeper than this are JSON.
const DEPTH: usize = 4;

/// An operation with its arguments.
pub(crate) struct Known {
    pub(crate) operation: Operation,
    pub(crate) price: Option<String>,
    pub(crate) arguments: Vec<Argument>,
}

/// One argument of an operation: a parameter, or a field of the body that is no object itself.
#[derive(Clone)]
pub(crate) struct Argument {
    /// Its name; below an object of the body, the dotted path.
    pub(crate) path: String,
    pub(crate) required: bool,
    pub(crate) list: bool,
    pub(crate) kind: Kind,
    pub(crate) help: String,
    /// Whether it should get no flag by itself: a second spelling of another argument, or a secret.
    pub(crate) left: bool,
}

/// What an argument is written like.
#[derive(Clone, PartialEq)]
pub(crate) enum Kind {
    Text,
    /// true or false, written out.
    Boolean,
    /// A flag by itself.
    Switch,
    Integer(Option<i64>, Option<i64>),
    Number,
    Choice(Vec<String>),
    Json,
    Date,
    Time,
    LocalDateTime,
    TimeZone,
    Phone,
}

impl Known {
    pub(crate) fn argument(&self, path: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.path == path)
    }
}

/// All operations, by their ids.
pub(crate) fn operations(spec: &Spec) -> HashMap<String, Known> {
    let known = spec.operations().into_iter().map(|operation| {
        let reader = Reader {
            spec,
            left: left(spec, &operation),
        };
        let mut arguments = Vec::new();
        for parameter in spec.parameters(&operation.id) {
            reader.parameter(parameter, &mut arguments);
        }
        if let Some(name) = &operation.request {
            let schema = at(spec, &format!("/components/schemas/{name}"));
            reader.body(&operation, schema, &mut arguments);
        }
        let price = text(definition(spec, &operation), "x-price").map(str::to_owned);
        (
            operation.id.clone(),
            Known {
                operation,
                price,
                arguments,
            },
        )
    });
    known.collect()
}

fn at<'a>(spec: &'a Spec, pointer: &str) -> &'a Value {
    spec.document().pointer(pointer).unwrap_or(&Value::Null)
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn definition<'a>(spec: &'a Spec, operation: &Operation) -> &'a Value {
    let path = operation.path.replace('~', "~0").replace('/', "~1");
    let method = operation.method.to_lowercase();
    at(spec, &format!("/paths/{path}/{method}"))
}

/// What an agent is not shown is a second spelling of something else.
fn left(spec: &Spec, operation: &Operation) -> Vec<String> {
    texts(definition(spec, operation).pointer("/x-agent/omit"))
}

struct Reader<'a> {
    spec: &'a Spec,
    left: Vec<String>,
}

impl<'a> Reader<'a> {
    fn parameter(&self, parameter: &Value, arguments: &mut Vec<Argument>) {
        let place = text(parameter, "in");
        let (Some(name), Some("path" | "query")) = (text(parameter, "name"), place) else {
            return;
        };
        let required = parameter.get("required") == Some(&Value::Bool(true));
        let schema = parameter.get("schema").unwrap_or(&Value::Null);
        let before = arguments.len();
        self.argument(name, schema, required, DEPTH, arguments);
        for argument in arguments.iter_mut().skip(before) {
            if let Some(said) = text(parameter, "description") {
                let said = [said, &hint(schema)].join(" ");
                said.trim().clone_into(&mut argument.help);
            }
        }
    }

    fn body(&self, operation: &Operation, schema: &'a Value, arguments: &mut Vec<Argument>) {
        let mut required = texts(schema.get("required"));
        required.extend(texts(
            definition(self.spec, operation).pointer("/x-agent/require"),
        ));
        for (name, property) in members(schema) {
            self.argument(name, property, required.contains(name), DEPTH, arguments);
        }
    }

    fn argument(
        &self,
        path: &str,
        schema: &Value,
        required: bool,
        depth: usize,
        arguments: &mut Vec<Argument>,
    ) {
        let (resolved, reference) = self.resolve(schema);
        if depth > 0 && resolved.get("properties").is_some() {
            let needed = texts(resolved.get("required"));
            for (name, property) in members(resolved) {
                let required = required && needed.contains(name);
                self.argument(
                    &format!("{path}.{name}"),
                    property,
                    required,
                    depth - 1,
                    arguments,
                );
            }
            return;
        }
        let list = text(resolved, "type") == Some("array");
        let (item, reference) = match resolved.get("items") {
            Some(items) if list => self.resolve(items),
            _ => (resolved, reference),
        };
        let said = text(schema, "description").or_else(|| text(resolved, "description"));
        arguments.push(Argument {
            path: path.to_owned(),
            required,
            list,
            kind: kind(item, reference),
            help: [said.unwrap_or_default(), &hint(item)]
                .join(" ")
                .trim()
                .to_owned(),
            left: self.left.iter().any(|left| left == path)
                || text(item, "format") == Some("password"),
        });
    }

    /// Follows references and a single `allOf`, and tells the name of the last schema.
    fn resolve<'b>(&'b self, schema: &'b Value) -> (&'b Value, Option<&'b str>) {
        let inner = schema.pointer("/allOf/0").unwrap_or(schema);
        match text(inner, "$ref") {
            Some(reference) => {
                let target = at(self.spec, reference.trim_start_matches('#'));
                let (found, name) = self.resolve(target);
                (found, name.or_else(|| reference.rsplit('/').next()))
            }
            None => (inner, None),
        }
    }
}

fn members(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten()
}

fn kind(schema: &Value, reference: Option<&str>) -> Kind {
    let integer = |key: &str| schema.get(key).and_then(Value::as_i64);
    let choices = texts(schema.get("enum"));
    match (text(schema, "type"), text(schema, "format")) {
        _ if !choices.is_empty() => Kind::Choice(choices),
        _ if reference == Some("E164") => Kind::Phone,
        (Some("boolean"), _) => Kind::Boolean,
        (Some("integer"), _) => Kind::Integer(integer("minimum"), integer("maximum")),
        (Some("number"), _) => Kind::Number,
        (Some("object" | "array"), _) => Kind::Json,
        (_, Some("date")) => Kind::Date,
        (_, Some("time-of-day")) => Kind::Time,
        (_, Some("local-date-time")) => Kind::LocalDateTime,
        (_, Some("time-zone")) => Kind::TimeZone,
        _ => Kind::Text,
    }
}

/// What the kind does not say.
fn hint(schema: &Value) -> String {
    let number = |key: &str| schema.get(key).and_then(Value::as_i64);
    match (
        number("minLength"),
        number("maxLength"),
        number("minimum"),
        number("maximum"),
    ) {
        (Some(least), Some(most), ..) => format!("{least} to {most} characters."),
        (None, Some(most), ..) => format!("At most {most} characters."),
        (_, _, Some(least), Some(most)) => format!("{least} to {most}."),
        _ => String::new(),
    }
}
