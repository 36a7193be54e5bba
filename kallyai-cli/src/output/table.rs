//! Lists as tables: one line an entry, ids whole, long texts cut.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ColumnConstraint, Row};

use super::cell::{self, Look};
use super::grid::{self, DIM, GAP, width};
use super::node::Node;

/// What the narrowest column of texts is worth.
const NARROWEST: usize = 12;

/// Columns up to this width are never cut.
const SHORT: usize = 16;

/// One column.
pub(super) struct Column {
    header: String,
    cells: Vec<String>,
    is_numeric: bool,
    /// Nothing of it may be cut.
    is_whole: bool,
}

impl Column {
    pub(super) fn new(header: &str, cells: Vec<String>) -> Self {
        Self {
            header: header.to_uppercase(),
            is_whole: widest(&cells) <= SHORT,
            is_numeric: false,
            cells,
        }
    }

    /// What stands at a path in each entry.
    pub(super) fn of(look: &Look, items: &[Node], path: &str) -> Self {
        let name = path.rsplit('.').next().unwrap_or(path);
        let filled = || {
            items
                .iter()
                .filter_map(|item| item.at(path))
                .filter(|value| !value.is_empty())
        };
        let is_text = |value: &Node| matches!(value, Node::Text(_));
        let cells = items.iter().map(|item| {
            item.at(path)
                .map(|value| look.line(value))
                .unwrap_or_default()
        });
        let column = Self::new(&cell::label(name), cells.collect());
        Self {
            is_numeric: filled().all(cell::is_numeric)
                && (cell::is_amount(name) || !filled().any(is_text)),
            is_whole: column.is_whole || cell::is_id(name),
            ..column
        }
    }

    pub(super) fn numeric(mut self) -> Self {
        self.is_numeric = true;
        self
    }

    pub(super) fn whole(mut self) -> Self {
        self.is_whole = true;
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }

    fn cell(&self, at: usize) -> String {
        self.cells.get(at).cloned().unwrap_or_default()
    }

    /// The width that it cannot do without.
    fn needed(&self) -> usize {
        let widest = widest(&self.cells).max(width(&self.header));
        if self.is_whole {
            widest
        } else {
            widest.min(NARROWEST)
        }
    }
}

fn widest(cells: &[String]) -> usize {
    cells.iter().map(|cell| width(cell)).max().unwrap_or(0)
}

/// The entries of a list, with the columns asked for or all that are plain values.
pub(super) fn list(look: &Look, items: &[Node], columns: &[&str]) -> String {
    if !items.iter().any(|item| item.as_map().is_some()) {
        return items.iter().map(|item| look.line(item) + "\n").collect();
    }
    let mut columns = self::columns(look, items, columns);
    columns.retain(|column| !column.is_empty());
    if fits(look, &columns) {
        table(look, &columns)
    } else {
        cards(look, &columns, items.len())
    }
}

/// The columns asked for, or all that are plain values.
pub(super) fn columns(look: &Look, items: &[Node], paths: &[&str]) -> Vec<Column> {
    let usual;
    let paths = if paths.is_empty() {
        usual = usual_columns(items);
        usual.as_slice()
    } else {
        paths
    };
    paths
        .iter()
        .map(|path| Column::of(look, items, path))
        .collect()
}

/// The fields of the entries that are no lists or objects, as they first appear.
pub(super) fn usual_columns(items: &[Node]) -> Vec<&str> {
    let mut names = Vec::new();
    for (name, value) in items.iter().filter_map(Node::as_map).flatten() {
        if value.is_scalar() && !names.contains(&name.as_str()) {
            names.push(name.as_str());
        }
    }
    names
}

/// The width that columns cannot do without.
pub(super) fn needed(columns: &[Column]) -> usize {
    columns
        .iter()
        .map(|column| column.needed() + usize::from(GAP))
        .sum()
}

/// Whether the terminal is wide enough for a line an entry.
pub(super) fn fits(look: &Look, columns: &[Column]) -> bool {
    look.width
        .is_none_or(|terminal| needed(columns) <= usize::from(terminal) + usize::from(GAP))
}

/// A line an entry.
pub(super) fn table(look: &Look, columns: &[Column]) -> String {
    let mut grid = grid::grid(look);
    // What is cut is cut at the column's end, and not where a word ends.
    grid.set_delimiter('\0');
    let has_header = columns.iter().any(|column| !column.header.is_empty());
    if has_header {
        let header: Vec<_> = columns.iter().map(|column| column.header.clone()).collect();
        grid.set_header(one_line(header));
    }
    let count = columns
        .iter()
        .map(|column| column.cells.len())
        .max()
        .unwrap_or(0);
    for at in 0..count {
        grid.add_row(one_line(
            columns.iter().map(|column| column.cell(at)).collect(),
        ));
    }
    for (shown, column) in grid.column_iter_mut().zip(columns) {
        if column.is_numeric {
            shown.set_cell_alignment(CellAlignment::Right);
        }
        if column.is_whole {
            shown.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let mut out = String::new();
    for (at, line) in grid::lines(grid).into_iter().enumerate() {
        // Writing to a string does not fail.
        let _ = match at {
            0 if has_header => writeln!(out, "{DIM}{line}{DIM:#}"),
            _ => writeln!(out, "{line}"),
        };
    }
    out
}

fn one_line(cells: Vec<String>) -> Row {
    let mut row = Row::from(cells);
    row.max_height(1);
    row
}

/// Entries one below the other, for narrow terminals.
fn cards(look: &Look, columns: &[Column], count: usize) -> String {
    let cards = (0..count).map(|at| {
        let pairs = columns
            .iter()
            .map(|column| (column.header.to_lowercase(), column.cell(at)));
        grid::pairs(
            look,
            &pairs.filter(|pair| !pair.1.is_empty()).collect::<Vec<_>>(),
        )
    });
    cards.collect::<Vec<_>>().join("\n")
}
