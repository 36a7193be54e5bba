//! The log of what happens on calls that come in.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calls::Call;
use crate::clock::stamp;

/// Old events make room for new ones.
const KEPT: usize = 10_000;

/// The number of the last event that somebody has seen.
pub(crate) type Position = u64;

/// What has happened. No source names an event: these names are the sandbox's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Ringing,
    Answered,
    Transferred,
    TakenOver,
    /// The caller begins to leave a message.
    Recording,
    /// The caller has left a message.
    Voicemail,
    Completed,
    Missed,
    Rejected,
}

impl Name {
    pub(crate) const ALL: &[Self] = &[
        Self::Ringing,
        Self::Answered,
        Self::Transferred,
        Self::TakenOver,
        Self::Recording,
        Self::Voicemail,
        Self::Completed,
        Self::Missed,
        Self::Rejected,
    ];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Ringing => "call.ringing",
            Self::Answered => "call.answered",
            Self::Transferred => "call.transferred",
            Self::TakenOver => "call.taken_over",
            Self::Recording => "call.voicemail",
            Self::Voicemail => "voicemail.received",
            Self::Completed => "call.completed",
            Self::Missed => "call.missed",
            Self::Rejected => "call.rejected",
        }
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Events {
    last: Position,
    kept: VecDeque<Event>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    number: Position,
    pub(crate) at: DateTime<Utc>,
    body: Value,
}

impl Event {
    pub(crate) fn body(&self) -> &Value {
        &self.body
    }

    /// As it goes over the wire; JSON has no line ends of its own.
    pub(crate) fn wire(&self) -> String {
        let name = self.body.get("type").and_then(Value::as_str);
        format!(
            "id: e_{}\nevent: {}\ndata: {}\n\n",
            self.number,
            name.unwrap_or("message"),
            self.body
        )
    }
}

/// `e_7`
pub(crate) fn position(id: &str) -> Option<Position> {
    id.strip_prefix("e_")?.parse().ok()
}

impl Events {
    pub(super) fn note(&mut self, name: Name, call: &Call, at: DateTime<Utc>) {
        self.last = self.last.saturating_add(1);
        self.kept.push_back(Event {
            number: self.last,
            at,
            body: json!({
                "id": format!("e_{}", self.last),
                "type": name.text(),
                "call_id": call.id,
                "caller_number": call.from,
                "status": call.state.status(),
                "live_state": call.state.name(),
                "created_at": stamp(at),
            }),
        });
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    pub(crate) fn last(&self) -> Position {
        self.last
    }

    /// Oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Event> {
        self.kept.iter()
    }

    pub(crate) fn after(&self, position: Position) -> impl Iterator<Item = (Position, &Event)> {
        self.kept
            .iter()
            .filter(move |event| event.number > position)
            .map(|event| (event.number, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_names_every_event() {
        let readme = include_str!("../../../README.md");
        for name in Name::ALL {
            assert!(
                readme.contains(&format!("`{}`", name.text())),
                "{}",
                name.text()
            );
        }
    }

    #[test]
    fn old_events_make_room() {
        let mut events = Events::default();
        let ring = super::super::Ring {
            forwarding: None,
            hand_off: None,
            from: "+12025550142".to_owned(),
            script: Vec::new(),
            life: std::time::Duration::ZERO,
        };
        let now = DateTime::UNIX_EPOCH;
        let fate = super::super::Fate::Answer;
        let call = Call::new(uuid::Uuid::nil(), false, fate, ring, now);
        for _ in 0..=KEPT {
            events.note(Name::Ringing, &call, now);
        }
        assert_eq!(events.iter().count(), KEPT);
        assert_eq!(events.after(0).next().map(|(number, _)| number), Some(2));
        assert_eq!(events.last(), position("e_10001").unwrap_or_default());
    }
}
