//! What the assistant says: its words, what it has done, what could be said next, and the goal to look at.

use super::cell::Look;
use super::grid::DIM;
use super::node::Node;

/// A reply; nothing where there are no words in it.
pub(super) fn reply(look: &Look, answer: &Node) -> Option<String> {
    // Both shapes that are published have the words under a name of their own.
    let mut words = ["response", "message"].iter();
    let words = words.find_map(|name| answer.field(name).filter(|words| !words.is_empty()))?;
    let mut lines = vec![look.lines(words).trim_end().to_owned()];
    let done = entries(answer, "actions_taken");
    lines.extend(done.map(|done| format!("- {}", look.line(done))));
    let next = entries(answer, "suggestions");
    lines.extend(next.map(|next| format!("{DIM}you could say:{DIM:#} {}", look.line(next))));
    if let Some(goal) = answer.field("goal_id").filter(|goal| !goal.is_empty()) {
        let goal = look.line(goal);
        let is_over = answer.field("goal_completed") == Some(&Node::Bool(true));
        let how = if is_over { " (completed)" } else { "" };
        lines.push(format!("{DIM}goal:{DIM:#} {goal}{how}"));
    }
    Some(lines.join("\n") + "\n")
}

fn entries<'a>(answer: &'a Node, name: &str) -> impl Iterator<Item = &'a Node> {
    let entries = answer.field(name).and_then(Node::as_list);
    let entries = entries.unwrap_or_default().iter();
    entries.filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::cell::in_madrid;
    use super::*;

    fn shown(json: &str) -> Option<String> {
        let reply = reply(&in_madrid(80), &Node::read(json)?)?;
        Some(anstream::adapter::strip_str(&reply).to_string())
    }

    #[test]
    fn both_shapes() {
        let one = r#"{"response":"I found three.\u001b[2J","goal_id":"g_1","conversation_id":"c_1",
            "actions_taken":["searched for dentists"]}"#;
        assert_eq!(
            shown(one).unwrap(),
            "I found three.\n- searched for dentists\ngoal: g_1\n"
        );
        let other = r#"{"message":"I found three.","message_id":"m_1","intent":"chat","triggered_actions":[],
            "suggestions":["Show me\nthe others",""],"credits_used":"0.5","goal_completed":false}"#;
        assert_eq!(
            shown(other).unwrap(),
            "I found three.\nyou could say: Show me the others\n"
        );
        let both = r#"{"response":"","message":"Done.","goal_id":"g_1","goal_completed":true}"#;
        assert_eq!(shown(both).unwrap(), "Done.\ngoal: g_1 (completed)\n");
    }

    #[test]
    fn without_words_it_is_shown_as_any_answer() {
        for json in ["{}", "[]", "7", r#"{"goal_id":"g_1","suggestions":["a"]}"#] {
            assert_eq!(shown(json), None, "{json}");
        }
    }
}
