//! One object: its names and values side by side, what is in it indented, lists of objects as tables below.

use comfy_table::ColumnConstraint;

use super::cell::{self, Look};
use super::node::Node;
use super::table;

/// An object.
pub(super) fn object(look: &Look, fields: &[(String, Node)]) -> String {
    let (tables, plain): (Vec<_>, Vec<_>) = (fields.iter())
        .filter(|field| !field.1.is_empty())
        .partition(|field| field.1.is_of_objects());
    let mut rows = Vec::new();
    for (name, value) in plain {
        rows_of(look, name, value, 0, &mut rows);
    }
    let mut out = pairs(look, &rows);
    for (name, value) in tables {
        let title = cell::label(name).to_uppercase();
        let space = if out.is_empty() { "" } else { "\n" };
        let list = table::list(look, value.as_list().unwrap_or_default(), &[]);
        out.push_str(&format!(
            "{space}{bold}{title}{bold:#}\n{list}",
            bold = table::BOLD
        ));
    }
    out
}

fn rows_of(look: &Look, name: &str, value: &Node, depth: usize, rows: &mut Vec<(String, String)>) {
    let name = format!("{}{}", "  ".repeat(depth), cell::label(name));
    match value {
        Node::Map(fields) => {
            rows.push((name, String::new()));
            for (name, value) in fields.iter().filter(|field| !field.1.is_empty()) {
                rows_of(look, name, value, depth + 1, rows);
            }
        }
        Node::List(items) if value.is_of_objects() => {
            rows.push((name, String::new()));
            for (at, item) in items.iter().enumerate() {
                rows_of(look, &(at + 1).to_string(), item, depth + 1, rows);
            }
        }
        _ => rows.push((name, look.lines(value))),
    }
}

/// Names and values, aligned; long values wrap.
pub(super) fn pairs(look: &Look, rows: &[(String, String)]) -> String {
    let mut shown = table::bare(look);
    for (name, value) in rows {
        shown.add_row([name, value]);
    }
    if let Some(names) = shown.column_mut(0) {
        names.set_constraint(ColumnConstraint::ContentWidth);
    }
    table::lines(&shown).map(|line| line + "\n").collect()
}
