//! The subscription and changes of its plan.

use serde_json::{Value, json};

use super::Fidelity::Documented;
use super::{Context, Handler, Reply};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::plans::Plan;

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("subscription_status", Documented, status),
    Handler::new("subscription_change_plan", Documented, change_plan),
    Handler::new(
        "subscription_cancel_pending_change",
        Documented,
        cancel_pending_change,
    ),
];

const NO_SUBSCRIPTION: &str = "no_active_subscription";

fn status(context: &mut Context<'_>, _: &Request) -> Reply {
    if !context.world.subscription.is_running() {
        return context.error(NO_SUBSCRIPTION).into();
    }
    Answer::ok(context.world.subscription.view()).into()
}

/// Two names of the plan are published; the one of the reference wins.
fn change_plan(context: &mut Context<'_>, request: &Request) -> Reply {
    let named = request.field("new_plan").or(request.field("target_plan"));
    let Some(plan) = named.and_then(Plan::parse) else {
        return super::invalid("body/new_plan: is required");
    };
    let annual = request.body.get("annual") == Some(&Value::Bool(true));
    let now = context.now;
    match context.world.subscription.change(plan, annual, now) {
        Ok(change) => {
            context.world.follow_subscription();
            Answer::ok(change).into()
        }
        Err(refusal) => context.error(refusal.code()).into(),
    }
}

fn cancel_pending_change(context: &mut Context<'_>, _: &Request) -> Reply {
    let subscription = &mut context.world.subscription;
    if !subscription.is_running() {
        return context.error(NO_SUBSCRIPTION).into();
    }
    if !subscription.keep() {
        return super::unknown("pending change");
    }
    Answer::ok(json!({ "success": true, "message": "The pending change is cancelled." })).into()
}
