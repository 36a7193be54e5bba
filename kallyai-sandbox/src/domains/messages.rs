//! The inbox over all channels.

use serde_json::{Value, json};

use super::Fidelity::{Assumed, Documented};
use super::{Context, Handler, Reply, unknown};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::inbox::Message;

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("messages_inbox", Documented, inbox),
    Handler::new("messages_get", Assumed, get),
    Handler::new("messages_thread", Assumed, thread),
    Handler::new("messages_mark_read", Assumed, mark_read),
];

fn inbox(context: &mut Context<'_>, request: &Request) -> Reply {
    let channel = request.query("channel");
    let unread = request.flag("unread");
    let messages: Vec<Value> = context
        .world
        .inbox
        .iter()
        .filter(|message| message.is(channel, unread))
        .take(request.count("limit", usize::MAX))
        .map(Message::view)
        .collect();
    Answer::ok(json!({ "messages": messages })).into()
}

/// Reading a message does not mark it: there is an operation for that.
fn get(context: &mut Context<'_>, request: &Request) -> Reply {
    match context.world.inbox.get(request.path("message_id")) {
        Some(message) => Answer::ok(message.detail()).into(),
        None => unknown("message"),
    }
}

fn thread(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("conversation_id");
    let items: Vec<Value> = context
        .world
        .inbox
        .thread(id)
        .map(Message::detail)
        .collect();
    if items.is_empty() && context.world.conversations.find(id).is_none() {
        return unknown("conversation");
    }
    Answer::ok(json!({ "total": items.len(), "items": items })).into()
}

/// All of them, or none.
fn mark_read(context: &mut Context<'_>, request: &Request) -> Reply {
    let ids = request.texts("message_ids");
    if !context.world.inbox.mark_read(&ids) {
        return unknown("message");
    }
    Answer::ok(json!({ "status": "read", "success": true })).into()
}
