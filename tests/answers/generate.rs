//! Random answers that the spec allows, and what stands where in them.

use fastrand::Rng;
use kallyai_openapi::Spec;
use serde_json::{Map, Value, json};

/// What the spec wants at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Enum,
    /// A number, or one in a string.
    Number,
    Truth,
    List,
    Object,
    /// An object with keys of the service's choice and values of one type.
    Map,
    /// What the spec does not describe.
    Anything,
}

/// A place in an answer.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// As a JSON pointer.
    pub(crate) pointer: String,
    pub(crate) kind: Kind,
    /// May be null or missing.
    pub(crate) optional: bool,
    /// The smallest piece around it that the rest can do without; nothing if that is the whole answer.
    pub(crate) piece: Option<String>,
}

/// An answer, and its places from the outside to the inside.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) value: Value,
    pub(crate) places: Vec<Place>,
}

/// Beyond this a tree ends.
const DEEPEST: usize = 4;
/// The most entries of a list or a map.
const MOST: usize = 4;

/// A random answer of a named schema.
pub(crate) fn answer(spec: &Spec, schema: &str, rng: &mut Rng) -> Generated {
    let mut generator = Generator {
        spec,
        rng,
        places: Vec::new(),
    };
    let reference = json!({"$ref": format!("#/components/schemas/{schema}")});
    let whole = Place {
        pointer: String::new(),
        kind: Kind::Object,
        optional: false,
        piece: None,
    };
    let value = generator.value(&reference, whole, 0, false);
    Generated {
        value,
        places: generator.places,
    }
}

struct Generator<'a> {
    spec: &'a Spec,
    rng: &'a mut Rng,
    places: Vec<Place>,
}

impl Generator<'_> {
    fn value(&mut self, schema: &Value, place: Place, depth: usize, named: bool) -> Value {
        let wrapped = schema.pointer("/allOf/0").unwrap_or(schema);
        if let Some(reference) = wrapped.get("$ref").and_then(Value::as_str) {
            assert!(
                !reference.ends_with("/E164"),
                "an answer's number may be written in any way"
            );
            let spec = self.spec;
            let target = spec.document().pointer(&reference[1..]).unwrap();
            return self.value(target, place, depth + 1, true);
        }
        let kind = kind(schema, named);
        self.places.push(Place {
            kind,
            ..place.clone()
        });
        match kind {
            Kind::Enum => {
                let values = schema["enum"].as_array().unwrap();
                values[self.rng.usize(..values.len())].clone()
            }
            Kind::Text => match schema.get("format").and_then(Value::as_str) {
                Some("date-time") => json!("2026-02-14T20:00:00Z"),
                Some("date") => json!("2026-02-14"),
                // An empty one says not which call it is, and is an error for that.
                Some("uuid") => json!(format!("id{}", text(self.rng))),
                _ => Value::from(text(self.rng)),
            },
            Kind::Number => {
                let hundreds = self.rng.i32(-1_000..1_000_000);
                match schema["type"].as_str() {
                    Some("string") => json!(format!("{}", f64::from(hundreds) / 100.0)),
                    Some("number") => json!(f64::from(hundreds) / 100.0),
                    _ => json!(hundreds),
                }
            }
            Kind::Truth => json!(self.rng.bool()),
            Kind::Anything => {
                let mut map = Map::new();
                map.insert("inner".to_owned(), anything(self.rng, 2));
                Value::Object(map)
            }
            Kind::List => {
                let count = self.count(depth);
                (0..count)
                    .map(|index| self.entry(&schema["items"], &place, &index.to_string(), depth))
                    .collect()
            }
            Kind::Map => {
                let count = self.count(depth);
                let values = &schema["additionalProperties"];
                let keys = (0..count).map(|index| format!("key{index}"));
                let entries: Vec<_> = keys
                    .map(|key| (key.clone(), self.entry(values, &place, &key, depth)))
                    .collect();
                Value::Object(entries.into_iter().collect())
            }
            Kind::Object => self.object(schema, &place, depth),
        }
    }

    fn count(&mut self, depth: usize) -> usize {
        if depth > DEEPEST {
            0
        } else {
            self.rng.usize(..=MOST)
        }
    }

    /// An entry of a list or a map: the others can do without it.
    fn entry(&mut self, schema: &Value, holder: &Place, key: &str, depth: usize) -> Value {
        let pointer = format!("{}/{key}", holder.pointer);
        let place = Place {
            piece: Some(pointer.clone()),
            optional: false,
            kind: Kind::Anything,
            pointer,
        };
        self.value(schema, place, depth, false)
    }

    fn object(&mut self, schema: &Value, holder: &Place, depth: usize) -> Value {
        let required = schema.get("required").and_then(Value::as_array);
        let mut map = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let nullable = property.get("nullable") == Some(&json!(true));
            let required = required.is_some_and(|names| names.contains(&json!(name)));
            let optional = nullable || !required;
            if optional && (depth > DEEPEST || self.rng.u8(..10) < 3) {
                continue;
            }
            let pointer = format!("{}/{name}", holder.pointer);
            let place = Place {
                piece: if optional {
                    Some(pointer.clone())
                } else {
                    holder.piece.clone()
                },
                optional,
                kind: Kind::Anything,
                pointer,
            };
            map.insert(name.clone(), self.value(property, place, depth, false));
        }
        Value::Object(map)
    }
}

fn kind(schema: &Value, named: bool) -> Kind {
    let of_one_type = schema
        .get("additionalProperties")
        .is_some_and(Value::is_object);
    match schema.get("type").and_then(Value::as_str) {
        _ if schema.get("enum").is_some() => Kind::Enum,
        Some("string") if schema.get("x-decimal") == Some(&json!(true)) => Kind::Number,
        Some("string") => Kind::Text,
        Some("integer" | "number") => Kind::Number,
        Some("boolean") => Kind::Truth,
        Some("array") => Kind::List,
        Some("object") if of_one_type => Kind::Map,
        Some("object") if named => Kind::Object,
        _ => Kind::Anything,
    }
}

/// A text with characters that need care in JSON.
pub(crate) fn text(rng: &mut Rng) -> String {
    const CHARACTERS: &[char] = &[
        'a',
        'Z',
        '0',
        ' ',
        '"',
        '\\',
        '/',
        '\n',
        '\0',
        '{',
        ']',
        '\u{e9}',
        '\u{2028}',
        '\u{fffd}',
        '\u{1f600}',
    ];
    (0..rng.usize(..12))
        .filter_map(|_| rng.choice(CHARACTERS))
        .collect()
}

/// Any JSON but a null.
pub(crate) fn anything(rng: &mut Rng, depth: usize) -> Value {
    match rng.u8(..if depth == 0 { 4 } else { 6 }) {
        0 => json!(rng.bool()),
        1 => json!(rng.i32(..)),
        2 => json!(f64::from(rng.i32(-9999..9999)) / 8.0),
        3 => json!(text(rng)),
        4 => json!([anything(rng, depth - 1), null, anything(rng, depth - 1)]),
        _ => json!({"a": anything(rng, depth - 1), "": null, "b": anything(rng, depth - 1)}),
    }
}
