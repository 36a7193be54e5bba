//! The phone numbers of the account, and the user's own phones.

use serde_json::{Value, json};

use super::Fidelity::Assumed;
use super::refusals::{refine_emergency, refused_number};
use super::{Context, Handler, Reply, invalid, unknown};
use crate::numbers;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::phone::PhoneNumber;
use crate::world::phone::countries::{COUNTRIES, Country};
use crate::world::sent::{Carrier, Letter};

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("phone_list", Assumed, list),
    Handler::new("phone_get", Assumed, get),
    Handler::new("phone_details", Assumed, details),
    Handler::new("phone_countries", Assumed, countries),
    Handler::new("phone_available", Assumed, available),
    Handler::new("phone_provision", Assumed, provision),
    Handler::new("phone_release", Assumed, release),
    Handler {
        refine: Some(refine_emergency),
        ..Handler::new("phone_set_forwarding", Assumed, set_forwarding)
    },
    Handler::new("phone_remove_forwarding", Assumed, remove_forwarding),
    Handler::new("phone_set_caller_id", Assumed, set_caller_id),
    Handler::new("phone_verify_ownership", Assumed, verify_ownership),
    Handler::new("phone_set_up_forwarding", Assumed, set_up_forwarding),
    Handler::new("phone_forwarding_targets", Assumed, forwarding_targets),
    Handler {
        refine: Some(refine_emergency),
        ..Handler::new("phone_start_verification", Assumed, start_verification)
    },
    Handler::new("phone_check_verification", Assumed, check_verification),
    Handler::new("phone_configure_verified", Assumed, configure_verified),
];

const NOT_PROVISIONED: &str = "phone_not_provisioned";

fn list(context: &mut Context<'_>, _: &Request) -> Reply {
    let numbers: Vec<Value> = context
        .world
        .phones
        .numbers()
        .iter()
        .map(PhoneNumber::view)
        .collect();
    Answer::ok(json!({ "phone_numbers": numbers })).into()
}

/// Does something with the number of a request, and answers.
fn with_number(
    context: &mut Context<'_>,
    request: &Request,
    work: impl FnOnce(&mut PhoneNumber) -> Value,
) -> Reply {
    let phones = &mut context.world.phones;
    match phones.get_mut(request.path("phone_number_id")) {
        Some(number) => Answer::ok(work(number)).into(),
        None => missing(context, request),
    }
}

/// Who has no number at all is told that, where the operation has an error for it.
fn missing(context: &Context<'_>, request: &Request) -> Reply {
    if context.world.phones.is_empty() && request.operation.documents(NOT_PROVISIONED) {
        return context.error(NOT_PROVISIONED).into();
    }
    unknown("phone number")
}

fn done(id: &str, status: &str) -> Value {
    json!({ "id": id, "status": status, "success": true })
}

fn get(context: &mut Context<'_>, request: &Request) -> Reply {
    with_number(context, request, |number| number.view())
}

fn details(context: &mut Context<'_>, request: &Request) -> Reply {
    with_number(context, request, |number| number.details())
}

fn countries(_: &mut Context<'_>, _: &Request) -> Reply {
    let items: Vec<Value> = COUNTRIES
        .iter()
        .map(|country| json!({ "id": country.code, "name": country.name }))
        .collect();
    Answer::ok(json!({ "total": items.len(), "items": items })).into()
}

fn available(context: &mut Context<'_>, request: &Request) -> Reply {
    let Some(country) = request.query("country").and_then(Country::find) else {
        return context.error("unsupported_country").into();
    };
    let numbers = context
        .world
        .phones
        .for_sale(country, request.query("area_code"));
    let items: Vec<Value> = numbers
        .iter()
        .map(|number| json!({ "id": number, "phone_number": number, "iso_country": country.code }))
        .collect();
    Answer::ok(json!({ "total": items.len(), "items": items })).into()
}

