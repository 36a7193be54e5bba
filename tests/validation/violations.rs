//! What can be wrong with a value, from its schema.

use kallyai_openapi::Spec;
use serde_json::{Value, json};

/// Stands in every text that must not be repeated.
pub const CANARY: &str = "hunter2";

/// A value that a constraint refuses, and one that it just takes.
pub struct Violation {
    /// Where to put it.
    pub path: Vec<String>,
    /// How it is told.
    pub field: String,
    pub wrong: Option<Value>,
    pub fine: Option<Value>,
    /// The code that comes with it.
    pub code: Option<String>,
    /// The type may refuse it before the check does.
    pub by_type: bool,
    /// It changes another field's fault.
    pub alone: bool,
}

/// Puts a value into a body.
pub fn set(body: &mut Value, path: &[String], value: Value) {
    let mut place = body;
    for step in path {
        place = match step.parse::<usize>() {
            Ok(index) => &mut place[index],
            Err(_) => &mut place[step],
        };
    }
    *place = value;
}

/// The violations of a request's body.
pub fn of_request(spec: &Spec, name: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    let schema = &spec.document()["components"]["schemas"][name];
    let walk = Walk { spec, typed: true };
    walk.value(schema, &schema["example"], &[], &mut found);
    if let Some(fields) = schema.get("x-not-past") {
        let path = fields["date"].as_str().unwrap();
        found.push(Violation {
            path: path.split('.').map(str::to_owned).collect(),
            field: path.to_owned(),
            wrong: Some(json!("2020-01-01")),
            fine: Some(json!("2098-12-31")),
            code: Some("scheduling_violation".to_owned()),
            by_type: false,
            // Without a valid zone nothing is past.
            alone: true,
        });
    }
    found
}

/// The violations of a value that stands alone.
pub fn of_value(spec: &Spec, schema: &Value, name: &str, typed: bool) -> Vec<Violation> {
    let mut found = Vec::new();
    Walk { spec, typed }.value(schema, &Value::Null, &[name.to_owned()], &mut found);
    found
}

struct Walk<'a> {
    spec: &'a Spec,
    /// Dates and times have types of their own.
    typed: bool,
}

impl Walk<'_> {
    fn value(&self, schema: &Value, example: &Value, path: &[String], found: &mut Vec<Violation>) {
        let schema = schema.pointer("/allOf/0").unwrap_or(schema);
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let target = self.spec.document().pointer(&reference[1..]).unwrap();
            return self.value(target, example, path, found);
        }
        let mut add = |wrong: Value, fine: Value, by_type: bool, code: Option<&Value>| {
            found.push(Violation {
                path: path.to_vec(),
                field: field(path),
                wrong: Some(wrong),
                fine: (!fine.is_null()).then_some(fine),
                code: code.and_then(Value::as_str).map(str::to_owned),
                by_type,
                alone: false,
            });
        };
        if let Some(code) = schema.get("x-closed") {
            let fine = schema["enum"][0].clone();
            return add(json!(CANARY), fine, false, Some(code));
        }
        let number = |word: &str| schema.get(word).and_then(Value::as_i64);
        match schema["type"].as_str() {
            Some("string") => self.text(schema, &mut add),
            Some("integer") => {
                // What is never negative has a type that says so.
                if let Some(least) = number("minimum") {
                    add(json!(least - 1), json!(least), least == 0, None);
                }
                if let Some(most) = number("maximum") {
                    add(json!(most + 1), json!(most), false, None);
                }
            }
            Some("array") => {
                if number("minItems") == Some(1) {
                    let only = json!([example[0]]);
                    add(json!([]), only, false, None);
                    // Of an empty list no entry is wrong.
                    found.last_mut().unwrap().alone = true;
                }
                let last = example.as_array().map_or(0, |list| list.len() - 1);
                let path = [path, &[last.to_string()]].concat();
                self.value(&schema["items"], &example[last], &path, found);
            }
            Some("object") => {
                for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                    let path = [path, std::slice::from_ref(name)].concat();
                    self.value(property, &example[name], &path, found);
                }
            }
            _ => {}
        }
    }

    fn text(&self, schema: &Value, add: &mut impl FnMut(Value, Value, bool, Option<&Value>)) {
        let number = |word: &str| schema.get(word).and_then(Value::as_u64);
        let long = |length: u64| json!("ü".repeat(usize::try_from(length).unwrap()));
        let format = schema.get("format").and_then(Value::as_str);
        if format.is_none_or(|format| format == "password") {
            if let Some(least) = number("minLength") {
                add(long(least - 1), long(least), false, None);
            }
            if let Some(most) = number("maxLength") {
                add(long(most + 1), long(most), false, None);
            }
        }
        match format {
            Some("date") => add(json!("2027-02-29"), json!("2098-02-28"), self.typed, None),
            Some("time-of-day") => add(json!("24:00"), json!("23:59"), true, None),
            Some("local-date-time") => {
                add(
                    json!("2026-02-14T20:00Z"),
                    json!("2026-02-14T20:00"),
                    true,
                    None,
                );
            }
            Some("time-zone") => add(json!(CANARY), json!("Europe/Madrid"), false, None),
            Some("email") => {
                add(
                    json!(format!("{CANARY} @x")),
                    json!("ada@example.org"),
                    false,
                    None,
                );
            }
            Some("phone-or-email") => {
                add(json!(CANARY), json!("ada@example.org"), false, None);
                add(json!("202 555 0199"), json!("+12025550147"), false, None);
            }
            Some("recipient") => {
                add(json!("202 555 0199"), json!("+12025550147"), false, None);
                add(json!(format!("{CANARY} @x")), json!("@ada"), false, None);
            }
            Some("uri") => add(json!(CANARY), json!("https://example.org"), false, None),
            None | Some("password") => {}
            Some(other) => panic!("no violation of {other}"),
        }
        match schema.get("pattern").and_then(Value::as_str) {
            Some("^[A-Z]{2}$") => {
                add(json!("us"), json!("ES"), false, None);
                add(json!("USA"), json!("US"), false, None);
            }
            Some(pattern) if pattern.starts_with(r"^\+[1-9]") => {
                add(json!("2025550199"), json!("+12025550147"), true, None);
            }
            // A time of day, by its format.
            Some(_) if format == Some("time-of-day") => {}
            Some(pattern) => panic!("no violation of {pattern}"),
            None => {}
        }
    }
}

/// A path as errors write it.
fn field(path: &[String]) -> String {
    path.iter().fold(String::new(), |field, step| {
        if step.parse::<usize>().is_ok() {
            format!("{field}[{step}]")
        } else if field.is_empty() {
            step.clone()
        } else {
            format!("{field}.{step}")
        }
    })
}
