//! The action log: what the assistant has done, and whether it can be undone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::stamp;

/// The status of what waits for the user.
pub(crate) const PENDING: &str = "pending_approval";

/// The published kinds of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Calendar,
    Booking,
    Bill,
    Ride,
    Food,
    Errand,
    Email,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::Booking => "booking",
            Self::Bill => "bill",
            Self::Ride => "ride",
            Self::Food => "food",
            Self::Errand => "errand",
            Self::Email => "email",
        }
    }
}

/// What there is to do when an action is undone: the id of what it has made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Undo {
    Event(String),
    Booking(String),
    Email(String),
}

/// Something that was done.
pub(crate) struct Deed {
    pub(crate) kind: Kind,
    pub(crate) description: String,
    pub(crate) status: &'static str,
    pub(crate) undo: Option<Undo>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    kind: Kind,
    description: String,
    status: String,
    at: DateTime<Utc>,
    undo: Option<Undo>,
}

/// Oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct ActionLog(Vec<Entry>);

impl Entry {
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn undo(&self) -> Option<&Undo> {
        self.undo.as_ref()
    }

    /// Whether it waits for the user.
    pub(crate) fn is_pending(&self) -> bool {
        self.status == PENDING
    }

    /// As it stands among what waits for the user.
    pub(crate) fn pending(&self) -> Value {
        json!({ "id": self.id, "type": self.kind.name(), "summary": self.description })
    }

    pub(crate) fn view(&self) -> Value {
        json!({
            "id": self.id,
            "type": self.kind.name(),
            "description": self.description,
            "status": self.status,
            "created_at": stamp(self.at),
            "undoable": self.undo.is_some(),
        })
    }
}

impl ActionLog {
    /// Notes a deed, and answers with the id of its entry.
    pub(crate) fn note(&mut self, deed: Deed, at: DateTime<Utc>) -> String {
        let id = format!("ac_{}", self.0.len().saturating_add(1));
        self.0.push(Entry {
            id: id.clone(),
            kind: deed.kind,
            description: deed.description,
            status: deed.status.to_owned(),
            at,
            undo: deed.undo,
        });
        id
    }

    /// Newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter().rev()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.id == id)
    }

    /// What an action has made stands differently now; what is over cannot be undone.
    pub(crate) fn mark(&mut self, made: &Undo, status: &str, over: bool) {
        for entry in &mut self.0 {
            if entry.undo.as_ref() == Some(made) {
                status.clone_into(&mut entry.status);
                if over {
                    entry.undo = None;
                }
            }
        }
    }

    /// An action stands differently now.
    pub(crate) fn set(&mut self, id: &str, status: &str) {
        if let Some(entry) = self.0.iter_mut().find(|entry| entry.id == id) {
            status.clone_into(&mut entry.status);
        }
    }
}
