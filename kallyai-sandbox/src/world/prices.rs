//! The published prices.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::credits::Credits;

/// Action, unit, price.
const COSTS: &[(&str, &str, Credits)] = &[
    ("call", "base", Credits::hundredths(100)),
    ("call", "per_minute", Credits::hundredths(10)),
    ("search", "per_query", Credits::hundredths(50)),
    ("email_send", "per_email", Credits::hundredths(30)),
    ("booking", "per_booking", Credits::hundredths(50)),
    ("bill_analysis", "per_analysis", Credits::hundredths(100)),
    ("ride", "per_request", Credits::hundredths(50)),
    ("food", "per_order", Credits::hundredths(50)),
    ("errand", "per_errand", Credits::hundredths(100)),
];

/// What one unit of an action costs.
pub(crate) fn price(action: &str, unit: &str) -> Credits {
    COSTS
        .iter()
        .find_map(|(a, u, price)| (*a == action && *u == unit).then_some(*price))
        .unwrap_or_default()
}

/// What an action costs that has one unit.
pub(crate) fn fixed(action: &str) -> Credits {
    prices(action)
        .map(|(_, price)| price)
        .next()
        .unwrap_or_default()
}

/// The units of an action, with their prices.
pub(crate) fn prices(action: &str) -> impl Iterator<Item = (&'static str, Credits)> {
    COSTS
        .iter()
        .filter(move |(a, _, _)| *a == action)
        .map(|(_, unit, price)| (*unit, *price))
}

/// The body of `credits_costs`.
pub(crate) fn costs() -> Value {
    let mut costs: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    for (action, unit, price) in COSTS {
        costs.entry(action).or_default().insert(unit, price.json());
    }
    json!({ "costs": costs })
}
