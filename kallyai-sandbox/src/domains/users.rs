//! The older views of the subscription and its use. Minutes stand for credits there, and calls for what a
//! call costs at least: both are legacy, and how the service fills them is not published.

use serde_json::{Number, Value, json};

use super::Fidelity::Documented;
use super::{Context, Handler, Reply};
use crate::clock::stamp;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::credits::Credits;
use crate::world::links::Link;
use crate::world::plans::Plan;
use crate::world::prices::price;
use crate::world::subscription::State;

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("users_subscription", Documented, subscription),
    Handler::new("users_statistics", Documented, statistics),
];

fn subscription(context: &mut Context<'_>, _: &Request) -> Reply {
    let url = super::billing::link(context, Link::Portal);
    let subscription = &context.world.subscription;
    let plan = match (subscription.state, subscription.plan) {
        (State::Trial, _) => "trial",
        (_, Plan::Business) => "business",
        _ => "personal",
    };
    Answer::ok(json!({
        "has_active_subscription": subscription.is_running(),
        "provider": "stripe",
        "plan": {
            "type": plan,
            "period": if subscription.annual { "annual" } else { "monthly" },
            "minutes_included": subscription.credits().json(),
        },
        "status": match subscription.state {
            State::Active | State::Trial => "active",
            State::Cancelled => "cancelled",
            State::Expired => "expired",
        },
        "expires_at": stamp(subscription.period.end),
        "auto_renew": subscription.is_running(),
        "management_url": url,
    }))
    .into()
}

fn statistics(context: &mut Context<'_>, _: &Request) -> Reply {
    let world = &context.world;
    let subscription = &world.subscription;
    let (allocated, used) = (world.ledger.allocated(), world.ledger.used());
    let period = subscription.period;
    let calls = world
        .calls
        .iter()
        .filter(|call| period.holds(call.dialled_at))
        .count();
    let affordable = allocated.over(price("call", "base"));
    Answer::ok(json!({
        "plan_type": subscription.plan_type(),
        "minutes_allocated": allocated.json(),
        "minutes_used": used.json(),
        "minutes_remaining": world.ledger.remaining().json(),
        "calls_allocated": affordable,
        "calls_used": calls,
        "calls_remaining": affordable.saturating_sub(calls),
        "period_start": stamp(period.start),
        "period_end": stamp(period.end),
        "usage_percentage": percentage(used, allocated),
        "subscription_status": subscription.state,
    }))
    .into()
}

fn percentage(used: Credits, allocated: Credits) -> Value {
    let share = 100.0 * used.share_of(allocated);
    Number::from_f64((share * 10.0).round() / 10.0).map_or(Value::Null, Value::Number)
}
