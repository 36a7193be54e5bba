//! Text side by side, without borders: what tables, objects and transcripts are laid out with.

use anstyle::Style;
use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};
use unicode_width::UnicodeWidthStr;

use super::cell::Look;

/// A header.
pub(super) const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// The space between two columns.
pub(super) const GAP: u16 = 2;

/// A grid as wide as the terminal.
pub(super) fn grid(look: &Look) -> Table {
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    grid.set_truncation_indicator("…");
    if let Some(width) = look.width {
        grid.set_content_arrangement(ContentArrangement::Dynamic);
        // The space after the last column is not printed.
        grid.set_width(width.saturating_add(GAP));
    }
    grid
}

/// The lines of a grid.
pub(super) fn lines(mut grid: Table) -> Vec<String> {
    for column in grid.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    grid.lines()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// Names and values, aligned. Long texts wrap beside their name; one long word stays whole, so that it can be
/// copied.
pub(super) fn pairs(look: &Look, rows: &[(String, String)]) -> String {
    let Some(names) = rows.iter().map(|(name, _)| width(name)).max() else {
        return String::new();
    };
    let names = u16::try_from(names).unwrap_or(u16::MAX);
    let room = look.width.map(|width| width.saturating_sub(names + GAP));
    let mut out = String::new();
    for (name, value) in rows {
        let is_word = !value.contains(char::is_whitespace);
        let look = match room {
            Some(room) if is_word && width(value) > usize::from(room) => Look {
                width: None,
                ..*look
            },
            _ => *look,
        };
        let mut grid = grid(&look);
        grid.add_row([name, value]);
        if let Some(column) = grid.column_mut(0) {
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(names + GAP)));
        }
        for line in lines(grid) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

/// A part of an answer with its title.
pub(super) fn titled(title: &str, part: &str) -> String {
    format!("{BOLD}{}{BOLD:#}\n{part}", title.to_uppercase())
}

/// How wide a text is on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}
