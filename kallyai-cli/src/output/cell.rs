//! A value in a few words.

use chrono::{DateTime, FixedOffset, Local};

use super::clean;
use super::node::Node;

/// How answers look where people read them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// The width of the terminal; none in a pipe, where nothing is cut or wrapped.
    pub(crate) width: Option<u16>,
    /// The zone of times; the machine's if there is none.
    pub(crate) zone: Option<FixedOffset>,
}

impl Look {
    /// A value in one line.
    pub(crate) fn line(&self, node: &Node) -> String {
        match node {
            Node::Text(text) => self.time(text).unwrap_or_else(|| clean::line(text)),
            other => self.lines(other),
        }
    }

    /// A value, with its own lines.
    pub(crate) fn lines(&self, node: &Node) -> String {
        match node {
            Node::Null => String::new(),
            Node::Bool(true) => "yes".to_owned(),
            Node::Bool(false) => "no".to_owned(),
            Node::Number(number) => number.clone(),
            Node::Text(text) => self.time(text).unwrap_or_else(|| clean::lines(text)),
            Node::List(items) => self.joined(items.iter().map(|item| self.line(item))),
            Node::Map(fields) => self.joined(
                (fields.iter().filter(|field| !field.1.is_empty()))
                    .map(|(name, value)| format!("{} {}", label(name), self.line(value))),
            ),
        }
    }

    #[expect(clippy::unused_self, reason = "one of the ways to write a value")]
    fn joined(&self, parts: impl Iterator<Item = String>) -> String {
        parts.collect::<Vec<_>>().join(", ")
    }

    /// A moment in the zone of whoever reads it.
    fn time(&self, text: &str) -> Option<String> {
        // The shortest is 20 long.
        if !(20..=40).contains(&text.len()) {
            return None;
        }
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        let shown = match self.zone {
            Some(zone) => time.with_timezone(&zone).naive_local(),
            None => time.with_timezone(&Local).naive_local(),
        };
        Some(shown.format("%Y-%m-%d %H:%M").to_string())
    }
}

/// A field's name in words.
pub(crate) fn label(name: &str) -> String {
    clean::line(&name.replace('_', " "))
}

/// Whether a field names something.
pub(crate) fn is_id(name: &str) -> bool {
    name == "id" || name.ends_with("_id")
}

/// Whether a field is an amount, also where it is written as a text.
pub(crate) fn is_amount(name: &str) -> bool {
    [
        "credits", "price", "cost", "amount", "rate", "total", "spent", "count", "minutes",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// Whether a value is a number, or a text that is one.
pub(crate) fn is_numeric(node: &Node) -> bool {
    match node {
        Node::Number(_) => true,
        Node::Text(text) => text.parse::<f64>().is_ok_and(f64::is_finite),
        _ => false,
    }
}

#[cfg(test)]
pub(crate) fn in_madrid(width: impl Into<Option<u16>>) -> Look {
    Look {
        width: width.into(),
        zone: FixedOffset::east_opt(3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_a_few_words() {
        let look = in_madrid(80);
        let shown = |json: &str| look.line(&Node::read(json).unwrap());
        assert_eq!(shown("null"), "");
        assert_eq!(shown("true"), "yes");
        assert_eq!(shown("1.50"), "1.50");
        assert_eq!(shown("\"a\\nb\\u001b[2J\""), "a b");
        assert_eq!(shown("\"2026-02-14T23:30:00Z\""), "2026-02-15 00:30");
        assert_eq!(
            shown("\"2026-02-14T23:30:00.123456+00:00\""),
            "2026-02-15 00:30"
        );
        // Of no zone: nobody knows which moment it is.
        assert_eq!(shown("\"2026-02-14T23:30:00\""), "2026-02-14T23:30:00");
        assert_eq!(shown("[1,\"b\",false]"), "1, b, no");
        assert_eq!(shown("{\"a_b\":1,\"c\":null,\"d\":[]}"), "a b 1");
    }
}
