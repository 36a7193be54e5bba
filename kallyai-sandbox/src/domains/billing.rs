//! Links to pages of the payment provider, which are pages of the sandbox, and the plans there.

use serde_json::json;

use super::{Context, Fidelity, Handler, Reply};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::links::Link;
use crate::world::plans;

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("billing_portal", Fidelity::Documented, portal),
    Handler::new("billing_plans", Fidelity::Assumed, all_plans),
    Handler::new("billing_trial_checkout", Fidelity::Documented, checkout),
];

/// A link to a page of the sandbox on which the user decides something.
pub(super) fn link(context: &mut Context<'_>, link: Link) -> String {
    let world = &mut *context.world;
    let ticket = world.links.add(link, &mut world.ids);
    format!("{}/_sandbox/links/{ticket}", context.base_url)
}

/// Two names of the address are published.
fn portal(context: &mut Context<'_>, _: &Request) -> Reply {
    if !context.world.subscription.is_running() {
        return context.error("no_active_subscription").into();
    }
    let url = link(context, Link::Portal);
    Answer::ok(json!({ "url": url }))
        .with_alternate(json!({ "portal_url": url }))
        .into()
}

fn all_plans(_: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(plans::at_the_provider()).into()
}

fn checkout(context: &mut Context<'_>, request: &Request) -> Reply {
    let address = |name: &str| request.field(name).unwrap_or_default().to_owned();
    let checkout = Link::Checkout {
        success_url: address("success_url"),
        cancel_url: address("cancel_url"),
    };
    let session = format!("cs_{}", context.world.ids.uuid().simple());
    let url = link(context, checkout);
    Answer::ok(json!({ "checkout_url": url, "session_id": session })).into()
}
