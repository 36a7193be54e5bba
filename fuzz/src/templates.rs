//! Templates of the derive.

use crate::template::{Piece, pieces};

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let Ok(template) = std::str::from_utf8(input) else {
        return;
    };
    match pieces(template) {
        Ok(pieces) => {
            let mut again = String::new();
            let mut text_before = false;
            for piece in &pieces {
                match piece {
                    Piece::Text(text) => {
                        assert!(!text.is_empty() && !text_before, "{pieces:?}");
                        again += &text.replace('{', "{{").replace('}', "}}");
                    }
                    Piece::Placeholder(name) => {
                        assert!(!name.contains(['{', '}']), "{name}");
                        again += &format!("{{{name}}}");
                    }
                }
                text_before = matches!(piece, Piece::Text(_));
            }
            assert_eq!(again, template);
        }
        Err(_) => assert!(template.contains(['{', '}'])),
    }
}
