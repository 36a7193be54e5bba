//! Credits: balance, history and breakdown out of the ledger; prices and plans.

use super::{Context, Fidelity, Handler, Reply};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::credits;

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("credits_balance", Fidelity::Documented, balance),
    Handler::new("credits_history", Fidelity::Documented, history),
    Handler::new("credits_breakdown", Fidelity::Documented, breakdown),
    Handler::new("credits_costs", Fidelity::Documented, costs),
    Handler::new("credits_plans", Fidelity::Documented, plans),
];

fn balance(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.ledger.balance()).into()
}

fn history(context: &mut Context<'_>, request: &Request) -> Reply {
    let limit = request.count("limit", usize::MAX);
    Answer::ok(context.world.ledger.history(limit)).into()
}

fn breakdown(context: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(context.world.ledger.breakdown()).into()
}

fn costs(_: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(credits::costs()).into()
}

fn plans(_: &mut Context<'_>, _: &Request) -> Reply {
    Answer::ok(credits::plans()).into()
}
