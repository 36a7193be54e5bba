//! The template of a task: text, and placeholders in braces.

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    /// What stands between the braces, whatever it is.
    Placeholder(String),
}

/// Takes a template apart; `{{` and `}}` are braces.
///
/// # Errors
///
/// A brace without its other half.
pub(crate) fn pieces(template: &str) -> Result<Vec<Piece>, &'static str> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some(after) = from.strip_prefix("{{") {
            text.push('{');
            rest = after;
        } else if let Some(after) = from.strip_prefix("}}") {
            text.push('}');
            rest = after;
        } else if let Some(after) = from.strip_prefix('{') {
            let Some((name, after)) = after
                .split_once('}')
                .filter(|(name, _)| !name.contains('{'))
            else {
                return Err("a `{` is not closed: write `{{` for a brace");
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(Piece::Placeholder(name.to_owned()));
            rest = after;
        } else {
            return Err("a `}` closes nothing: write `}}` for a brace");
        }
    }
    text.push_str(rest);
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::Piece::{Placeholder, Text};
    use super::*;

    #[test]
    fn takes_apart() {
        let text = |text: &str| Text(text.to_owned());
        let hole = |name: &str| Placeholder(name.to_owned());
        assert_eq!(pieces(""), Ok(vec![]));
        assert_eq!(pieces("{{é}}"), Ok(vec![text("{é}")]));
        assert_eq!(
            pieces("a {b}{c:?} {{{d}}}"),
            Ok(vec![
                text("a "),
                hole("b"),
                hole("c:?"),
                text(" {"),
                hole("d"),
                text("}")
            ])
        );
        assert_eq!(pieces("{}"), Ok(vec![hole("")]));
        for unclosed in ["{", "a {b", "{a{b}", "{{{"] {
            assert!(
                pieces(unclosed).unwrap_err().starts_with("a `{`"),
                "{unclosed}"
            );
        }
        for unopened in ["}", "a b}", "{a}}", "}}}"] {
            assert!(
                pieces(unopened).unwrap_err().starts_with("a `}`"),
                "{unopened}"
            );
        }
    }
}
