//! The user's own e-mail: accounts, e-mails, responses, and the voice profile.

use serde_json::{Value, json};

use super::Fidelity::{Assumed, Documented};
use super::{Context, Handler, Reply, charge, unknown};
use crate::clock::delta;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::actions::outbox::Draft;
use crate::world::email::{Provider, Voice, reply_subject};
use crate::world::links::Link;
use crate::world::log::{Deed, Kind};

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("email_list_accounts", Documented, list_accounts),
    Handler::new("email_gmail_connect_url", Assumed, connect_gmail),
    Handler::new("email_outlook_connect_url", Assumed, connect_outlook),
    Handler::new("email_disconnect_account", Assumed, disconnect),
    Handler::new("email_list_messages", Assumed, list),
    Handler::new("email_get_message", Assumed, get),
    Handler::new("email_respond", Assumed, respond),
    Handler::new("email_voice_profile", Assumed, voice_profile),
    Handler::new("email_train_voice_profile", Assumed, train),
];

fn not_connected(context: &Context<'_>) -> Option<Reply> {
    let connected = context.world.email.is_connected();
    (!connected).then(|| context.error("email_not_connected").into())
}

fn list_accounts(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.email.accounts()).into()
}

fn connect_gmail(context: &mut Context<'_>, _: &Request) -> Reply {
    connect(context, Provider::Gmail)
}

fn connect_outlook(context: &mut Context<'_>, _: &Request) -> Reply {
    connect(context, Provider::Outlook)
}

fn connect(context: &mut Context<'_>, provider: Provider) -> Reply {
    let url = super::billing::link(context, Link::Connect { provider });
    Answer::ok(json!({ "url": url })).into()
}

fn disconnect(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("account_id");
    if !context.world.email.disconnect(id) {
        return unknown("account");
    }
    Answer::ok(json!({ "id": id, "status": "disconnected", "success": true })).into()
}

fn list(context: &mut Context<'_>, request: &Request) -> Reply {
    if let Some(refusal) = not_connected(context) {
        return refusal;
    }
    let world = &context.world;
    let mails = || world.email.mails(request.query("classification"));
    let items: Vec<Value> = mails()
        .take(request.count("limit", usize::MAX))
        .map(|mail| mail.view(&world.inbox))
        .collect();
    Answer::ok(json!({ "total": mails().count(), "items": items })).into()
}

fn get(context: &mut Context<'_>, request: &Request) -> Reply {
    if let Some(refusal) = not_connected(context) {
        return refusal;
    }
    let world = &context.world;
    match world.email.get(request.path("message_id")) {
        Some(mail) => Answer::ok(mail.detail(&world.inbox)).into(),
        None => unknown("message"),
    }
}

/// What to say when nobody says what.
const POLITE: &str = "Thank you for your e-mail. I will come back to you soon.";

/// Writes an answer and sends it, as one of two sources says; it costs what an e-mail costs.
fn respond(context: &mut Context<'_>, request: &Request) -> Reply {
    if let Some(refusal) = not_connected(context) {
        return refusal;
    }
    let now = context.now;
    let world = &mut *context.world;
    let Some(mail) = world.email.get(request.path("message_id")) else {
        return unknown("message");
    };
    let wanted = request.field("instructions").unwrap_or(POLITE);
    let draft = Draft {
        to: mail.from.clone(),
        cc: None,
        subject: reply_subject(&mail.subject),
        body: Voice::write(world.email.voice.as_ref(), &mail.from, wanted, now),
        account: Some(mail.provider),
    };
    if let Some(refusal) = charge::uncovered(context, "email_send") {
        return refusal;
    }
    let description = format!("An answer to {}: {}", draft.to, draft.subject);
    charge::charge(context, "email_send", description.clone());
    let message = draft.body.clone();
    let world = &mut *context.world;
    let id = world.actions.outbox.write(draft, now).id;
    world.send_email(&id, delta(context.settings.call_life), now);
    let deed = Deed {
        kind: Kind::Email,
        description,
        status: "completed",
        undo: None,
    };
    world.log.note(deed, now);
    Answer::ok(json!({ "id": id, "status": "sent", "success": true, "message": message })).into()
}

fn voice_profile(context: &mut Context<'_>, _: &Request) -> Reply {
    if let Some(refusal) = not_connected(context) {
        return refusal;
    }
    match &context.world.email.voice {
        Some(voice) => Answer::ok(voice.view(context.now)).into(),
        None => unknown("voice profile"),
    }
}

/// The former profile is gone at once. It costs nothing: no price is published.
fn train(context: &mut Context<'_>, _: &Request) -> Reply {
    if let Some(refusal) = not_connected(context) {
        return refusal;
    }
    let voice = Voice::train(context.now, delta(context.settings.call_life));
    let mut view = voice.view(context.now);
    context.world.email.voice = Some(voice);
    if let Value::Object(view) = &mut view {
        view.insert("success".to_owned(), json!(true));
    }
    Answer::ok(view).into()
}
