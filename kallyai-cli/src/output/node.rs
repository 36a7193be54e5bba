//! An answer read for people: the names in the service's order, the numbers with the service's digits.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::json;

/// How deep an answer for people may be.
const DEEPEST: usize = 64;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Reads a document; none if it is too deep, or has texts that are none.
    pub(crate) fn read(document: &str) -> Option<Self> {
        value(serde_json::from_str(document).ok()?, DEEPEST)
    }

    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        let fields = self.as_map()?;
        fields
            .iter()
            .find(|field| field.0 == name)
            .map(|field| &field.1)
    }

    /// The value at a path of fields: `result.summary`, `steps.0.status`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, step| match node {
            Self::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => node.field(step),
        })
    }

    pub(crate) fn as_map(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Map(fields) => Some(fields),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// Whether there is nothing in it to be shown.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(fields) => fields.iter().all(|field| field.1.is_empty()),
            Self::Bool(_) | Self::Number(_) => false,
        }
    }

    /// One line of JSON.
    pub(crate) fn to_json(&self) -> String {
        let all = |parts: Vec<String>| parts.join(",");
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(is) => is.to_string(),
            Self::Number(number) => number.clone(),
            Self::Text(text) => json::text(text),
            Self::List(items) => format!("[{}]", all(items.iter().map(Self::to_json).collect())),
            Self::Map(fields) => {
                let field = |(name, value): &(String, Self)| {
                    format!("{}:{}", json::text(name), value.to_json())
                };
                format!("{{{}}}", all(fields.iter().map(field).collect()))
            }
        }
    }

    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self, Self::List(_) | Self::Map(_))
    }

    /// Whether it is a list that has objects in it.
    pub(crate) fn is_of_objects(&self) -> bool {
        let items = self.as_list().unwrap_or_default();
        !items.is_empty() && items.iter().all(|item| item.as_map().is_some())
    }
}

fn value(raw: &RawValue, depth: usize) -> Option<Node> {
    let text = raw.get();
    Some(match text.bytes().next()? {
        b'{' => {
            let fields: Fields = serde_json::from_str(text).ok()?;
            let depth = depth.checked_sub(1)?;
            let fields = fields.0.into_iter();
            let read = fields.map(|(name, raw)| Some((name, value(raw, depth)?)));
            Node::Map(read.collect::<Option<_>>()?)
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            let depth = depth.checked_sub(1)?;
            let read = items.into_iter().map(|raw| value(raw, depth));
            Node::List(read.collect::<Option<_>>()?)
        }
        b'"' => Node::Text(serde_json::from_str(text).ok()?),
        b'n' => Node::Null,
        b't' => Node::Bool(true),
        b'f' => Node::Bool(false),
        _ => Node::Number(text.to_owned()),
    })
}

/// The fields of an object in their order.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_digits_stay() {
        let node = Node::read(r#"{"z":1.50,"a":{"b":[null,true,"x"]}}"#).unwrap();
        let names: Vec<_> = node
            .as_map()
            .unwrap()
            .iter()
            .map(|field| field.0.as_str())
            .collect();
        assert_eq!(names, ["z", "a"]);
        assert_eq!(node.at("z"), Some(&Node::Number("1.50".to_owned())));
        assert_eq!(node.at("a.b.2"), Some(&Node::Text("x".to_owned())));
        assert_eq!(node.at("a.b.3"), None);
        assert_eq!(node.at("a.b.x"), None);
    }

    #[test]
    fn too_deep_is_not_for_people() {
        let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Node::read(&deep(DEEPEST)).is_some());
        assert!(Node::read(&deep(DEEPEST + 1)).is_none());
        assert!(Node::read(&deep(100_000)).is_none());
        assert!(Node::read(r#""\ud800""#).is_none());
    }
}
