//! Lists as tables: no borders, one line an entry, ids whole.

use anstyle::{AnsiColor, Style};
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, Table};

use super::cell::{self, Look};
use super::node::Node;
use super::object;

/// A header.
pub(super) const DIM: Style = Style::new().dimmed();
/// The name of a section.
pub(super) const BOLD: Style = Style::new().bold();
/// A part of a picture.
pub(super) const BAR: Style = AnsiColor::Cyan.on_default();

/// What the narrowest column of texts is worth.
const NARROWEST: usize = 12;

/// Columns up to this width are never cut.
const SHORT: usize = 16;

/// One column.
struct Column {
    header: String,
    cells: Vec<String>,
    is_numeric: bool,
    /// Nothing of it may be cut.
    is_whole: bool,
}

/// The entries of a list, with the columns asked for or all that are plain values.
pub(super) fn list(look: &Look, items: &[Node], columns: &[&str]) -> String {
    if !items.iter().any(|item| item.as_map().is_some()) {
        let lines = items.iter().map(|item| look.line(item) + "\n");
        return lines.collect();
    }
    let usual;
    let paths = if columns.is_empty() {
        usual = usual_columns(items);
        usual.as_slice()
    } else {
        columns
    };
    let columns: Vec<Column> = (paths.iter())
        .map(|path| column(look, items, path))
        .filter(|column| column.cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    if fits(look, &columns) {
        table(look, columns)
    } else {
        cards(look, &columns, items.len())
    }
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

fn column(look: &Look, items: &[Node], path: &str) -> Column {
    let name = path.rsplit('.').next().unwrap_or(path);
    let values = || items.iter().filter_map(|item| item.at(path));
    let filled = || values().filter(|value| !value.is_empty());
    let is_text = |value: &Node| matches!(value, Node::Text(_));
    let numeric = filled().all(cell::is_numeric);
    let cells: Vec<String> = (items.iter())
        .map(|item| {
            item.at(path)
                .map(|value| look.line(value))
                .unwrap_or_default()
        })
        .collect();
    let widest = cells.iter().map(|cell| width(cell)).max().unwrap_or(0);
    Column {
        header: cell::label(name).to_uppercase(),
        is_numeric: numeric && (!filled().any(is_text) || cell::is_amount(name)),
        is_whole: cell::is_id(name)
            || widest <= SHORT
            || !filled().any(|value| is_text(value) || !value.is_scalar()),
        cells,
    }
}

/// Whether the terminal is wide enough for a line an entry.
fn fits(look: &Look, columns: &[Column]) -> bool {
    let Some(terminal) = look.width else {
        return true;
    };
    let needed = columns.iter().map(|column| {
        let widest = column
            .cells
            .iter()
            .map(|cell| width(cell))
            .max()
            .unwrap_or(0);
        let widest = widest.max(width(&column.header));
        2 + if column.is_whole {
            widest
        } else {
            widest.min(NARROWEST)
        }
    });
    needed.sum::<usize>() <= usize::from(terminal) + 2
}

fn table(look: &Look, columns: Vec<Column>) -> String {
    let mut table = bare(look);
    let mut header = Row::from(
        columns
            .iter()
            .map(|column| column.header.clone())
            .collect::<Vec<_>>(),
    );
    header.max_height(1);
    table.set_header(header);
    let count = columns
        .iter()
        .map(|column| column.cells.len())
        .max()
        .unwrap_or(0);
    for at in 0..count {
        let cells = columns
            .iter()
            .map(|column| column.cells.get(at).cloned().unwrap_or_default());
        let mut row = Row::from(cells.collect::<Vec<_>>());
        row.max_height(1);
        table.add_row(row);
    }
    for (shown, column) in table.column_iter_mut().zip(&columns) {
        if column.is_numeric {
            shown.set_cell_alignment(CellAlignment::Right);
        }
        if column.is_whole {
            shown.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let mut out = String::new();
    for (at, line) in lines(&table).enumerate() {
        if at == 0 {
            out.push_str(&format!("{DIM}{line}{DIM:#}"));
        } else {
            out.push_str(&line);
        }
        out.push('\n');
    }
    out
}

/// Entries one below the other, for narrow terminals.
fn cards(look: &Look, columns: &[Column], count: usize) -> String {
    let cards = (0..count).map(|at| {
        let cell = |column: &Column| column.cells.get(at).cloned().unwrap_or_default();
        let pairs = columns
            .iter()
            .map(|column| (column.header.to_lowercase(), cell(column)));
        object::pairs(
            look,
            &pairs.filter(|pair| !pair.1.is_empty()).collect::<Vec<_>>(),
        )
    });
    cards.collect::<Vec<_>>().join("\n")
}

/// A table without borders, two spaces between its columns.
pub(super) fn bare(look: &Look) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_truncation_indicator("…");
    if let Some(width) = look.width {
        // The last column's padding is cut off.
        table.set_width(width.saturating_add(2));
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

/// The lines of a table that was made here.
pub(super) fn lines(table: &Table) -> impl Iterator<Item = String> + use<> {
    let mut table = table.clone();
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.into_iter()
}

/// How wide a text is on a terminal.
pub(super) fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}
