//! What a tool may cost at most, by the service's own price list. Prices are data of the service: they are
//! asked for, once, when a budget needs them.

use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use super::definition::Plan;
use super::error::ToolError;
use crate::client::Client;
use crate::index::Spend;
use crate::types::{CreditCosts, Decimal};

/// The units that something has once, as the price list names them.
const ONCE: [&str; 8] = [
    "base",
    "per_analysis",
    "per_booking",
    "per_email",
    "per_errand",
    "per_order",
    "per_query",
    "per_request",
];

#[derive(Default)]
pub(super) struct Prices(OnceCell<CreditCosts>);

/// What something may cost.
pub(super) enum Cost {
    Nothing,
    /// No more than this.
    AtMost(Decimal),
    /// Nobody says.
    Unknown,
}

impl Prices {
    /// What an operation may cost; of a call, if it is no longer than these minutes.
    pub(super) async fn of(
        &self,
        client: &Client,
        plan: &Plan,
        minutes: u32,
    ) -> Result<Cost, ToolError> {
        if plan.operation.effects.spend == Spend::None {
            return Ok(Cost::Nothing);
        }
        let Some(price) = &plan.price else {
            return Ok(Cost::Unknown);
        };
        let costs = self
            .0
            .get_or_try_init(|| async { client.credits().costs().await })
            .await?;
        let units = costs.costs.get(price);
        let units = units.and_then(|units| serde_json::to_value(units).ok());
        let Some(units) = units.as_ref().and_then(Value::as_object) else {
            return Ok(Cost::Unknown);
        };
        Ok(at_most(units, minutes).map_or(Cost::Unknown, Cost::AtMost))
    }
}

/// The sum of these prices; none where a unit may come more than once and nobody says how often.
fn at_most(units: &Map<String, Value>, minutes: u32) -> Option<Decimal> {
    let mut sum = Decimal::from(0);
    for (unit, price) in units {
        let price: Decimal = price.to_string().trim_matches('"').parse().ok()?;
        if price < Decimal::from(0) {
            return None;
        }
        let times = match unit.as_str() {
            "per_minute" => minutes,
            unit if ONCE.contains(&unit) => 1,
            _ => return None,
        };
        for _ in 0..times {
            sum = sum.checked_add(&price)?;
        }
    }
    Some(sum)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_can_come_often_has_no_bound() {
        let most =
            |units: Value| at_most(units.as_object().unwrap(), 30).map(|sum| sum.to_string());
        assert_eq!(
            most(json!({ "base": 1.0, "per_minute": 0.1 })).unwrap(),
            "4"
        );
        assert_eq!(most(json!({ "per_query": 0.5 })).unwrap(), "0.5");
        assert_eq!(most(json!({ "base": 1.0, "per_second": 0.1 })), None);
        assert_eq!(most(json!({ "per_kilometre": 0.1 })), None);
        assert_eq!(most(json!({ "base": -1 })), None);
        assert_eq!(most(json!({ "base": "dear" })), None);
    }
}
