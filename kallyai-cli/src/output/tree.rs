//! A goal and what is below it.

use super::cell::Look;
use super::node::Node;
use super::table::{self, Column};

/// The names under which an entry may have others below it, and then its steps.
const BELOW: [&str; 3] = ["sub_goals", "children", "goals"];
const STEPS: &str = "steps";

/// The names under which an entry may say what it is.
const TITLES: [&str; 4] = ["title", "name", "description", "id"];

/// One line.
#[derive(Default)]
struct Line {
    text: String,
    status: String,
    credits: String,
    id: String,
}

/// A tree of goals; none if the answer is none.
pub(super) fn tree(look: &Look, answer: &Node) -> Option<String> {
    let roots = match answer {
        Node::List(items) => items.as_slice(),
        Node::Map(_) if title(answer).is_some() => std::slice::from_ref(answer),
        // Wrapped in one field.
        Node::Map(fields) => match fields.as_slice() {
            [(_, root)] => return tree(look, root),
            _ => return None,
        },
        _ => return None,
    };
    if roots.is_empty() || roots.iter().any(|root| title(root).is_none()) {
        return None;
    }
    let mut lines = Vec::new();
    for root in roots {
        grow(look, root, "", "", &mut lines);
    }
    Some(drawn(look, &lines))
}

fn title(node: &Node) -> Option<&Node> {
    TITLES
        .iter()
        .find_map(|name| node.field(name))
        .filter(|title| !title.is_empty())
}

fn grow(look: &Look, node: &Node, branch: &str, trunk: &str, lines: &mut Vec<Line>) {
    let shown = |name: &str| {
        node.field(name)
            .map(|value| look.line(value))
            .unwrap_or_default()
    };
    let step = node
        .field("step")
        .map(|step| look.line(step) + ". ")
        .unwrap_or_default();
    let title = title(node)
        .map(|title| look.line(title))
        .unwrap_or_default();
    lines.push(Line {
        text: format!("{branch}{step}{title}"),
        status: shown("status"),
        credits: shown("credits_used"),
        id: shown("id"),
    });
    let of = |name: &&str| node.field(name).and_then(Node::as_list).unwrap_or_default();
    let below: Vec<&Node> = of(&STEPS).iter().chain(BELOW.iter().flat_map(of)).collect();
    for (at, child) in below.iter().enumerate() {
        let (branch, further) = if at + 1 == below.len() {
            ("└── ", "    ")
        } else {
            ("├── ", "│   ")
        };
        grow(
            look,
            child,
            &format!("{trunk}{branch}"),
            &format!("{trunk}{further}"),
            lines,
        );
    }
}

fn drawn(look: &Look, lines: &[Line]) -> String {
    let of = |cell: fn(&Line) -> &String| lines.iter().map(cell).cloned().collect();
    let mut columns = vec![
        Column::new("GOAL", of(|line| &line.text)),
        Column::new("STATUS", of(|line| &line.status)).whole(),
        Column::new("CREDITS", of(|line| &line.credits)).numeric(),
        Column::new("ID", of(|line| &line.id)).whole(),
    ];
    columns.retain(|column| !column.is_empty());
    if table::fits(look, &columns) {
        return table::table(look, &columns);
    }
    // A branch on two lines is none: the terminal may break them.
    let lines = lines.iter().map(|line| match line.status.as_str() {
        "" => format!("{}\n", line.text),
        status => format!("{} [{status}]\n", line.text),
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::super::cell::in_madrid;
    use super::*;

    const GOAL: &str = r#"{"id":"g_1","title":"Book a dental check-up","status":"active","credits_used":1.5,
        "steps":[{"step":1,"description":"Search for dentists","status":"completed"}],
        "sub_goals":[
            {"id":"g_2","title":"Call the first dentist","status":"failed","sub_goals":[
                {"id":"g_3","title":"Call\u001b[2J again","status":"pending"}]},
            {"id":"g_4","title":"Call the second dentist","status":"pending","sub_goals":[]}]}"#;

    fn shown(width: u16) -> String {
        let tree = tree(&in_madrid(width), &Node::read(GOAL).unwrap());
        anstream::adapter::strip_str(&tree.unwrap()).to_string()
    }

    #[test]
    fn goals_with_their_states() {
        let expected = "\
GOAL                         STATUS     CREDITS  ID
Book a dental check-up       active         1.5  g_1
├── 1. Search for dentists   completed
├── Call the first dentist   failed              g_2
│   └── Call again           pending             g_3
└── Call the second dentist  pending             g_4
";
        assert_eq!(shown(80), expected);
        assert_eq!(shown(200), expected);
        let expected = "\
GOAL             STATUS     CREDITS  ID
Book a dental …  active         1.5  g_1
├── 1. Search …  completed
├── Call the f…  failed              g_2
│   └── Call a…  pending             g_3
└── Call the s…  pending             g_4
";
        assert_eq!(shown(40), expected);
        let expected = "\
Book a dental check-up [active]
├── 1. Search for dentists [completed]
├── Call the first dentist [failed]
│   └── Call again [pending]
└── Call the second dentist [pending]
";
        assert_eq!(shown(20), expected);
    }

    #[test]
    fn what_is_no_tree() {
        for json in ["{}", "[]", "7", r#"{"a":1,"b":2}"#] {
            assert_eq!(
                tree(&in_madrid(80), &Node::read(json).unwrap()),
                None,
                "{json}"
            );
        }
        let wrapped = format!("{{\"goal\":{GOAL}}}");
        assert!(tree(&in_madrid(80), &Node::read(&wrapped).unwrap()).is_some());
    }
}
