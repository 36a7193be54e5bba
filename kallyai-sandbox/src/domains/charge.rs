//! What stands before the work of an operation: the error that a text asks for, and the balance. What
//! stands behind it: the debit.

use serde_json::Value;

use super::{Context, Reply};
use crate::request::Request;
use crate::world::goals::Wish;
use crate::world::prices::fixed;

/// The published codes that an operation can answer with.
pub(super) fn codes(request: &Request) -> impl Iterator<Item = &str> {
    request
        .operation
        .definition
        .get("x-errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

/// The error that a text of the body asks for, with the code in square brackets.
pub(super) fn asked_for(context: &Context<'_>, request: &Request) -> Option<Reply> {
    let fields = request.body.as_object().into_iter().flatten();
    let texts = fields.filter_map(|(_, value)| value.as_str());
    asked_in(context, request, texts)
}

/// The error that one of these texts asks for.
pub(super) fn asked_in<'a>(
    context: &Context<'_>,
    request: &Request,
    texts: impl Iterator<Item = &'a str>,
) -> Option<Reply> {
    let wishes: Vec<Wish> = texts
        .filter(|text| text.contains('['))
        .map(Wish::read)
        .collect();
    codes(request)
        .find(|code| wishes.iter().any(|wish| wish.has(code)))
        .map(|code| context.error(code).into())
}

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
