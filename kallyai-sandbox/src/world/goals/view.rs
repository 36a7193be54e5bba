//! Goals as they are answered.

use serde_json::{Map, Value, json};

use super::{Goal, Goals, State};
use crate::clock::stamp;
use crate::world::credits::Ledger;

impl Goals {
    pub(crate) fn summary(&self, goal: &Goal, ledger: &Ledger) -> Value {
        json!({
            "id": goal.id,
            "title": goal.title,
            "status": goal.status(),
            "created_at": stamp(goal.created_at),
            "credits_used": goal.used(ledger).json(),
            "sub_goal_count": self.children(goal.id).count(),
        })
    }

    pub(crate) fn view(goal: &Goal, ledger: &Ledger) -> Map<String, Value> {
        let steps: Vec<Value> = (1..)
            .zip(&goal.steps)
            .map(|(number, step): (u32, _)| {
                let status = match step.state {
                    State::Pending => "pending",
                    State::Running { .. } => "in_progress",
                    State::Completed => "completed",
                    State::Cancelled => "cancelled",
                };
                json!({ "step": number, "description": step.description, "status": status })
            })
            .collect();
        let mut view = Map::new();
        let mut set = |name: &str, value: Value| view.insert(name.to_owned(), value);
        set("id", json!(goal.id));
        set("title", json!(goal.title));
        set("status", json!(goal.status()));
        set("description", json!(goal.description));
        set("created_at", json!(stamp(goal.created_at)));
        set("updated_at", json!(stamp(goal.updated_at)));
        set("credits_used", goal.used(ledger).json());
        set("credits_estimated", goal.estimated().json());
        set("parent_goal_id", json!(goal.parent));
        set("steps", json!(steps));
        if let Some(gate) = goal.waits_for() {
            set("waiting_for", json!(gate.name()));
        }
        view
    }

    /// A goal with all below it.
    pub(crate) fn tree(&self, goal: &Goal, ledger: &Ledger) -> Value {
        let below: Vec<Value> = self
            .children(goal.id)
            .map(|goal| self.tree(goal, ledger))
            .collect();
        let mut view = Self::view(goal, ledger);
        view.insert("sub_goals".to_owned(), json!(below));
        Value::Object(view)
    }
}
