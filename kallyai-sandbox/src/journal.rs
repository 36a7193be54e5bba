//! The journal: what was asked, and with which status it was answered.

use std::collections::VecDeque;
use std::fmt;

use axum::http::{HeaderMap, Method, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::check::same_type;

/// Old requests make room for new ones.
const ENTRIES: usize = 10_000;

/// A body longer than this is not kept.
const BODY: usize = 64 * 1024;

/// Headers whose values are not kept.
const MASKED: &[&str] = &["cookie", "proxy-authorization"];

/// One request for the API; those for the control plane are not recorded.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct JournalEntry {
    /// Counts from 1.
    pub seq: u64,
    /// `calls_create`; none where the path or the method leads nowhere.
    pub operation_id: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query, decoded: a text, or a list where a name is repeated.
    pub query: Map<String, Value>,
    /// The headers, by lower-case name. The token of `authorization` is masked.
    pub headers: Map<String, Value>,
    /// The body: parsed where it is JSON or a form, otherwise text; null where there was none, and
    /// `{"truncated": bytes}` where it was too long to keep.
    pub body: Value,
    /// The status of the answer; none while there is none, and where the connection was reset.
    pub status: Option<u16>,
}

/// Queries and bodies hold tokens, phone numbers and tasks.
impl fmt::Debug for JournalEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalEntry")
            .field("seq", &self.seq)
            .field("operation_id", &self.operation_id)
            .field("method", &self.method)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
pub(crate) struct Journal {
    entries: VecDeque<JournalEntry>,
    last: u64,
}

impl Journal {
    /// Records a request and answers with its number.
    pub(crate) fn open(
        &mut self,
        operation_id: Option<&str>,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> u64 {
        self.last = self.last.saturating_add(1);
        if self.entries.len() >= ENTRIES {
            self.entries.pop_front();
        }
        let mut query = Map::new();
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            add(&mut query, &name, value.into_owned());
        }
        let mut kept = Map::new();
        for (name, value) in headers {
            add(&mut kept, name.as_str(), header_text(name.as_str(), value));
        }
        let content_type = headers
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        self.entries.push_back(JournalEntry {
            seq: self.last,
            operation_id: operation_id.map(str::to_owned),
            method: method.to_string(),
            path: uri.path().to_owned(),
            query,
            headers: kept,
            body: body_value(body, content_type.unwrap_or_default()),
            status: None,
        });
        self.last
    }

    /// Notes the status of an answer.
    pub(crate) fn close(&mut self, seq: u64, status: u16) {
        // Most often it is among the last.
        if let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.seq == seq) {
            entry.status = Some(status);
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &JournalEntry> {
        self.entries.iter()
    }

    /// Forgets what was recorded; the numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }
}

fn header_text(name: &str, value: &axum::http::HeaderValue) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    if name == "authorization" {
        return match text.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} [masked]"),
            None => "[masked]".to_owned(),
        };
    }
    if MASKED.contains(&name) {
        return "[masked]".to_owned();
    }
    text.into_owned()
}

fn body_value(body: &[u8], content_type: &str) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    if body.len() > BODY {
        return json!({ "truncated": body.len() });
    }
    if same_type(content_type, "application/x-www-form-urlencoded") {
        let mut form = Map::new();
        for (name, value) in form_urlencoded::parse(body) {
            add(&mut form, &name, value.into_owned());
        }
        return Value::Object(form);
    }
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

fn add(map: &mut Map<String, Value>, name: &str, text: String) {
    match map.get_mut(name) {
        None => {
            map.insert(name.to_owned(), Value::String(text));
        }
        Some(Value::Array(values)) => values.push(Value::String(text)),
        Some(first) => *first = json!([first.take(), text]),
    }
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn old_entries_make_room_and_no_token_stays() {
        let mut journal = Journal::default();
        let mut headers = HeaderMap::new();
        headers.insert(
            "authorization",
            "Bearer sbx_at_1".parse().expect("a header"),
        );
        let uri: Uri = "/v1/calls?a=1&a=2".parse().expect("a path");
        for _ in 0..=ENTRIES {
            journal.open(None, &Method::GET, &uri, &headers, b"");
        }
        assert_eq!(journal.entries.len(), ENTRIES);
        let first = &journal.entries[0];
        assert_eq!(first.seq, 2);
        assert_eq!(first.headers["authorization"], "Bearer [masked]");
        assert_eq!(first.query["a"], json!(["1", "2"]));
    }

    #[test]
    fn a_long_body_is_not_kept() {
        let long = vec![b'x'; BODY + 1];
        assert_eq!(body_value(&long, ""), json!({ "truncated": BODY + 1 }));
    }
}
