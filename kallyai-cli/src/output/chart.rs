//! Labelled numbers as bars.

use super::cell::{self, Look};
use super::node::Node;
use super::table::{self, Column};
use super::{Hints, grid, human, object};

/// The longest bar.
const LONGEST: usize = 40;

/// The shortest longest bar that is worth drawing.
const SHORTEST: usize = 6;

/// An answer of which the numbers are drawn: entries with a number each, and objects of numbers.
pub(super) fn chart(look: &Look, hints: &Hints<'_>, answer: &Node) -> Option<String> {
    let mut parts = Vec::new();
    let is_only_entries = |answer: &Node| {
        let fields = answer.as_map().unwrap_or_default();
        !fields.iter().any(|(_, value)| value.as_map().is_some())
    };
    let entries = human::entries(hints, answer).filter(|_| is_only_entries(answer));
    if let Some((field, items)) = entries {
        parts.push(of_entries(look, items, hints.columns)?);
        let beside = human::beside(answer, field);
        parts.push(object::object(look, &beside));
    } else {
        let mut rest = Vec::new();
        sections(look, "", answer.as_map()?, &mut parts, &mut rest);
        if parts.is_empty() {
            return None;
        }
        parts.insert(0, object::object(look, &rest));
    }
    parts.retain(|part| !part.is_empty());
    Some(parts.join("\n"))
}

/// Objects of numbers and lists of entries with numbers become charts, wherever they are.
fn sections(
    look: &Look,
    above: &str,
    fields: &[(String, Node)],
    parts: &mut Vec<String>,
    rest: &mut Vec<(String, Node)>,
) {
    for (name, value) in fields {
        let title = match above {
            "" => cell::label(name),
            above => format!("{above} {}", cell::label(name)),
        };
        let drawn = match value {
            Node::Map(numbers) if is_of_numbers(numbers) => Some(of_numbers(look, numbers)),
            Node::List(items) if value.is_of_objects() => of_entries(look, items, &[]),
            Node::Map(fields) => {
                let mut below = Vec::new();
                sections(look, &title, fields, parts, &mut below);
                if !below.is_empty() {
                    rest.push((name.clone(), Node::Map(below)));
                }
                continue;
            }
            _ => None,
        };
        match drawn {
            Some(drawn) => parts.push(grid::titled(&title, &drawn)),
            None => rest.push((name.clone(), value.clone())),
        }
    }
}

fn is_of_numbers(fields: &[(String, Node)]) -> bool {
    !fields.is_empty()
        && fields
            .iter()
            .all(|(_, value)| matches!(value, Node::Number(_)))
}

fn of_numbers(look: &Look, fields: &[(String, Node)]) -> String {
    let names = fields.iter().map(|(name, _)| cell::label(name)).collect();
    let values = fields.iter().map(|(_, value)| look.line(value)).collect();
    let amounts: Vec<f64> = fields.iter().map(|(_, value)| amount(value)).collect();
    let columns = vec![Column::new("", names), Column::new("", values).numeric()];
    drawn(look, columns, &amounts)
}

/// The columns of the entries, and the first of them that is an amount as bars.
fn of_entries(look: &Look, items: &[Node], paths: &[&str]) -> Option<String> {
    let usual;
    let paths = if paths.is_empty() {
        usual = table::usual_columns(items);
        usual.as_slice()
    } else {
        paths
    };
    let is_drawn = |path: &&str| {
        let mut values = items.iter().filter_map(|item| item.at(path)).peekable();
        let name = path.rsplit('.').next().unwrap_or(path);
        !cell::is_id(name) && values.peek().is_some() && values.all(cell::is_numeric)
    };
    let path = *paths.iter().find(|path| is_drawn(path))?;
    let amounts: Vec<f64> = (items.iter())
        .map(|item| item.at(path).map_or(0.0, amount))
        .collect();
    let columns = table::columns(look, items, paths);
    if has_room(look, &columns) {
        return Some(drawn(look, columns, &amounts));
    }
    let first = paths.first().filter(|first| **first != path);
    let few: Vec<&str> = first.into_iter().copied().chain([path]).collect();
    Some(drawn(look, table::columns(look, items, &few), &amounts))
}

