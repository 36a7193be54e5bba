//! The spec as `build.rs` has written it into the program. The index is ready to use; what is JSON is
//! parsed where it is needed first, because a world is asked for few operations.

use std::ops::Deref;
use std::sync::OnceLock;

use serde_json::Value;

// `ENTRIES`, `COMPONENTS`, `ERROR_CODES` and `SCOPES`.
include!(concat!(env!("OUT_DIR"), "/spec.rs"));

/// What the index says of an operation.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) public: bool,
    pub(crate) scopes: &'static [&'static str],
    pub(crate) bare_list: Option<&'static str>,
    pub(crate) answer: AnswerKind,
    pub(crate) success_status: u16,
    /// Its part of the document, with the parameters of its path.
    pub(crate) definition: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnswerKind {
    Json(&'static str),
    Text(&'static str),
    Empty,
    Redirect,
}

/// A part of the document.
#[derive(Debug)]
pub(crate) struct Part {
    text: &'static str,
    value: OnceLock<Value>,
}

impl Part {
    pub(crate) fn new(text: &'static str) -> Self {
        Self {
            text,
            value: OnceLock::new(),
        }
    }
}

impl Deref for Part {
    type Target = Value;

    fn deref(&self) -> &Value {
        self.value.get_or_init(|| {
            // `build.rs` has written it from a value; a test reads all of them.
            serde_json::from_str(self.text).unwrap_or_default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_can_be_parsed() {
        let definitions = ENTRIES.iter().map(|entry| (entry.id, entry.definition));
        for (name, text) in definitions.chain(COMPONENTS.iter().copied()) {
            assert!(Part::new(text).is_object(), "{name}");
        }
    }
}
