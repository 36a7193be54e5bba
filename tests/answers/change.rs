//! Answers changed in the ways that services change them.

use fastrand::Rng;
use kallyai_openapi::Operation;
use serde_json::{Value, json};

use super::generate::{Generated, Kind, Place, anything, text};

/// An answer as it is sent, what must be read, and what was done to it.
pub(crate) struct Changed {
    pub(crate) sent: Value,
    pub(crate) expected: Value,
    pub(crate) done: Vec<&'static str>,
}

/// Every change that costs nothing at all.
pub(crate) const HARMLESS: &[&str] = &[
    "missing",
    "null",
    "null list",
    "unknown value",
    "number for a text",
    "number in a string",
    "whole number",
    "fraction",
    "truth value in another form",
    "extra field",
    "another value",
    "bare entry",
    "bare list",
];

/// Changes a sixth of the places, each in a way that costs nothing.
pub(crate) fn harmless(answer: &Generated, operation: &Operation, rng: &mut Rng) -> Changed {
    let mut changed = Changed {
        sent: answer.value.clone(),
        expected: answer.value.clone(),
        done: Vec::new(),
    };
    // What lies in these is no longer there.
    let mut replaced: Vec<String> = Vec::new();
    for place in &answer.places {
        let inside = |outer: &String| {
            let rest = place.pointer.strip_prefix(outer.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if rng.u8(..6) > 0 || replaced.iter().any(inside) {
            continue;
        }
        if place.optional && rng.u8(..3) == 0 {
            changed.leave_out(place, rng);
            replaced.push(place.pointer.clone());
        } else if place.kind == Kind::List {
            let entries = changed.bare_entries(place, operation, rng);
            replaced.extend(entries);
        } else {
            changed.at(place, rng);
        }
    }
    changed.bare_list(operation, rng);
    changed
}

impl Changed {
    fn leave_out(&mut self, place: &Place, rng: &mut Rng) {
        for value in [&mut self.sent, &mut self.expected] {
            remove(value, &place.pointer);
        }
        if rng.bool() {
            insert(&mut self.sent, &place.pointer, Value::Null);
            let list = place.kind == Kind::List;
            self.done.push(if list { "null list" } else { "null" });
        } else {
            self.done.push("missing");
        }
    }

    /// Changes the value at a place, and leaves what is inside where it is.
    fn at(&mut self, place: &Place, rng: &mut Rng) {
        let whole = rng.i32(-1000..1000);
        let fraction = f64::from(whole) + 0.25;
        let same = |done, value: Value| (done, value.clone(), value);
        let (done, sent, expected) = match place.kind {
            Kind::Enum => same("unknown value", json!(format!("of tomorrow {}", text(rng)))),
            Kind::Number => match rng.u8(..4) {
                0 => same("number in a string", json!(whole.to_string())),
                1 => same("number in a string", json!(format!("{whole}.50"))),
                2 => same("whole number", json!(whole)),
                _ => same("fraction", json!(fraction)),
            },
            Kind::Text => {
                let number = if rng.bool() {
                    json!(whole)
                } else {
                    json!(fraction)
                };
                (
                    "number for a text",
                    number.clone(),
                    json!(number.to_string()),
                )
            }
            Kind::Truth => {
                let (sent, truth) = match rng.u8(..6) {
                    0 => (json!("true"), true),
                    1 => (json!("False"), false),
                    2 => (json!("1"), true),
                    3 => (json!(0), false),
                    4 => (json!(1.0), true),
                    _ => (json!("0"), false),
                };
                ("truth value in another form", sent, json!(truth))
            }
            Kind::Anything => same("another value", anything(rng, 3)),
            Kind::Object => {
                let field = format!("{}/field_of_tomorrow", place.pointer);
                let value = anything(rng, 3);
                insert(&mut self.expected, &field, value.clone());
                insert(&mut self.sent, &field, value);
                self.done.push("extra field");
                return;
            }
            Kind::List | Kind::Map => return,
        };
        self.done.push(done);
        *self.sent.pointer_mut(&place.pointer).unwrap() = sent;
        *self.expected.pointer_mut(&place.pointer).unwrap() = expected;
    }

    /// Strings in the place of some entries, where the spec allows that. Gives their places.
    fn bare_entries(&mut self, place: &Place, operation: &Operation, rng: &mut Rng) -> Vec<String> {
        let Some(item) = &operation.bare_item else {
            return Vec::new();
        };
        let mut lists = operation.bare_lists.iter();
        if !lists.any(|list| place.pointer == format!("/{list}")) {
            return Vec::new();
        }
        let count = self.sent.pointer(&place.pointer).unwrap();
        let count = count.as_array().unwrap().len();
        let mut bare = Vec::new();
        for index in (0..count).filter(|_| rng.bool()).collect::<Vec<_>>() {
            let entry = format!("{}/{index}", place.pointer);
            let said = text(rng);
            *self.sent.pointer_mut(&entry).unwrap() = json!(said);
            *self.expected.pointer_mut(&entry).unwrap() = json!({ item: said });
            self.done.push("bare entry");
            bare.push(entry);
        }
        bare
    }

    /// The list alone, where the spec allows that.
    fn bare_list(&mut self, operation: &Operation, rng: &mut Rng) {
        if let Some(list) = &operation.bare_list
            && self.sent[list].is_array()
            && rng.bool()
        {
            self.sent = self.sent[list].take();
            self.expected = json!({ list: self.expected[list].take() });
            self.done.push("bare list");
        }
    }
}

/// What stands at one place where nobody expects it, as it is written. Some of it is no JSON.
pub(crate) fn oddities() -> Vec<String> {
    let mut all: Vec<String> = [
        "null",
        "true",
        "7",
        "-1.5",
        "\"odd\"",
        "\"\"",
        "[]",
        "{}",
        "[1, \"a\", null, {}]",
        "{\"a\": 1, \"id\": [], \"status\": {}}",
        "1e400",
        "-1e999",
        "123456789012345678901234567890",
        "0.00000000000000000000000000000000001",
        "NaN",
        "-Infinity",
        "\"\\ud83d\"",
        "\"a\\udc00\\ud800 b\"",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push(format!("{}1{}", "[".repeat(200), "]".repeat(200)));
    all.push(format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200)));
    all
}

/// The answer's text with that at one place; without the place if there is nothing.
pub(crate) fn odd_at(answer: &Value, pointer: &str, oddity: Option<&str>) -> String {
    const MARK: &str = "the odd one stands here";
    let mut value = answer.clone();
    let Some(oddity) = oddity else {
        remove(&mut value, pointer);
        return value.to_string();
    };
    *value.pointer_mut(pointer).unwrap() = json!(MARK);
    value.to_string().replace(&format!("\"{MARK}\""), oddity)
}

/// The answer's text with oddities at several places, and sometimes cut off.
pub(crate) fn wild(answer: &Generated, rng: &mut Rng) -> String {
    let mark = |index: usize| format!("the odd one with the number {index}.");
    let oddities = oddities();
    let mut value = answer.value.clone();
    for _ in 0..4 {
        let place = rng.choice(&answer.places).unwrap();
        let index = rng.usize(..oddities.len());
        // It may be gone with one around it.
        if let Some(value) = value.pointer_mut(&place.pointer) {
            *value = json!(mark(index));
        }
    }
    let mut text = value.to_string();
    for (index, oddity) in oddities.iter().enumerate() {
        text = text.replace(&format!("\"{}\"", mark(index)), oddity);
    }
    if rng.u8(..3) == 0 {
        let left = rng.usize(..=text.chars().count());
        text = text.chars().take(left).collect();
    }
    text
}

/// Whether the two agree in all but the piece, which may have been left out.
pub(crate) fn agree_but(sent: &Value, read: &Value, piece: &str) -> bool {
    let (mut sent, mut read) = (sent.clone(), read.clone());
    let holder = piece.rsplit_once('/').map_or("", |(holder, _)| holder);
    let length = |value: &Value| {
        let list = value.pointer(holder).and_then(Value::as_array);
        list.map(Vec::len)
    };
    if length(&sent) == length(&read) {
        remove(&mut read, piece);
    }
    remove(&mut sent, piece);
    kallyai_tests::without_nulls(&sent) == kallyai_tests::without_nulls(&read)
}

fn remove(value: &mut Value, pointer: &str) {
    let (holder, last) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(holder) {
        Some(Value::Object(map)) => {
            map.remove(last);
        }
        Some(Value::Array(list)) => {
            let index: usize = last.parse().unwrap();
            if index < list.len() {
                list.remove(index);
            }
        }
        _ => {}
    }
}

fn insert(value: &mut Value, pointer: &str, inner: Value) {
    let (holder, last) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(holder).unwrap()[last] = inner;
}
