//! What a tool may cost at most, by the service's own price list. Prices are data of the service: they are
//! asked for, once, when a budget needs them.

use tokio::sync::OnceCell;

use super::definition::Plan;
use super::error::ToolError;
use crate::client::Client;
use crate::index::Spend;
use crate::types::{CreditCosts, Decimal};

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
        let Some(units) = units.as_ref().and_then(serde_json::Value::as_object) else {
            return Ok(Cost::Unknown);
        };
        let mut sum = Decimal::from(0);
        for (unit, price) in units {
            let Ok(price) = price.to_string().trim_matches('"').parse::<Decimal>() else {
                return Ok(Cost::Unknown);
            };
            let times = if unit == "per_minute" { minutes } else { 1 };
            for _ in 0..times {
                sum = match sum.checked_add(&price) {
                    Some(sum) => sum,
                    None => return Ok(Cost::Unknown),
                };
            }
        }
        Ok(Cost::AtMost(sum))
    }
}
