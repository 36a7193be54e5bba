//! Credits: the published prices and the ledger.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};
use uuid::Uuid;

use crate::clock::stamp;

/// Credits in hundredths, so that no sum drifts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Credits(i32);

impl Credits {
    pub(crate) const fn hundredths(hundredths: i32) -> Self {
        Self(hundredths)
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// A price per minute times a duration, rounded to hundredths.
    pub(crate) fn per_minute(self, milliseconds: i32) -> Self {
        let exact = i64::from(self.0) * i64::from(milliseconds);
        Self(i32::try_from((exact + 30_000) / 60_000).unwrap_or(i32::MAX))
    }

    pub(crate) fn times(self, factor: i32) -> Self {
        Self(self.0.saturating_mul(factor))
    }

    /// Whole where it is whole, as some answers of the service are.
    pub(crate) fn json(self) -> Value {
        if self.0 % 100 == 0 {
            return json!(self.0 / 100);
        }
        Number::from_f64(f64::from(self.0) / 100.0).map_or(Value::Null, Value::Number)
    }
}

/// The published prices: action, unit, price.
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

/// The published plans: key, name, credits a month, dollars a month, dollars for a credit beyond.
const PLANS: &[(&str, &str, i32, i32, &str)] = &[
    ("starter", "Starter", 200, 19, "0.15"),
    ("pro", "Pro", 600, 49, "0.10"),
    ("power", "Power", 1500, 99, "0.08"),
    ("business", "Business", 4500, 249, "0.05"),
];

/// The plan of a new world.
const PLAN: &str = "starter";

/// What one unit of an action costs.
pub(crate) fn price(action: &str, unit: &str) -> Credits {
    COSTS
        .iter()
        .find_map(|(a, u, price)| (*a == action && *u == unit).then_some(*price))
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

/// The body of `credits_plans`.
pub(crate) fn plans() -> Value {
    let plans: BTreeMap<&str, Value> = PLANS
        .iter()
        .map(|(key, name, credits, price, overage)| {
            let plan = json!({
                "name": name,
                "credits_allocated": credits,
                "price_monthly": price,
                "overage_rate": overage,
            });
            (*key, plan)
        })
        .collect();
    json!({ "plans": plans })
}

/// The calendar month around a time.
fn period(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let start = now
        .date_naive()
        .with_day(1)
        .map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc());
    let end = start.checked_add_months(Months::new(1)).unwrap_or(start);
    (start, end)
}

/// What came and went.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ledger {
    plan: String,
    allocated: Credits,
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
    entries: Vec<Entry>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    id: String,
    action: String,
    description: String,
    credits: Credits,
    at: DateTime<Utc>,
    /// The goal for which it was spent.
    #[serde(default)]
    goal: Option<Uuid>,
}

/// The description says what somebody has done.
impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry")
            .field("id", &self.id)
            .field("action", &self.action)
            .field("credits", &self.credits)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let (period_start, period_end) = period(now);
        let allocated = PLANS
            .iter()
            .find_map(|(key, _, credits, _, _)| (*key == PLAN).then_some(*credits))
            .unwrap_or_default();
        Self {
            plan: PLAN.to_owned(),
            allocated: Credits::hundredths(100).times(allocated),
            period_start,
            period_end,
            entries: Vec::new(),
        }
    }

    /// Begins a new period when the last is over.
    pub(crate) fn settle(&mut self, now: DateTime<Utc>) {
        if now >= self.period_end {
            (self.period_start, self.period_end) = period(now);
        }
    }

    /// The entries of this period.
    fn current(&self) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .filter(|entry| entry.at >= self.period_start)
    }

    fn used(&self) -> Credits {
        self.current()
            .fold(Credits::default(), |sum, entry| sum.plus(entry.credits))
    }

    pub(crate) fn remaining(&self) -> Credits {
        self.allocated.minus(self.used())
    }

    pub(crate) fn debit(
        &mut self,
        action: &str,
        description: String,
        credits: Credits,
        at: DateTime<Utc>,
        goal: Option<Uuid>,
    ) {
        self.entries.push(Entry {
            id: format!("cr_{}", self.entries.len().saturating_add(7001)),
            action: action.to_owned(),
            description,
            credits,
            at,
            goal,
        });
    }

    /// What was spent for a goal: action, credits and time, oldest first.
    pub(crate) fn of_goal(
        &self,
        goal: Uuid,
    ) -> impl Iterator<Item = (&str, Credits, DateTime<Utc>)> {
        self.entries
            .iter()
            .filter(move |entry| entry.goal == Some(goal))
            .map(|entry| (entry.action.as_str(), entry.credits, entry.at))
    }

    /// The body of `credits_balance`.
    pub(crate) fn balance(&self) -> Value {
        json!({
            "credits_remaining": self.remaining().json(),
            "credits_used": self.used().json(),
            "credits_allocated": self.allocated.json(),
            "plan_type": self.plan,
            "period_start": stamp(self.period_start),
            "period_end": stamp(self.period_end),
        })
    }

    /// The body of `credits_history`: newest first.
    pub(crate) fn history(&self, limit: usize) -> Value {
        let entries: Vec<Value> = self
            .entries
            .iter()
            .rev()
            .take(limit)
            .map(|entry| {
                let mut view = json!({
                    "id": entry.id,
                    "type": entry.action,
                    "description": entry.description,
                    "credits": entry.credits.json(),
                    "timestamp": stamp(entry.at),
                });
                if let (Some(goal), Value::Object(view)) = (entry.goal, &mut view) {
                    view.insert("goal_id".to_owned(), json!(goal));
                }
                view
            })
            .collect();
        json!({ "entries": entries })
    }

    /// The body of `credits_breakdown`.
    pub(crate) fn breakdown(&self) -> Value {
        let mut actions: BTreeMap<&str, (Credits, u32)> = BTreeMap::new();
        for entry in self.current() {
            let (credits, count) = actions.entry(&entry.action).or_default();
            *credits = credits.plus(entry.credits);
            *count = count.saturating_add(1);
        }
        let items: Vec<Value> = actions
            .into_iter()
            .map(|(action, (credits, count))| {
                json!({
                    "action_type": action,
                    "credits_total": credits.json(),
                    "transaction_count": count,
                })
            })
            .collect();
        json!({
            "items": items,
            "total_spent": self.used().json(),
            "period_start": stamp(self.period_start),
            "period_end": stamp(self.period_end),
        })
    }

    /// The older quota body without an envelope.
    pub(crate) fn quota(&self, upgrade_url: &str) -> Value {
        json!({
            "plan_type": self.plan,
            "minutes_allocated": self.allocated.json(),
            "minutes_used": self.used().json(),
            "upgrade_url": upgrade_url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_per_minute_is_rounded_to_hundredths() {
        let minute = price("call", "per_minute");
        assert_eq!(minute.per_minute(93_500), Credits::hundredths(16));
        assert_eq!(minute.per_minute(60_000), Credits::hundredths(10));
        assert_eq!(minute.per_minute(0), Credits::default());
    }

    #[test]
    fn sums_do_not_drift() {
        let sum = (0..1000).fold(Credits::default(), |sum, _| {
            sum.plus(Credits::hundredths(10))
        });
        assert_eq!(sum.json(), json!(100));
        assert_eq!(Credits::hundredths(116).json(), json!(1.16));
    }
}
