//! What was done, and how it is undone.

use serde_json::{Value, json};

use super::super::{Context, Fidelity, Handler, Reply, unknown};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::log::{Entry, Undo};

pub(crate) const HANDLERS: &[Handler] = &[
    Handler::new("actions_log", Fidelity::Documented, list),
    Handler::new("actions_undo", Fidelity::Assumed, undo),
];

fn list(context: &mut Context<'_>, request: &Request) -> Reply {
    let kind = request.query("type");
    let actions: Vec<Value> = context
        .world
        .log
        .iter()
        .filter(|entry| kind.is_none_or(|kind| kind == entry.kind().name()))
        .take(request.count("limit", usize::MAX))
        .map(Entry::view)
        .collect();
    Answer::ok(json!({ "actions": actions })).into()
}

/// What was paid is not given back.
fn undo(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("action_id");
    let Some(entry) = context.world.log.get(id) else {
        return unknown("action");
    };
    let Some(made) = entry.undo().cloned() else {
        return context.error("action_not_undoable").into();
    };
    let actions = &mut context.world.actions;
    let undone = match &made {
        Undo::Event(id) => actions.calendar.remove(id),
        Undo::Booking(id) => actions.bookings.cancel(id),
        Undo::Email(id) => actions.outbox.cancel(id),
    };
    if !undone {
        return context.error("action_not_undoable").into();
    }
    context.world.log.mark(&made, "undone", true);
    Answer::ok(json!({ "id": id, "status": "undone", "success": true })).into()
}
