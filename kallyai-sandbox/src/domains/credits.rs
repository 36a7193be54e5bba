//! Credits: balance, history and breakdown out of the ledger; prices and plans.

use super::{Context, Fidelity, Handler, Reply};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::{plans, prices};

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("credits_balance", Fidelity::Documented, balance),
    Handler::new("credits_history", Fidelity::Documented, history),
    Handler::new("credits_breakdown", Fidelity::Documented, breakdown),
    Handler::new("credits_costs", Fidelity::Documented, costs),
    Handler::new("credits_plans", Fidelity::Documented, all_plans),
];

fn balance(context: &mut Context<'_>, _: &Request) -> Reply {
    let plan = context.world.subscription.plan_type();
    Answer::ok(context.world.ledger.balance(plan)).into()
}

fn history(context: &mut Context<'_>, request: &Request) -> Reply {
    let limit = request.count("limit", usize::MAX);
    Answer::ok(context.world.ledger.history(limit)).into()
}

fn breakdown(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.ledger.breakdown()).into()
}

fn costs(_: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(prices::costs()).into()
}

fn all_plans(_: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(plans::plans()).into()
}
