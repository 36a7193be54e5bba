//! Answers for people.

use super::cell::Look;
use super::node::Node;
use super::{Hints, object, table};

/// Names that a list has beside its entries; an object with one of its own is no list.
const OF_ENTRIES: [&str; 3] = ["id", "status", "name"];

/// The entries of an answer, by the name of their field if they have one.
pub(super) fn entries<'a>(
    hints: &Hints<'_>,
    answer: &'a Node,
) -> Option<(Option<&'a str>, &'a [Node])> {
    let fields = match answer {
        Node::List(items) => return Some((None, items)),
        Node::Map(fields) => fields,
        _ => return None,
    };
    let is_entries = |field: &&(String, Node)| match hints.items {
        Some(items) => field.0 == items,
        None => true,
    };
    let mut lists = fields
        .iter()
        .filter(|field| field.1.as_list().is_some())
        .filter(is_entries);
    let (name, items) = lists.next()?;
    let is_list = hints.items.is_some()
        || lists.next().is_none()
            && !fields
                .iter()
                .any(|(name, _)| OF_ENTRIES.contains(&name.as_str()) || super::cell::is_id(name));
    is_list.then_some((Some(name.as_str()), items.as_list()?))
}

/// An answer.
pub(super) fn answer(look: &Look, hints: &Hints<'_>, answer: &Node) -> String {
    let shown = match (entries(hints, answer), answer) {
        (Some((field, items)), _) => list(look, hints, answer, field, items),
        (None, Node::Map(fields)) => object::object(look, fields),
        (None, other) => look.lines(other),
    };
    match shown.trim_end() {
        "" => "done\n".to_owned(),
        shown => format!("{shown}\n"),
    }
}

fn list(
    look: &Look,
    hints: &Hints<'_>,
    answer: &Node,
    field: Option<&str>,
    items: &[Node],
) -> String {
    let mut out = if items.is_empty() {
        let noun = hints.noun.or(field).unwrap_or("entries");
        format!("no {}\n", super::cell::label(noun))
    } else {
        table::list(look, items, hints.columns)
    };
    let beside: Vec<_> = (answer.as_map().unwrap_or_default().iter())
        .filter(|(name, value)| Some(name.as_str()) != field && !value.is_empty())
        .cloned()
        .collect();
    if !beside.is_empty() {
        out.push('\n');
        out.push_str(&object::object(look, &beside));
    }
    out
}
