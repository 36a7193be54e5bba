//! The channels between the user and the assistant, and the user's contact e-mails.

use serde_json::{Value, json};

use super::Fidelity::{Assumed, Documented};
use super::{Context, Handler, Reply, changed, invalid, unknown};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::channels::{MAILBOX, Webhook};
use crate::world::sent::{Carrier, Letter};

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("channels_statuses", Documented, statuses),
    Handler::new("channels_add_email", Documented, add_email),
    Handler::new("channels_list_emails", Documented, list_emails),
    Handler::new("channels_update_email", Assumed, update_email),
    Handler::new("channels_delete_email", Documented, delete_email),
    Handler::new("channels_verify_email", Documented, verify_email),
    Handler::new("channels_mailbox", Documented, mailbox),
    Handler::new("channels_connect", Documented, connect),
    Handler::new("channels_test", Documented, test),
    Handler::new("channels_disconnect", Documented, disconnect),
];

/// The only user of a world.
const USER: &str = "u_501";

const CONTACT: &str = "contact email";

fn statuses(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.channels.statuses()).into()
}

/// The address is to be verified by the link in an e-mail.
fn add_email(context: &mut Context<'_>, request: &Request) -> Reply {
    let now = context.now;
    let world = &mut *context.world;
    let added = world.channels.add(&request.body, now, &mut world.ids);
    let Some((email, token)) = added else {
        let message = "The address is registered already.";
        return Answer::error(409, "email_already_registered", message).into();
    };
    let base_url = context.base_url;
    world.sent.send(Letter {
        carrier: Carrier::Email,
        to: request.field("email_address").unwrap_or_default().to_owned(),
        subject: Some("Verify your e-mail address".to_owned()),
        text: format!(
            "Open this link to verify the address: {base_url}/v1/channels/email/verify?token={token}"
        ),
        at: now,
    });
    Answer::json(201, email).into()
}

fn list_emails(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.channels.emails()).into()
}

fn update_email(context: &mut Context<'_>, request: &Request) -> Reply {
    let channels = &mut context.world.channels;
    let view = channels.change(request.path("email_id"), &request.body);
    changed(view, CONTACT)
}

fn delete_email(context: &mut Context<'_>, request: &Request) -> Reply {
    if !context.world.channels.remove(request.path("email_id")) {
        return unknown(CONTACT);
    }
    Answer::empty(204).into()
}

/// A failure is a redirect too.
fn verify_email(context: &mut Context<'_>, request: &Request) -> Reply {
    let token = request.query("token").unwrap_or_default();
    let verified = context.world.channels.verify(token, context.now);
    let status = if verified { "success" } else { "error" };
    Answer::redirect(&format!(
        "{}/?email_verification={status}",
        context.base_url
    ))
    .into()
}

fn mailbox(_: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(json!({ "mailbox": MAILBOX, "user_id": USER })).into()
}

/// The channel of a request, and the account that its credentials belong to.
fn account(request: &Request) -> (Option<Webhook>, Option<String>) {
    let channel = Webhook::parse(request.path("channel"));
    let account = channel.and_then(|channel| channel.account(&request.body));
    (channel, account)
}

/// Credentials that are no good are an answer, not an error: the operation has none for it.
fn connect(context: &mut Context<'_>, request: &Request) -> Reply {
    let (Some(channel), Some(account_name)) = account(request) else {
        let name = request.path("channel");
        return Answer::ok(json!({ "success": false, "channel": name })).into();
    };
    let view = json!({
        "success": true,
        "channel": channel.name(),
        "account_name": account_name,
    });
    context
        .world
        .channels
        .connect(channel, account_name, context.now);
    Answer::ok(view).into()
}

/// As connecting, and keeps nothing.
fn test(_: &mut Context<'_>, request: &Request) -> Reply {
    let answer: Value = match account(request) {
        (_, Some(account_name)) => json!({ "success": true, "account_name": account_name }),
        (_, None) => json!({ "success": false }),
    };
    Answer::ok(answer).into()
}

/// E-mail has no connection: its addresses are deleted.
fn disconnect(context: &mut Context<'_>, request: &Request) -> Reply {
    let Some(channel) = Webhook::parse(request.path("channel")) else {
        return invalid("path/channel: e-mail is not disconnected; delete the contact e-mail");
    };
    if !context.world.channels.disconnect(channel) {
        let message = "The channel is not connected.";
        return Answer::error(404, "channel_not_connected", message).into();
    }
    Answer::ok(json!({ "success": true, "channel": channel.name() })).into()
}
