//! What stands in a token file, without the file.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::format::{self, Content};
use crate::auth::TokenSet;

/// The tokens of a file with this content, and what else stands beside them.
pub fn read(content: &[u8]) -> Option<(TokenSet, Map<String, Value>)> {
    match format::parse(content) {
        Content::Tokens(stored) => Some((stored.tokens, stored.rest)),
        _ => None,
    }
}

/// The content of a file with these tokens.
pub fn write(
    tokens: &TokenSet,
    rest: Map<String, Value>,
    shared: bool,
    now: DateTime<Utc>,
) -> Vec<u8> {
    format::write(tokens, rest, shared, now).to_vec()
}
