//! The published plans.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::credits::Credits;

/// A plan; the larger one is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Plan {
    Starter,
    Pro,
    Power,
    Business,
}

/// What the references say of a plan.
struct Offer {
    name: &'static str,
    credits: i32,
    dollars_a_month: i32,
    /// For a credit beyond.
    overage: &'static str,
}

impl Plan {
    pub(crate) const ALL: &[Self] = &[Self::Starter, Self::Pro, Self::Power, Self::Business];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Starter => "starter",
            Self::Pro => "pro",
            Self::Power => "power",
            Self::Business => "business",
        }
    }

    pub(crate) fn parse(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|plan| plan.key() == key)
    }

    /// Credits a month.
    pub(crate) fn credits(self) -> Credits {
        Credits::hundredths(100).times(self.offer().credits)
    }

    fn offer(self) -> Offer {
        let (name, credits, dollars_a_month, overage) = match self {
            Self::Starter => ("Starter", 200, 19, "0.15"),
            Self::Pro => ("Pro", 600, 49, "0.10"),
            Self::Power => ("Power", 1500, 99, "0.08"),
            Self::Business => ("Business", 4500, 249, "0.05"),
        };
        Offer {
            name,
            credits,
            dollars_a_month,
            overage,
        }
    }

    fn view(self) -> Value {
        let offer = self.offer();
        json!({
            "name": offer.name,
            "credits_allocated": offer.credits,
            "price_monthly": offer.dollars_a_month,
            "overage_rate": offer.overage,
        })
    }
}

/// The body of `credits_plans`.
pub(crate) fn plans() -> Value {
    let plans: Map<String, Value> = Plan::ALL
        .iter()
        .map(|plan| (plan.key().to_owned(), plan.view()))
        .collect();
    json!({ "plans": plans })
}

/// The body of `billing_plans`; no source shows its entries.
pub(crate) fn at_the_provider() -> Value {
    let items: Vec<Value> = Plan::ALL
        .iter()
        .map(|plan| {
            let mut view = plan.view();
            if let Value::Object(view) = &mut view {
                view.insert("id".to_owned(), json!(format!("plan_{}", plan.key())));
            }
            view
        })
        .collect();
    json!({ "total": items.len(), "items": items })
}