fn has_room(look: &Look, columns: &[Column]) -> bool {
    let needed = table::needed(columns) + SHORTEST;
    look.width.is_none_or(|width| needed <= usize::from(width))
}

/// A table with bars as its last column, where there is room for them.
fn drawn(look: &Look, mut columns: Vec<Column>, amounts: &[f64]) -> String {
    if has_room(look, &columns) {
        let room = look
            .width
            .map(|width| usize::from(width).saturating_sub(table::needed(&columns)));
        let longest = room.map_or(LONGEST, |room| room.min(LONGEST));
        let most = amounts.iter().copied().fold(0.0, f64::max);
        let bars = amounts.iter().map(|amount| bar(*amount, most, longest));
        columns.push(Column::new("", bars.collect()).whole());
    }
    table::table(look, &columns)
}

fn amount(node: &Node) -> f64 {
    match node {
        Node::Number(text) | Node::Text(text) => text.parse().unwrap_or(0.0),
        _ => 0.0,
    }
}

/// A bar, to an eighth of a character.
fn bar(amount: f64, most: f64, longest: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if !(amount > 0.0 && most > 0.0) {
        return String::new();
    }
    let full = u32::try_from(longest * 8).unwrap_or(0);
    // Something is never drawn as nothing. The share is at most 1, and a terminal is no billions wide.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded above"
    )]
    let eighths = ((amount / most).min(1.0) * f64::from(full))
        .round()
        .max(1.0) as usize;
    let last = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{last}", "█".repeat(eighths / 8))
}

#[cfg(test)]
mod tests {
    use super::super::cell::in_madrid;
    use super::*;

    fn shown(width: u16, json: &str) -> String {
        let text = chart(
            &in_madrid(width),
            &Hints::default(),
            &Node::read(json).unwrap(),
        );
        anstream::adapter::strip_str(&text.unwrap()).to_string()
    }

    const SPENT: &str = r#"{"items":[
        {"action_type":"call","credits_total":48.5,"transaction_count":31},
        {"action_type":"email","credits_total":"12.125","transaction_count":4},
        {"action_type":"ride","credits_total":0.01,"transaction_count":1},
        {"action_type":"food","credits_total":0,"transaction_count":0}],
        "total_spent":60.635,"period_start":"2026-02-01T00:00:00Z"}"#;

    #[test]
    fn spending() {
        let beside = "\n\
total spent   60.635
period start  2026-02-01 01:00
";
        let narrow = "\
ACTION TYPE  CREDITS TOTAL
call                  48.5  ████████████
email               12.125  ███
ride                  0.01  ▏
food                     0
";
        let usual = "\
ACTION TYPE  CREDITS TOTAL  TRANSACTION COUNT
call                  48.5                 31  █████████████████████████████████
email               12.125                  4  ████████▎
ride                  0.01                  1  ▏
food                     0                  0
";
        let wide = "\
ACTION TYPE  CREDITS TOTAL  TRANSACTION COUNT
call                  48.5                 31  ████████████████████████████████████████
email               12.125                  4  ██████████
ride                  0.01                  1  ▏
food                     0                  0
";
        assert_eq!(shown(40, SPENT), format!("{narrow}{beside}"));
        assert_eq!(shown(80, SPENT), format!("{usual}{beside}"));
        assert_eq!(shown(200, SPENT), format!("{wide}{beside}"));
    }

    #[test]
    fn figures_of_any_shape() {
        let figures = r#"{"total":12,"by_status":{"completed":9,"missed":3},"vip":1,
            "a":{"by_hour":{"9":1,"10":4},"since":"May"},"callers":[{"name":"Ana","calls":3}]}"#;
        let expected = "\
total    12
vip      1
a
  since  May

BY STATUS
completed  9  ███████████████
missed     3  █████

A BY HOUR
9   1  █████▌
10  4  ██████████████████████

CALLERS
NAME  CALLS
Ana       3  ████████████████
";
        assert_eq!(shown(29, figures), expected);
    }

    #[test]
    fn what_has_no_numbers_is_no_chart() {
        for json in ["{}", r#"{"a":"b"}"#, "[]", r#"[{"id":"1"}]"#] {
            let answer = Node::read(json).unwrap();
            assert_eq!(
                chart(&in_madrid(80), &Hints::default(), &answer),
                None,
                "{json}"
            );
        }
    }
}
