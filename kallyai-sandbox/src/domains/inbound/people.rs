//! Contacts, and what callers have left behind.

use serde_json::{Value, json};

use super::super::{Context, Fidelity, Handler, Reply, changed, deleted, unknown};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::inbound::Voicemail;

pub(crate) const HANDLERS: &[Handler] = &[
    Handler::new("inbound_list_contacts", Fidelity::Assumed, list),
    Handler::new("inbound_create_contact", Fidelity::Assumed, create),
    Handler::new("inbound_update_contact", Fidelity::Assumed, update),
    Handler::new("inbound_delete_contact", Fidelity::Assumed, delete),
    Handler::new("inbound_import_contacts", Fidelity::Assumed, import),
    Handler::new("inbound_list_voicemails", Fidelity::Assumed, voicemails),
    Handler::new("inbound_get_voicemail", Fidelity::Assumed, voicemail),
    Handler::new("inbound_voicemail_playback", Fidelity::Assumed, playback),
];

fn list(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.inbound.contacts.view()).into()
}

fn create(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = context.world.ids.uuid();
    Answer::ok(context.world.inbound.contacts.add(id, &request.body)).into()
}

fn update(context: &mut Context<'_>, request: &Request) -> Reply {
    let contacts = &mut context.world.inbound.contacts;
    let id = request.path("contact_id");
    changed(contacts.change(id, &request.body), "contact")
}

fn delete(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("contact_id");
    let gone = context.world.inbound.contacts.remove(id);
    deleted(gone, "contact", request)
}

/// Every source knows these two, in the block that is reserved for fiction.
const ELSEWHERE: &[(&str, &str, bool)] = &[
    ("Ada", "+12025550142", true),
    ("Grace", "+12025550143", false),
];

fn import(context: &mut Context<'_>, _: &Request) -> Reply {
    let world = &mut *context.world;
    let mut count = 0;
    for (name, number, vip) in ELSEWHERE {
        if !world.inbound.contacts.is_known(number) {
            let id = world.ids.uuid();
            let fields = json!({ "name": name, "phone_number": number, "is_vip": vip });
            world.inbound.contacts.add(id, &fields);
            count += 1;
        }
    }
    Answer::ok(json!({
        "status": "imported",
        "success": true,
        "message": format!("{count} contacts are new."),
    }))
    .into()
}

fn voicemails(context: &mut Context<'_>, _: &Request) -> Reply {
    let items: Vec<Value> = context
        .world
        .inbound
        .voicemails
        .iter()
        .rev()
        .map(Voicemail::view)
        .collect();
    Answer::ok(json!({ "total": items.len(), "items": items })).into()
}

fn voicemail(context: &mut Context<'_>, request: &Request) -> Reply {
    let voicemail = context
        .world
        .inbound
        .voicemail(request.path("voicemail_id"));
    changed(voicemail.map(Voicemail::view), "voicemail")
}

fn playback(context: &mut Context<'_>, request: &Request) -> Reply {
    match context
        .world
        .inbound
        .voicemail(request.path("voicemail_id"))
    {
        Some(voicemail) => {
            let url = format!(
                "{}/_sandbox/recordings/{}.mp3",
                context.base_url, voicemail.id
            );
            Answer::ok(json!({ "url": url })).into()
        }
        None => unknown("voicemail"),
    }
}
