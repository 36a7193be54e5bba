//! Reads YAML into JSON values and remembers where everything stood.

use std::collections::HashMap;
use std::fmt;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};
use serde_json::{Map, Value};

/// Where something stands in the spec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The file, relative to the root of the repository.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

/// A mistake in the spec.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it stands.
    pub position: Position,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}",
            self.position.file, self.position.line, self.message
        )
    }
}

impl std::error::Error for Problem {}

/// One parsed file: its value, and the line of every node by JSON pointer.
pub(crate) struct Source {
    pub(crate) file: String,
    pub(crate) value: Value,
    pub(crate) lines: HashMap<String, usize>,
}

impl Source {
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Problem> {
        let at = |line: usize, message: String| Problem {
            position: Position {
                file: file.to_owned(),
                line,
            },
            message,
        };
        let documents = MarkedYaml::load_from_str(text)
            .map_err(|e| at(e.marker().line(), format!("not valid YAML: {}", e.info())))?;
        let root = documents
            .first()
            .ok_or_else(|| at(1, "the file is empty".to_owned()))?;
        let mut lines = HashMap::new();
        let value = convert(root, String::new(), &mut lines)
            .map_err(|(line, message)| at(line, message))?;
        Ok(Self {
            file: file.to_owned(),
            value,
            lines,
        })
    }
}

/// Escapes one segment of a JSON pointer.
pub(crate) fn segment(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn convert(
    node: &MarkedYaml<'_>,
    pointer: String,
    lines: &mut HashMap<String, usize>,
) -> Result<Value, (usize, String)> {
    let line = node.span.start.line();
    let value = match &node.data {
        YamlData::Value(Scalar::Null) => Value::Null,
        YamlData::Value(Scalar::Boolean(b)) => Value::Bool(*b),
        YamlData::Value(Scalar::Integer(i)) => Value::from(*i),
        YamlData::Value(Scalar::FloatingPoint(f)) => Value::from(f.into_inner()),
        YamlData::Value(Scalar::String(s)) => Value::from(s.as_ref()),
        YamlData::Sequence(items) => {
            let mut list = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                list.push(convert(item, format!("{pointer}/{index}"), lines)?);
            }
            Value::Array(list)
        }
        YamlData::Mapping(entries) => {
            let mut map = Map::new();
            for (key, item) in entries {
                let YamlData::Value(Scalar::String(name)) = &key.data else {
                    return Err((
                        key.span.start.line(),
                        "a key must be a string; quote it".to_owned(),
                    ));
                };
                let child = format!("{pointer}/{}", segment(name));
                let converted = convert(item, child.clone(), lines)?;
                lines.insert(child, key.span.start.line());
                map.insert(name.to_string(), converted);
            }
            Value::Object(map)
        }
        _ => return Err((line, "tags and aliases have no place here".to_owned())),
    };
    lines.entry(pointer).or_insert(line);
    Ok(value)
}
