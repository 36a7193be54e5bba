//! Numbers that stand for an error, where the operation has it.

use serde_json::Value;

use super::Context;
use crate::check::Violation;
use crate::numbers::{self, Fate};
use crate::request::Request;
use crate::wire::Answer;

/// The error that a number in this field stands for.
pub(super) fn refused_number(
    context: &Context<'_>,
    request: &Request,
    field: &str,
    number: &str,
) -> Option<Answer> {
    match numbers::fate(number) {
        Fate::Refused(code) if request.operation.documents(code) => {
            Some(context.error(code).with_reason(field))
        }
        Fate::Refused(_) | Fate::Ends(_) => None,
    }
}

/// An emergency number is one even where it is not written as the spec asks for.
pub(super) fn refine_emergency(
    context: &Context<'_>,
    request: &Request,
    violation: &Violation,
) -> Option<Answer> {
    let place = violation.place.strip_prefix("body")?;
    let number = request.body.pointer(place).and_then(Value::as_str)?;
    let code = "emergency_number";
    let refused = numbers::is_emergency(number) && request.operation.documents(code);
    refused.then(|| context.error(code))
}
