//! Answers for people.

use super::cell::{self, Look};
use super::node::Node;
use super::{Hints, Picture, chart, object, reply, table, transcript, tree};

/// An object with a field of one of these names, or with an id, is a thing and no list of things.
const OF_A_THING: [&str; 3] = ["status", "name", "title"];

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
    let lists = || {
        fields
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_list()?)))
    };
    let hinted = hints
        .items
        .and_then(|name| lists().find(|list| list.0 == name));
    if let Some((name, items)) = hinted {
        return Some((Some(name), items));
    }
    let is_thing = |name: &str| OF_A_THING.contains(&name) || cell::is_id(name);
    let mut lists = lists();
    match (lists.next(), lists.next()) {
        (Some((name, items)), None) if !fields.iter().any(|field| is_thing(&field.0)) => {
            Some((Some(name), items))
        }
        _ => None,
    }
}

/// What an answer has beside its entries.
pub(super) fn beside(answer: &Node, entries: Option<&str>) -> Vec<(String, Node)> {
    let fields = answer.as_map().unwrap_or_default().iter();
    let fields = fields.filter(|(name, value)| Some(name.as_str()) != entries && !value.is_empty());
    fields.cloned().collect()
}

/// An answer.
pub(super) fn answer(look: &Look, hints: &Hints<'_>, answer: &Node) -> String {
    let picture = match hints.picture {
        Picture::Usual => None,
        Picture::Bars => chart::chart(look, hints, answer),
        Picture::Tree => tree::tree(look, answer),
        Picture::Reply => reply::reply(look, answer),
    };
    let shown = picture.unwrap_or_else(|| usual(look, hints, answer));
    match shown.trim_end() {
        "" => "done\n".to_owned(),
        shown => format!("{shown}\n"),
    }
}

fn usual(look: &Look, hints: &Hints<'_>, answer: &Node) -> String {
    match (entries(hints, answer), answer) {
        (Some((field, items)), _) => list(look, hints, answer, field, items),
        (None, Node::Map(fields)) => object::object(look, fields),
        (None, other) => look.lines(other),
    }
}

fn list(
    look: &Look,
    hints: &Hints<'_>,
    answer: &Node,
    field: Option<&str>,
    items: &[Node],
) -> String {
    let entries = if items.is_empty() {
        let noun = hints.noun.or(field).unwrap_or("entries");
        format!("no {}\n", cell::label(noun))
    } else if hints.columns.is_empty() && transcript::is_transcript(items) {
        transcript::transcript(look, items)
    } else {
        table::list(look, items, hints.columns)
    };
    match object::object(look, &beside(answer, field)) {
        beside if beside.is_empty() => entries,
        beside => format!("{entries}\n{beside}"),
    }
}

/// One of a stream's items, in a line.
pub(super) fn item(look: &Look, hints: &Hints<'_>, item: &Node) -> String {
    if hints.columns.is_empty() || item.is_scalar() {
        return look.line(item) + "\n";
    }
    let values = hints.columns.iter().filter_map(|path| item.at(path));
    let values = values
        .map(|value| look.line(value))
        .filter(|value| !value.is_empty());
    values.collect::<Vec<_>>().join("  ") + "\n"
}
