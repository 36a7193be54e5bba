//! Budgets: estimates out of the price list, and what the goals may cost and have cost.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::coordination::{look, steer};
use super::{Context, Fidelity, Handler, Reply};
use crate::clock::stamp;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::credits::Credits;
use crate::world::goals::Gate;
use crate::world::prices::prices;

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("budget_estimate", Fidelity::Documented, estimate),
    Handler::new("budget_approve", Fidelity::Assumed, approve),
    Handler::new(
        "budget_cost_breakdown",
        Fidelity::Documented,
        cost_breakdown,
    ),
    Handler::new(
        "budget_acknowledge_soft_cap",
        Fidelity::Assumed,
        acknowledge_soft_cap,
    ),
];

/// How long a call is taken to be; the published example comes to the same.
const MINUTES: i32 = 5;

fn estimate(_: &mut Context<'_>, request: &Request) -> Reply {
    let action = match request.field("type").unwrap_or_default() {
        "email" => "email_send",
        other => other,
    };
    let mut total = Credits::default();
    let mut breakdown: BTreeMap<&str, Value> = BTreeMap::new();
    for (unit, price) in prices(action) {
        let (name, credits) = match unit {
            "per_minute" => ("minutes", price.times(MINUTES)),
            other => (other, price),
        };
        total = total.plus(credits);
        breakdown.insert(name, credits.json());
    }
    Answer::ok(json!({
        "estimated_credits": total.json(),
        "breakdown": breakdown,
        "confidence": "high",
    }))
    .into()
}

/// Approving what needs no approval changes nothing.
fn approve(context: &mut Context<'_>, request: &Request) -> Reply {
    steer(context, request, |context, id| {
        let goal = context.world.goals.get(id)?;
        if goal.has(Gate::Budget) && context.world.free() < goal.outstanding() {
            return Some(context.error("quota_exceeded"));
        }
        let now = context.now;
        context.world.goals.get_mut(id)?.open_all(Gate::Budget, now);
        None
    })
}

fn acknowledge_soft_cap(context: &mut Context<'_>, request: &Request) -> Reply {
    steer(context, request, |context, id| {
        if context.world.goals.get(id)?.has(Gate::Budget) {
            return Some(context.error("budget_exceeded"));
        }
        let now = context.now;
        context
            .world
            .goals
            .get_mut(id)?
            .open_all(Gate::SoftCap, now);
        None
    })
}

fn cost_breakdown(context: &mut Context<'_>, request: &Request) -> Reply {
    let ledger = &context.world.ledger;
    look(context, request, |goal| {
        let items: Vec<Value> = ledger
            .of_goal(goal.id)
            .map(|(action, credits, at)| {
                json!({ "action": action, "credits": credits.json(), "timestamp": stamp(at) })
            })
            .collect();
        Answer::ok(json!({
            "goal_id": goal.id,
            "total_credits": goal.used(ledger).json(),
            "items": items,
        }))
    })
}