/// It costs nothing: no price is published.
fn provision(context: &mut Context<'_>, request: &Request) -> Reply {
    let Some(country) = request.field("country").and_then(Country::find) else {
        return context.error("unsupported_country").into();
    };
    if !context.world.subscription.is_running() {
        return context.error("no_active_subscription").into();
    }
    if !country.sells() {
        return context.error("country_restriction").into();
    }
    let area_code = request.field("area_code");
    let phones = &mut context.world.phones;
    match phones.provision(country, area_code, context.now) {
        Some(view) => Answer::ok(view).into(),
        None => invalid("body/area_code: has no numbers for sale"),
    }
}

fn release(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("phone_number_id");
    if !context.world.phones.release(id) {
        return missing(context, request);
    }
    Answer::ok(done(id, "released")).into()
}

fn set_forwarding(context: &mut Context<'_>, request: &Request) -> Reply {
    let field = "forwarding_number";
    let to = request.field(field).unwrap_or_default();
    if let Some(refusal) = refused_number(context, request, field, to) {
        return refusal.into();
    }
    with_number(context, request, |number| {
        number.forwarding = Some(to.to_owned());
        done(&number.id, "forwarded")
    })
}

/// Removing what is not there changes nothing.
fn remove_forwarding(context: &mut Context<'_>, request: &Request) -> Reply {
    with_number(context, request, |number| {
        number.forwarding = None;
        done(&number.id, "removed")
    })
}

fn set_caller_id(context: &mut Context<'_>, request: &Request) -> Reply {
    let name = request.field("caller_id_name").map(str::to_owned);
    with_number(context, request, |number| {
        number.caller_id_name = name;
        done(&number.id, "set")
    })
}

/// What proves it is not published: everything does.
fn verify_ownership(context: &mut Context<'_>, request: &Request) -> Reply {
    with_number(context, request, |number| {
        number.verified = true;
        done(&number.id, "verified")
    })
}

/// The phone of a body whose fields are not published: the one that it names, or the one that was
/// verified last.
fn own_phone(context: &Context<'_>, request: &Request) -> Option<String> {
    match request.body.get("phone_number") {
        None => context.world.phones.verified().map(str::to_owned),
        Some(named) => named.as_str().map(str::to_owned),
    }
}

fn set_up_forwarding(context: &mut Context<'_>, request: &Request) -> Reply {
    if context.world.phones.is_empty() {
        return context.error(NOT_PROVISIONED).into();
    }
    let Some(phone) = own_phone(context, request) else {
        return invalid("body/phone_number: is needed where no phone is verified");
    };
    if let Some(refusal) = refused_number(context, request, "phone_number", &phone) {
        return refusal.into();
    }
    if !numbers::is_e164(&phone) {
        return invalid("body/phone_number: is not a number in E.164");
    }
    let phones = &mut context.world.phones;
    let id = phones.set_up(&phone, &request.body, context.now);
    Answer::ok(done(&id, "set_up")).into()
}

fn forwarding_targets(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.phones.targets()).into()
}

/// The code comes as a text message.
fn start_verification(context: &mut Context<'_>, request: &Request) -> Reply {
    let field = "phone_number";
    let phone = request.field(field).unwrap_or_default();
    if let Some(refusal) = refused_number(context, request, field, phone) {
        return refusal.into();
    }
    let world = &mut *context.world;
    let code = world.phones.code(phone, &mut world.ids);
    world.sent.send(Letter {
        carrier: Carrier::Sms,
        to: phone.to_owned(),
        subject: None,
        text: format!("Your KallyAI code is {code}."),
        at: context.now,
    });
    Answer::ok(json!({ "status": "pending", "success": true })).into()
}

/// A wrong code is an answer, not an error: the operation has none for it.
fn check_verification(context: &mut Context<'_>, request: &Request) -> Reply {
    let field = |name| request.field(name).unwrap_or_default();
    let phones = &mut context.world.phones;
    let right = phones.verify(field("phone_number"), field("code"), context.now);
    let status = if right { "verified" } else { "rejected" };
    Answer::ok(json!({ "status": status, "success": right })).into()
}

fn configure_verified(context: &mut Context<'_>, request: &Request) -> Reply {
    let configured = own_phone(context, request)
        .and_then(|phone| context.world.phones.configure(&phone, &request.body));
    match configured {
        Some(id) => Answer::ok(done(&id, "configured")).into(),
        None => invalid("body/phone_number: is no verified phone"),
    }
}
