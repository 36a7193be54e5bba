//! What stands before the work of an action that costs something, and what stands behind it: the balance
//! and the debit.

use super::{Context, Reply};
use crate::world::prices::fixed;

/// The refusal, where the free balance does not cover an action.
pub(super) fn uncovered(context: &Context<'_>, action: &str) -> Option<Reply> {
    (context.world.free() < fixed(action)).then(|| context.error("quota_exceeded").into())
}

/// Debits an action.
pub(super) fn charge(context: &mut Context<'_>, action: &str, description: String) {
    let (price, now) = (fixed(action), context.now);
    context
        .world
        .ledger
        .debit(action, description, price, now, None);
}
