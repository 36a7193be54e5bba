//! What the pages behind the links ask, and what comes of it.

use super::Context;
use crate::form::{self, Form};
use crate::wire::Answer;
use crate::world::links::Link;

const PORTAL: Form = Form {
    title: "Billing",
    text: "This is the billing portal of the sandbox. Nothing is charged.",
    buttons: &[
        ("cancel", "Cancel the subscription"),
        ("resume", "Take it up again"),
    ],
};

const CHECKOUT: Form = Form {
    title: "Checkout",
    text: "This is the checkout of the trial. Nothing is charged.",
    buttons: &[("pay", "Pay"), ("cancel", "Not now")],
};

const CONNECT: Form = Form {
    title: "Connect an e-mail account",
    text: "The assistant asks for access to an e-mail account. There is none behind it: its e-mails are made up.",
    buttons: &[("approve", "Approve"), ("refuse", "Refuse")],
};

pub(crate) fn form(link: &Link) -> &'static Form {
    match link {
        Link::Portal => &PORTAL,
        Link::Checkout { .. } => &CHECKOUT,
        Link::Connect { .. } => &CONNECT,
    }
}

/// What is taken for approval where everything is approved beforehand.
pub(crate) fn approval(link: &Link) -> Option<&'static str> {
    match link {
        Link::Portal => None,
        Link::Checkout { .. } => Some("pay"),
        Link::Connect { .. } => Some("approve"),
    }
}

/// Does what was decided; nothing where the link is not known any more.
pub(crate) fn decide(context: &mut Context<'_>, ticket: &str, decision: &str) -> Option<Answer> {
    let now = context.now;
    let world = &mut *context.world;
    Some(match world.links.get(ticket)? {
        // The portal can be used again.
        Link::Portal if decision == "cancel" => {
            world.subscription.cancel();
            form::note("The subscription is cancelled.")
        }
        Link::Portal => {
            if world.subscription.resume(now) {
                world.follow_subscription();
            }
            form::note("The subscription runs.")
        }
        Link::Checkout { .. } => {
            let Link::Checkout {
                success_url,
                cancel_url,
            } = world.links.take(ticket)?
            else {
                return None;
            };
            if decision == "pay" {
                world.subscription.try_out(now);
                world.follow_subscription();
                Answer::redirect(&success_url)
            } else {
                Answer::redirect(&cancel_url)
            }
        }
        Link::Connect { provider } => {
            let provider = *provider;
            world.links.take(ticket)?;
            if decision == "approve" {
                world.email.connect(provider, &mut world.inbox, now);
                form::note("The e-mail account is connected.")
            } else {
                form::note("The e-mail account is not connected.")
            }
        }
    })
}
