//! Rides, orders, errands and disputes: what is done after a while, and cannot be undone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::stamp;
use crate::world::log::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Pending,
    InProgress,
    Completed,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) id: String,
    kind: Kind,
    description: String,
    state: State,
    created_at: DateTime<Utc>,
    /// The id of its entry in the action log.
    entry: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tasks(Vec<Task>);

impl Task {
    pub(crate) fn view(&self) -> Value {
        json!({
            "id": self.id,
            "status": self.state.name(),
            "type": self.kind.name(),
            "description": self.description,
            "created_at": stamp(self.created_at),
        })
    }
}

impl Tasks {
    pub(crate) fn add(
        &mut self,
        kind: Kind,
        description: String,
        entry: String,
        now: DateTime<Utc>,
    ) -> Task {
        let task = Task {
            id: format!("tk_{}", self.0.len().saturating_add(1)),
            kind,
            description,
            state: State::Pending,
            created_at: now,
            entry,
        };
        self.0.push(task.clone());
        task
    }

    /// Moves a task on, and answers with its entry in the log.
    pub(super) fn turn(&mut self, id: &str, state: State) -> Option<&str> {
        let task = self.0.iter_mut().find(|task| task.id == id)?;
        task.state = state;
        Some(&task.entry)
    }
}
