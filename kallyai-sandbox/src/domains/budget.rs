//! Budgets: estimates out of the price list.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Context, Fidelity, Handler, Reply};
use crate::request::Request;
use crate::wire::Answer;
use crate::world::credits::{Credits, prices};

pub(super) const HANDLERS: &[Handler] = &[Handler::new(
    "budget_estimate",
    Fidelity::Documented,
    estimate,
)];

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
