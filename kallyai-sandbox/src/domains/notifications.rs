//! What waits for the user, counted where it waits.

use serde_json::{Value, json};

use super::{Context, Fidelity, Handler, Reply};
use crate::clock::stamp;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::inbox::Message;
use crate::world::log::Entry;

pub(super) const HANDLERS: &[Handler] = &[Handler::new(
    "notifications_pending",
    Fidelity::Documented,
    pending,
)];

fn pending(context: &mut Context<'_>, _: &Request) -> Reply {
    let world = &context.world;
    let actions: Vec<Value> = world
        .log
        .iter()
        .filter(|entry| entry.is_pending())
        .map(Entry::pending)
        .collect();
    let goals: Vec<Value> = world
        .goals
        .roots()
        .filter(|goal| matches!(goal.status(), "needs_input" | "pending"))
        .map(|goal| json!({ "id": goal.id, "status": goal.status(), "summary": goal.title }))
        .collect();
    let inbox: Vec<Value> = world
        .inbox
        .iter()
        .filter(|message| message.is(None, true))
        .map(Message::pending)
        .collect();
    let active = world
        .goals
        .roots()
        .find(|goal| goal.status() == "active")
        .map(|goal| {
            json!({
                "id": goal.id,
                "summary": goal.title,
                "status": "in_progress",
                "current_step_description": goal.current_step(),
            })
        });
    let mut body = json!({
        "total_pending": actions.len() + goals.len() + inbox.len(),
        "actions": counted(&actions),
        "goals": counted(&goals),
        "inbox": counted(&inbox),
        "generated_at": stamp(context.now),
    });
    if let (Some(active), Value::Object(body)) = (active, &mut body) {
        body.insert("active_goal".to_owned(), active);
    }
    Answer::ok(body).into()
}

fn counted(items: &[Value]) -> Value {
    json!({ "count": items.len(), "items": items })
}
