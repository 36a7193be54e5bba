//! `--plain`: lines of tab-separated values for awk and cut.
//!
//! A list is a line an entry, an object a line a value, with its path before it. There is no header, and no
//! width: what stands where depends on the columns alone. Tabs, ends of lines and other control characters in
//! a value are written as in JSON.

use std::fmt::Write as _;

use super::node::Node;
use super::{Hints, clean, human, table};

/// An answer.
pub(super) fn answer(hints: &Hints<'_>, answer: &Node) -> String {
    let mut out = String::new();
    if let Some((_, items)) = human::entries(hints, answer) {
        let usual;
        let columns = if hints.columns.is_empty() {
            usual = table::usual_columns(items);
            usual.as_slice()
        } else {
            hints.columns
        };
        for item in items {
            out.push_str(&row(columns, item));
        }
    } else {
        values(answer, "", &mut out);
    }
    out
}

/// One entry.
pub(super) fn row(columns: &[&str], item: &Node) -> String {
    if item.is_scalar() || columns.is_empty() {
        return value(item) + "\n";
    }
    let cells = columns
        .iter()
        .map(|path| item.at(path).map(value).unwrap_or_default());
    cells.collect::<Vec<_>>().join("\t") + "\n"
}

fn values(node: &Node, path: &str, out: &mut String) {
    let below = |name: &str| match path {
        "" => escaped(name),
        path => format!("{path}.{}", escaped(name)),
    };
    match node {
        Node::Map(fields) => fields
            .iter()
            .for_each(|(name, node)| values(node, &below(name), out)),
        Node::List(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, node)| values(node, &below(&at.to_string()), out));
        }
        scalar if path.is_empty() => out.push_str(&(value(scalar) + "\n")),
        // Writing to a string does not fail.
        scalar => drop(writeln!(out, "{path}\t{}", value(scalar))),
    }
}

/// What is no JSON, in one line; nothing for nothing.
pub(super) fn text(text: &str) -> String {
    match text.trim() {
        "" => String::new(),
        text => escaped(text) + "\n",
    }
}

fn value(node: &Node) -> String {
    match node {
        Node::Null => String::new(),
        Node::Text(text) => escaped(text),
        other => escaped(&other.to_json()),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if clean::is_dangerous(c) => drop(write!(out, "\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(hints: &Hints<'_>, json: &str) -> String {
        answer(hints, &Node::read(json).unwrap())
    }

    #[test]
    fn a_line_an_entry() {
        let list = r#"{"calls":[{"id":"c1","task":"a\tb\nc\\d\u001b[2J","n":1.50,"r":{"ok":true}},{"id":"c2"}],"total":2}"#;
        let hints = Hints {
            columns: &["id", "n", "task", "r.ok", "r"],
            ..Hints::default()
        };
        let expected = "c1\t1.50\ta\\tb\\nc\\\\d\\u001b[2J\ttrue\t{\"ok\":true}\nc2\t\t\t\t\n";
        assert_eq!(shown(&hints, list), expected);
        assert_eq!(
            shown(&Hints::default(), list),
            "c1\ta\\tb\\nc\\\\d\\u001b[2J\t1.50\nc2\t\t\n"
        );
        assert_eq!(shown(&hints, r#"{"calls":[]}"#), "");
        assert_eq!(shown(&hints, r#"["a","b"]"#), "a\nb\n");
    }

    #[test]
    fn a_line_a_value() {
        let object = r#"{"id":"g","n":{"a":null,"l":[{"s":false},"x"]},"e":[]}"#;
        assert_eq!(
            shown(&Hints::default(), object),
            "id\tg\nn.a\t\nn.l.0.s\tfalse\nn.l.1\tx\n"
        );
        assert_eq!(shown(&Hints::default(), "7"), "7\n");
        assert_eq!(shown(&Hints::default(), "{}"), "");
    }
}
