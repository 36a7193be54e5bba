//! E-mails that the assistant writes: they wait in the outbox until the user approves them.

use serde_json::{Value, json};

use super::super::{Context, Fidelity, Handler, Reply, charge, unknown, wrong_state};
use super::owned;
use crate::clock::delta;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::actions::outbox::{Draft, Email};
use crate::world::log::{Deed, Kind, PENDING, Undo};

pub(crate) const HANDLERS: &[Handler] = &[
    Handler::new("actions_send_email", Fidelity::Assumed, send),
    Handler::new("actions_approve_email", Fidelity::Assumed, approve),
    Handler::new("actions_cancel_email", Fidelity::Assumed, cancel),
    Handler::new("actions_list_outbox", Fidelity::Documented, list),
    Handler::new("actions_list_replies", Fidelity::Assumed, replies),
];

const ACTION: &str = "email_send";

/// It is charged when it is approved, and refused where it could not be.
fn send(context: &mut Context<'_>, request: &Request) -> Reply {
    if !context.world.email.is_connected() {
        return context.error("email_not_connected").into();
    }
    if let Some(refusal) = charge::uncovered(context, ACTION) {
        return refusal;
    }
    let field = |name| owned(request, name).unwrap_or_default();
    let draft = Draft {
        to: field("to"),
        cc: owned(request, "cc"),
        subject: field("subject"),
        body: field("body"),
        account: None,
    };
    let now = context.now;
    let world = &mut *context.world;
    let email = world.actions.outbox.write(draft, now);
    let deed = Deed {
        kind: Kind::Email,
        description: describe(&email),
        status: PENDING,
        undo: Some(Undo::Email(email.id.clone())),
    };
    world.log.note(deed, now);
    Answer::ok(email.view()).into()
}

fn describe(email: &Email) -> String {
    format!("An e-mail to {}: {}", email.draft.to, email.draft.subject)
}

fn approve(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("email_id");
    let Some(email) = context.world.actions.outbox.get(id) else {
        return unknown("email");
    };
    if !email.is_pending() {
        return wrong_state("The e-mail does not wait for approval.", email.status());
    }
    let description = describe(email);
    if !context.world.email.is_connected() {
        return context.error("email_not_connected").into();
    }
    if let Some(refusal) = charge::uncovered(context, ACTION) {
        return refusal;
    }
    charge::charge(context, ACTION, description);
    let life = delta(context.settings.call_life);
    context.world.send_email(id, life, context.now);
    let made = Undo::Email(id.to_owned());
    context.world.log.mark(&made, "completed", true);
    Answer::ok(json!({ "id": id, "status": "sent", "success": true })).into()
}

fn cancel(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("email_id");
    let world = &mut *context.world;
    if world.actions.outbox.cancel(id) {
        let made = Undo::Email(id.to_owned());
        world.log.mark(&made, "cancelled", true);
        return Answer::ok(json!({ "id": id, "status": "cancelled", "success": true })).into();
    }
    match world.actions.outbox.get(id) {
        Some(email) => wrong_state("The e-mail does not wait for approval.", email.status()),
        None => unknown("email"),
    }
}

fn list(context: &mut Context<'_>, _: &Request) -> Reply {
    let emails: Vec<Value> = context
        .world
        .actions
        .outbox
        .iter()
        .map(Email::view)
        .collect();
    Answer::ok(json!({ "emails": emails })).into()
}

/// The e-mails that came back, oldest first.
fn replies(context: &mut Context<'_>, request: &Request) -> Reply {
    let world = &context.world;
    if !world.email.is_connected() {
        return context.error("email_not_connected").into();
    }
    let Some(email) = world.actions.outbox.get(request.path("email_id")) else {
        return unknown("email");
    };
    let items: Vec<Value> = email
        .replies()
        .filter_map(|id| world.email.get(id))
        .map(|mail| mail.detail(&world.inbox))
        .collect();
    Answer::ok(json!({ "total": items.len(), "items": items })).into()
}
