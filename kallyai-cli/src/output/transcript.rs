//! Who said what.

use comfy_table::ColumnConstraint;

use super::cell::Look;
use super::grid;
use super::node::Node;

/// Whether entries are turns of a conversation.
pub(super) fn is_transcript(items: &[Node]) -> bool {
    !items.is_empty()
        && items
            .iter()
            .all(|item| said(item).is_some() && speaker(item).is_some())
}

/// Turns of a conversation, each a paragraph beside its speaker.
pub(super) fn transcript(look: &Look, items: &[Node]) -> String {
    let mut turns = grid::grid(look);
    for item in items {
        let speaker = match speaker(item).map(|speaker| look.line(speaker)) {
            Some(speaker) if speaker == "ASSISTANT" => "AI:".to_owned(),
            Some(speaker) if !speaker.is_empty() => format!("{speaker}:"),
            _ => "-".to_owned(),
        };
        turns.add_row([
            speaker,
            said(item).map(|said| look.lines(said)).unwrap_or_default(),
        ]);
    }
    if let Some(speakers) = turns.column_mut(0) {
        speakers.set_constraint(ColumnConstraint::ContentWidth);
    }
    grid::lines(turns)
        .into_iter()
        .map(|line| line + "\n")
        .collect()
}

fn speaker(item: &Node) -> Option<&Node> {
    item.field("speaker").or_else(|| item.field("role"))
}

/// Sources disagree about the name of what was said, and some have nothing else.
fn said(item: &Node) -> Option<&Node> {
    match item {
        Node::Text(_) => Some(item),
        _ => item.field("content").or_else(|| item.field("text")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::cell::in_madrid;
    use super::*;

    const CALL: &str = r#"[
        {"speaker":"AI","content":"Good evening, I would like a table for four at eight.","timestamp":"00:00:02"},
        {"role":"ASSISTANT","text":"Hello?"},
        {"speaker":"HUMAN","content":"Certainly\u001b]52;c;cm0gLXJm\u0007, under\u001b[2J which name?"},
        "(the line is cut)"]"#;

    fn shown(width: impl Into<Option<u16>>) -> String {
        let call = Node::read(CALL).unwrap();
        transcript(&in_madrid(width), call.as_list().unwrap())
    }

    #[test]
    fn turns_wrap_beside_their_speaker() {
        let expected = "\
AI:     Good evening, I would like a
        table for four at eight.
AI:     Hello?
HUMAN:  Certainly, under which name?
-       (the line is cut)
";
        assert_eq!(shown(40), expected);
        let expected = "\
AI:     Good evening, I would like a table for four at eight.
AI:     Hello?
HUMAN:  Certainly, under which name?
-       (the line is cut)
";
        assert_eq!(shown(80), expected);
        assert_eq!(shown(None), expected);
    }

    #[test]
    fn only_turns_are_a_transcript() {
        let is = |json: &str| is_transcript(Node::read(json).unwrap().as_list().unwrap());
        assert!(is(r#"[{"role":"user","content":"a"}]"#));
        assert!(!is(r#"[{"id":"user","content":"a"}]"#));
        assert!(!is(r#"["a"]"#));
        assert!(!is("[]"));
    }
}
