//! Credits and the ledger of what was spent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};
use uuid::Uuid;

use super::subscription::Period;
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

    /// How often a price can be paid.
    pub(crate) fn over(self, price: Self) -> usize {
        usize::try_from(self.0.checked_div(price.0).unwrap_or_default()).unwrap_or_default()
    }

    /// As a part of the whole, from 0 to 1; nothing is all of nothing.
    pub(crate) fn share_of(self, whole: Self) -> f64 {
        if whole.0 <= 0 {
            return 1.0;
        }
        (f64::from(self.0) / f64::from(whole.0)).min(1.0)
    }

    /// Whole where it is whole, as some answers of the service are.
    pub(crate) fn json(self) -> Value {
        if self.0 % 100 == 0 {
            return json!(self.0 / 100);
        }
        Number::from_f64(f64::from(self.0) / 100.0).map_or(Value::Null, Value::Number)
    }
}

/// What came and went.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ledger {
    period: Period,
    /// What this period may spend: what the plan allows, and what was given on top.
    allocated: Credits,
    entries: Vec<Entry>,
    /// Where the entries of this period begin.
    current: usize,
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
    pub(crate) fn new(period: Period, allocated: Credits) -> Self {
        Self {
            period,
            allocated,
            entries: Vec::new(),
            current: 0,
        }
    }

    /// Follows the subscription: another period begins with nothing spent.
    pub(crate) fn enter(&mut self, period: Period, allocated: Credits) {
        self.allocated = allocated;
        if period != self.period {
            self.period = period;
            self.current = self.entries.len();
        }
    }

    /// Gives credits for this period on top of those of the plan.
    pub(crate) fn grant(&mut self, credits: Credits) {
        self.allocated = self.allocated.plus(credits);
    }

    /// The entries of this period.
    fn current(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().skip(self.current)
    }

    pub(crate) fn allocated(&self) -> Credits {
        self.allocated
    }

    pub(crate) fn used(&self) -> Credits {
        self.current()
            .fold(Credits::default(), |sum, entry| sum.plus(entry.credits))
    }

    pub(crate) fn remaining(&self) -> Credits {
        self.allocated().minus(self.used()).max(Credits::default())
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
    pub(crate) fn balance(&self, plan_type: &str) -> Value {
        json!({
            "credits_remaining": self.remaining().json(),
            "credits_used": self.used().json(),
            "credits_allocated": self.allocated().json(),
            "plan_type": plan_type,
            "period_start": stamp(self.period.start),
            "period_end": stamp(self.period.end),
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
            "period_start": stamp(self.period.start),
            "period_end": stamp(self.period.end),
        })
    }

    /// The older quota body without an envelope.
    pub(crate) fn quota(&self, plan_type: &str, upgrade_url: &str) -> Value {
        json!({
            "plan_type": plan_type,
            "minutes_allocated": self.allocated().json(),
            "minutes_used": self.used().json(),
            "upgrade_url": upgrade_url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::prices::price;

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
