//! Writes the document as YAML.

use saphyr::{Mapping, Scalar, ScalarStyle, Yaml, YamlEmitter};
use serde_json::Value;

/// A JSON value as a YAML document.
pub fn to_yaml(value: &Value) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = YamlEmitter::new(&mut text).dump(&convert(value));
    text
}

fn convert(value: &Value) -> Yaml<'_> {
    match value {
        Value::Null => Yaml::Value(Scalar::Null),
        Value::Bool(b) => Yaml::Value(Scalar::Boolean(*b)),
        Value::Number(n) => Yaml::Value(n.as_i64().map_or_else(
            || Scalar::FloatingPoint(n.as_f64().unwrap_or(f64::NAN).into()),
            Scalar::Integer,
        )),
        // YAML 1.1 reads unquoted dates and times as something else than strings.
        Value::String(s) if s.starts_with(|c: char| c.is_ascii_digit()) => {
            Yaml::Representation(s.into(), ScalarStyle::DoubleQuoted, None)
        }
        Value::String(s) => Yaml::Value(Scalar::String(s.into())),
        Value::Array(list) => Yaml::Sequence(list.iter().map(convert).collect()),
        Value::Object(map) => {
            let mut mapping = Mapping::new();
            for (key, inner) in map {
                mapping.insert(Yaml::Value(Scalar::String(key.into())), convert(inner));
            }
            Yaml::Mapping(mapping)
        }
    }
}
