//! What goes over the wire: answers and the envelope of errors.

use std::fmt;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::catalogue::Catalogue;
use crate::world::inbound::events::Position;

/// An answer before it becomes bytes, so that it can be checked and disturbed.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content: Content,
    /// The other published shape of the body, where it says what this one does not.
    pub(crate) alternate: Option<Box<Value>>,
}

#[derive(Clone)]
pub(crate) enum Content {
    Empty,
    Json(Value),
    Text {
        content_type: String,
        text: String,
    },
    /// Server-sent events that go on as long as somebody listens.
    Events(Position),
}

/// Bodies hold what people say to each other, and headers hold tokens.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Content {
    pub(crate) fn content_type(&self) -> Option<&str> {
        match self {
            Self::Empty => None,
            Self::Json(_) => Some("application/json"),
            Self::Text { content_type, .. } => Some(content_type),
            Self::Events(_) => Some("text/event-stream"),
        }
    }
}

impl Answer {
    fn new(status: u16, content: Content) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: Vec::new(),
            content,
            alternate: None,
        }
    }

    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self::new(status, Content::Json(body))
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::json(200, body)
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self::new(status, Content::Empty)
    }

    pub(crate) fn text(content_type: &str, text: impl Into<String>) -> Self {
        Self::new(
            200,
            Content::Text {
                content_type: content_type.to_owned(),
                text: text.into(),
            },
        )
    }

    pub(crate) fn events(after: Position) -> Self {
        Self::new(200, Content::Events(after))
    }

    pub(crate) fn with_alternate(mut self, body: Value) -> Self {
        self.alternate = Some(Box::new(body));
        self
    }

    pub(crate) fn redirect(location: &str) -> Self {
        Self::empty(302).with_header("location", location)
    }

    /// An error that is not in the list of published codes.
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(
            status,
            json!({ "error": { "code": code, "message": message } }),
        )
    }

    /// A published error, with its status and meaning.
    pub(crate) fn published(catalogue: &Catalogue, code: &str) -> Self {
        let (status, meaning) = catalogue
            .error_code(code)
            .unwrap_or((500, "not a published code"));
        Self::error(status, code, &sentence(meaning))
    }

    pub(crate) fn with_reason(mut self, reason: impl Into<String>) -> Self {
        if let Some(error) = self.envelope() {
            error.insert("details".to_owned(), json!({ "reason": reason.into() }));
        }
        self
    }

    pub(crate) fn with_correlation_id(mut self, id: impl FnOnce() -> String) -> Self {
        if let Some(error) = self.envelope() {
            error
                .entry("correlation_id")
                .or_insert_with(|| Value::String(id()));
        }
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find_map(|(known, value)| (*known == name).then_some(value.as_str()))
    }

    fn envelope(&mut self) -> Option<&mut Map<String, Value>> {
        let Content::Json(body) = &mut self.content else {
            return None;
        };
        body.get_mut("error")?.as_object_mut()
    }
}

/// The catalogue's meanings are fragments: `out of credits`.
fn sentence(meaning: &str) -> String {
    let mut letters = meaning.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), letters.as_str())
    })
}
