//! The journal: what was asked, and with which status it was answered.
//!
//! Requests are kept as they came, which is small, and are parsed when somebody reads them.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, Method, Uri};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::catalogue::Operation;
use crate::check::same_type;
use crate::secrets;

/// Old requests make room for new ones.
const ENTRIES: usize = 10_000;

/// So do they when all together are longer than this.
const BYTES: usize = 16 * 1024 * 1024;

/// A body longer than this is not kept.
const BODY: usize = 64 * 1024;

/// What an entry takes beside what was sent.
const OVERHEAD: usize = 256;

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
    /// The query, decoded: a text, or a list where a name is repeated. Tokens and codes are masked.
    pub query: Map<String, Value>,
    /// The headers, by lower-case name. The token of `authorization` is masked.
    pub headers: Map<String, Value>,
    /// The body: parsed where it is JSON or a form, otherwise text; null where there was none, and
    /// `{"truncated": bytes}` where it was too long to keep, null for its length where nobody said
    /// it. The fields that the spec calls passwords are masked.
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
    entries: VecDeque<Kept>,
    bytes: usize,
    last: u64,
    /// How often everything began anew.
    generation: u64,
}

/// A request as it is kept.
#[derive(Clone)]
pub(crate) struct Kept {
    sent: Arc<Sent>,
    status: Option<u16>,
}

struct Sent {
    seq: u64,
    operation: Option<&'static Operation>,
    method: Method,
    path: String,
    query: String,
    /// One a line, masked: a text takes less than many.
    headers: String,
    body: Body,
}

enum Body {
    Whole(Vec<u8>),
    /// How long it was, or was said to be.
    Truncated(Option<u64>),
}

/// Names an entry that is not answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    generation: u64,
    pub(crate) seq: u64,
}

impl Journal {
    /// Records a request; without a body it could not be read.
    pub(crate) fn open(
        &mut self,
        operation: Option<&'static Operation>,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Ticket {
        self.last = self.last.saturating_add(1);
        let sent = Sent::new(self.last, operation, method, uri, headers, body);
        self.bytes = self.bytes.saturating_add(sent.size());
        self.entries.push_back(Kept {
            sent: Arc::new(sent),
            status: None,
        });
        while self.entries.len() > ENTRIES || self.bytes > BYTES {
            let Some(oldest) = self.entries.pop_front() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(oldest.sent.size());
        }
        Ticket {
            generation: self.generation,
            seq: self.last,
        }
    }

    /// Notes the status of an answer, unless everything began anew meanwhile.
    pub(crate) fn close(&mut self, ticket: Ticket, status: u16) {
        if ticket.generation != self.generation {
            return;
        }
        // Most often it is among the last.
        let mut latest_first = self.entries.iter_mut().rev();
        if let Some(entry) = latest_first.find(|entry| entry.sent.seq == ticket.seq) {
            entry.status = Some(status);
        }
    }

    /// What is recorded, oldest first. It is parsed by whoever reads it, when nothing is locked.
    pub(crate) fn snapshot(&self) -> Vec<Kept> {
        self.entries.iter().cloned().collect()
    }

    /// The last of them, newest first.
    pub(crate) fn latest(&self) -> impl Iterator<Item = &Kept> {
        self.entries.iter().rev()
    }

    /// Forgets what was recorded; the numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    /// Forgets that there ever was anything.
    pub(crate) fn restart(&mut self) {
        self.clear();
        self.last = 0;
        self.generation = self.generation.wrapping_add(1);
    }
}

impl Sent {
    fn new(
        seq: u64,
        operation: Option<&'static Operation>,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Self {
        let announced = headers
            .get("content-length")
            .and_then(|length| length.to_str().ok()?.parse().ok());
        Self {
            seq,
            operation,
            method: method.clone(),
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            headers: lines(headers),
            body: match body {
                Some(body) if body.len() <= BODY => Body::Whole(body.to_vec()),
                Some(body) => Body::Truncated(u64::try_from(body.len()).ok()),
                None => Body::Truncated(announced),
            },
        }
    }

    fn size(&self) -> usize {
        let body = match &self.body {
            Body::Whole(body) => body.len(),
            Body::Truncated(_) => 0,
        };
        OVERHEAD + self.path.len() + self.query.len() + self.headers.len() + body
    }

    fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.headers.lines();
        lines.filter_map(|line| line.split_once(SEPARATOR))
    }
}

