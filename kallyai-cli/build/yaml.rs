//! Reads the commands' file into JSON values, in its order.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value};

pub(crate) fn read(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| format!("commands.yaml: {error}"))?;
    let root = documents.first().ok_or("commands.yaml is empty")?;
    convert(root)
}

fn convert(node: &Yaml<'_>) -> Result<Value, String> {
    Ok(match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(yes)) => Value::from(*yes),
        Yaml::Value(Scalar::Integer(number)) => Value::from(*number),
        Yaml::Value(Scalar::FloatingPoint(number)) => Value::from(number.into_inner()),
        Yaml::Value(Scalar::String(text)) => Value::from(text.as_ref()),
        Yaml::Sequence(items) => Value::Array(items.iter().map(convert).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let name = key
                    .as_str()
                    .ok_or_else(|| format!("{key:?} is no name"))?
                    .to_owned();
                map.insert(name, convert(value)?);
            }
            Value::Object(map)
        }
        other => return Err(format!("{other:?} has no place in commands.yaml")),
    })
}
