//! One event.

use std::fmt;

use sse_stream::Sse;

use crate::decode;
use crate::index::{Operation, row};
use crate::types::InboundEvent;

pub(super) const OPERATION: &Operation = row("inbound_events");

/// Something that happened on an inbound call, as the stream of events tells it.
///
/// `Debug` does not show what it says: it can hold anything.
#[derive(Clone)]
pub struct ServerEvent {
    id: Option<String>,
    name: String,
    data: String,
    event: Option<InboundEvent>,
}

impl ServerEvent {
    /// One that was sent; a block without data is none.
    pub(super) fn sent(block: Sse) -> Option<Self> {
        let data = block.data.filter(|data| !data.is_empty())?;
        Some(Self {
            id: block.id,
            name: block
                .event
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| "message".to_owned()),
            event: decoded(&data),
            data,
        })
    }

    /// One of the log.
    pub(super) fn logged(event: InboundEvent) -> Self {
        Self {
            id: None,
            name: "message".to_owned(),
            data: serde_json::to_string(&event).unwrap_or_default(),
            event: Some(event),
        }
    }

    /// Its id in the stream, which [`EventStream::resume_after`](crate::EventStream::resume_after) takes;
    /// without one, that of what it says.
    pub fn id(&self) -> Option<&str> {
        let inner = self.event.as_ref().and_then(|event| event.id.as_deref());
        self.stream_id().or(inner)
    }

    /// Its id in the stream.
    pub(super) fn stream_id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }

    /// Its name; `message` where the service gave none, and in the log.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it says, unless that is no JSON object. No source shows its fields: they are in `extra`.
    pub fn event(&self) -> Option<&InboundEvent> {
        self.event.as_ref()
    }

    /// What it says, taken out.
    pub fn into_event(self) -> Option<InboundEvent> {
        self.event
    }

    /// Its data as they were sent. They may hold anything: mind where you print them.
    pub fn data(&self) -> &str {
        &self.data
    }
}

impl fmt::Debug for ServerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerEvent")
            .field("data_bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

fn decoded(data: &str) -> Option<InboundEvent> {
    if !data.trim_start().starts_with('{') {
        return None;
    }
    decode::decode(OPERATION, data.as_bytes()).ok()
}