impl Kept {
    /// In one line, without what it carried.
    pub(crate) fn line(&self) -> Value {
        json!({
            "seq": self.sent.seq,
            "operation_id": self.sent.operation.map(Operation::id),
            "method": self.sent.method.as_str(),
            "path": self.sent.path,
            "status": self.status,
        })
    }

    /// The request, parsed.
    pub(crate) fn entry(&self) -> JournalEntry {
        let sent = &*self.sent;
        let mut query = Map::new();
        for (name, value) in form_urlencoded::parse(sent.query.as_bytes()) {
            let value = if secrets::in_query(sent.operation, &name) {
                secrets::MASK.to_owned()
            } else {
                value.into_owned()
            };
            add(&mut query, &name, value);
        }
        let mut headers = Map::new();
        for (name, value) in sent.headers() {
            add(&mut headers, name, value.to_owned());
        }
        let content_type = sent
            .headers()
            .find_map(|(name, value)| (name == "content-type").then_some(value));
        let body = match &sent.body {
            Body::Truncated(length) => json!({ "truncated": length }),
            Body::Whole(body) => {
                let mut body = body_value(body, content_type.unwrap_or_default());
                secrets::mask_body(sent.operation, &mut body);
                body
            }
        };
        JournalEntry {
            seq: sent.seq,
            operation_id: sent.operation.map(|operation| operation.id().to_owned()),
            method: sent.method.to_string(),
            path: sent.path.clone(),
            query,
            headers,
            body,
            status: self.status,
        }
    }
}

const SEPARATOR: &str = ": ";

/// Neither names nor values of headers hold line ends.
fn lines(headers: &HeaderMap) -> String {
    let lengths = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + SEPARATOR.len() + 1);
    let mut lines = String::with_capacity(lengths.sum());
    for (name, value) in headers {
        let value = secrets::header(name, value);
        for part in [name.as_str(), SEPARATOR, &value, "\n"] {
            lines.push_str(part);
        }
    }
    lines
}

fn body_value(body: &[u8], content_type: &str) -> Value {
    if body.is_empty() {
        return Value::Null;
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

    fn uri() -> Uri {
        "/v1/calls?a=1&a=2".parse().expect("a path")
    }

    #[test]
    fn old_entries_make_room_and_no_token_stays() {
        let mut journal = Journal::default();
        let mut headers = HeaderMap::new();
        headers.insert(
            "authorization",
            "Bearer sbx_at_1".parse().expect("a header"),
        );
        for _ in 0..=ENTRIES {
            journal.open(None, &Method::GET, &uri(), &headers, Some(b""));
        }
        assert_eq!(journal.entries.len(), ENTRIES);
        let first = journal.snapshot()[0].entry();
        assert_eq!(first.seq, 2);
        assert_eq!(first.headers["authorization"], "Bearer [masked]");
        assert_eq!(first.query["a"], json!(["1", "2"]));
    }

    #[test]
    fn all_together_they_stay_within_the_budget() {
        let mut journal = Journal::default();
        let body = vec![b'x'; BODY];
        for _ in 0..2 * BYTES / BODY {
            journal.open(
                None,
                &Method::POST,
                &uri(),
                &HeaderMap::new(),
                Some(body.as_slice()),
            );
            assert!(journal.bytes <= BYTES);
        }
        assert!(journal.entries.len() > BYTES / BODY / 2);
        journal.clear();
        assert_eq!(journal.bytes, 0);
    }

    #[test]
    fn a_long_body_is_not_kept() {
        let mut journal = Journal::default();
        let long = vec![b'x'; BODY + 1];
        let headers = HeaderMap::new();
        journal.open(None, &Method::POST, &uri(), &headers, Some(long.as_slice()));
        journal.open(None, &Method::POST, &uri(), &headers, None);
        let kept = journal.snapshot();
        assert_eq!(kept[0].entry().body, json!({ "truncated": BODY + 1 }));
        assert_eq!(kept[1].entry().body, json!({ "truncated": null }));
    }

    #[test]
    fn an_answer_from_before_a_reset_changes_nothing() {
        let mut journal = Journal::default();
        let open = |journal: &mut Journal| {
            journal.open(None, &Method::GET, &uri(), &HeaderMap::new(), Some(b""))
        };
        let before = open(&mut journal);
        journal.restart();
        let after = open(&mut journal);
        assert_eq!((before.seq, after.seq), (1, 1));
        journal.close(before, 200);
        assert_eq!(journal.snapshot()[0].entry().status, None);
        journal.close(after, 201);
        assert_eq!(journal.snapshot()[0].entry().status, Some(201));
    }
}
