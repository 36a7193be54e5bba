//! One object: its names and values side by side, what is in it indented, lists of objects as tables below.

use super::cell::{self, Look};
use super::node::Node;
use super::{grid, table, transcript};

/// An object.
pub(super) fn object(look: &Look, fields: &[(String, Node)]) -> String {
    let (tables, plain): (Vec<_>, Vec<_>) = (fields.iter())
        .filter(|field| !field.1.is_empty())
        .partition(|field| field.1.is_of_objects());
    let mut rows = Vec::new();
    for (name, value) in plain {
        rows_of(look, name, value, 0, &mut rows);
    }
    let mut parts = vec![grid::pairs(look, &rows)];
    for (name, value) in tables {
        let items = value.as_list().unwrap_or_default();
        let list = if transcript::is_transcript(items) {
            transcript::transcript(look, items)
        } else {
            table::list(look, items, &[])
        };
        parts.push(grid::titled(&cell::label(name), &list));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn rows_of(look: &Look, name: &str, value: &Node, depth: usize, rows: &mut Vec<(String, String)>) {
    let indented = format!("{}{}", "  ".repeat(depth), cell::label(name));
    match value {
        Node::Map(fields) => {
            rows.push((indented, String::new()));
            for (name, value) in fields.iter().filter(|field| !field.1.is_empty()) {
                rows_of(look, name, value, depth + 1, rows);
            }
        }
        Node::List(items) if value.is_of_objects() => {
            rows.push((indented, String::new()));
            for (at, item) in items.iter().enumerate() {
                rows_of(look, &(at + 1).to_string(), item, depth + 1, rows);
            }
        }
        _ => rows.push((indented, look.lines(value))),
    }
}
