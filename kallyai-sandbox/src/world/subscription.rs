//! The subscription: its plan, what is to become of it, and how often it was changed.

use chrono::{DateTime, Months, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::credits::Credits;
use super::plans::Plan;
use crate::clock::{later, stamp};

/// The published limit of changes in an hour.
const CHANGES_AN_HOUR: usize = 3;

/// How long a trial takes; assumed.
const TRIAL: TimeDelta = TimeDelta::days(7);

/// What a trial may spend; assumed.
const TRIAL_CREDITS: Credits = Credits::hundredths(20_00);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Active,
    /// It becomes an active one at the end of its period.
    Trial,
    /// Nothing comes behind its period.
    Cancelled,
    /// Its period is over.
    Expired,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) plan: Plan,
    pub(crate) state: State,
    pub(crate) annual: bool,
    /// From when the end of the period on.
    pending: Option<Plan>,
    /// When it was changed lately.
    changes: Vec<DateTime<Utc>>,
    pub(crate) period: Period,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Period {
    pub(crate) start: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
}

impl Period {
    /// A month from this time on.
    fn month(start: DateTime<Utc>) -> Self {
        Self {
            start,
            end: start.checked_add_months(Months::new(1)).unwrap_or(start),
        }
    }

    pub(crate) fn holds(&self, at: DateTime<Utc>) -> bool {
        self.start <= at && at < self.end
    }
}

/// Why the plan stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    TooOften,
    OnTrial,
    None,
    Pending,
}

impl Refusal {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::TooOften => "rate_limited",
            Self::OnTrial => "trial_requires_checkout",
            Self::None => "no_active_subscription",
            Self::Pending => "pending_change_exists",
        }
    }
}

impl Subscription {
    /// The calendar month around a time, on the smallest plan.
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        Self {
            plan: Plan::Starter,
            state: State::Active,
            annual: false,
            pending: None,
            changes: Vec::new(),
            period: Period::month(beginning_of_month(now)),
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state, State::Active | State::Trial)
    }

    /// What this period may spend. Who cancels keeps what is paid until the end of the period.
    pub(crate) fn credits(&self) -> Credits {
        match self.state {
            State::Trial => TRIAL_CREDITS,
            State::Expired => Credits::default(),
            State::Active | State::Cancelled => self.plan.credits(),
        }
    }

    /// As the plan is called in answers.
    pub(crate) fn plan_type(&self) -> &'static str {
        if self.state == State::Trial {
            "trial"
        } else {
            self.plan.key()
        }
    }

    /// When the period ends.
    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        (self.state != State::Expired).then_some(self.period.end)
    }

    /// Ends the period when its time has come, and says whether it has.
    pub(crate) fn settle(&mut self, at: DateTime<Utc>) -> bool {
        if self.due().is_none_or(|due| due > at) {
            return false;
        }
        if self.state == State::Cancelled {
            self.state = State::Expired;
            return true;
        }
        self.state = State::Active;
        if let Some(plan) = self.pending.take() {
            self.plan = plan;
        }
        self.period = Period::month(self.period.end);
        true
    }

    /// Moves to another plan: upwards at once, downwards at the end of the period.
    pub(crate) fn change(
        &mut self,
        plan: Plan,
        annual: bool,
        now: DateTime<Utc>,
    ) -> Result<Value, Refusal> {
        match self.state {
            State::Trial => return Err(Refusal::OnTrial),
            State::Cancelled | State::Expired => return Err(Refusal::None),
            State::Active => {}
        }
        if self.pending.is_some() {
            return Err(Refusal::Pending);
        }
        let an_hour_ago = now - TimeDelta::hours(1);
        self.changes.retain(|at| *at > an_hour_ago);
        if self.changes.len() >= CHANGES_AN_HOUR {
            return Err(Refusal::TooOften);
        }
        self.changes.push(now);
        let kind = if plan < self.plan {
            self.pending = Some(plan);
            "downgrade_scheduled"
        } else {
            let kind = if plan == self.plan {
                "refresh"
            } else {
                "upgrade"
            };
            self.plan = plan;
            self.annual = annual;
            self.period = Period::month(now);
            kind
        };
        let (start, end) = if self.pending.is_some() {
            (self.period.end, Period::month(self.period.end).end)
        } else {
            (self.period.start, self.period.end)
        };
        Ok(json!({
            "success": true,
            "change_type": kind,
            "new_plan": plan.key(),
            "bonus_minutes": 0,
            "new_period_start": stamp(start),
            "new_period_end": stamp(end),
        }))
    }

    /// Gives up the change that is pending.
    pub(crate) fn keep(&mut self) -> bool {
        self.pending.take().is_some()
    }

    /// The user has paid for a trial.
    pub(crate) fn try_out(&mut self, now: DateTime<Utc>) {
        self.state = State::Trial;
        self.pending = None;
        self.period = Period {
            start: now,
            end: later(now, TRIAL),
        };
    }

    /// The user has cancelled it in the billing portal.
    pub(crate) fn cancel(&mut self) {
        self.state = State::Cancelled;
        self.pending = None;
    }

    /// The user takes it up again, if it was given up.
    pub(crate) fn resume(&mut self, now: DateTime<Utc>) -> bool {
        match self.state {
            State::Active | State::Trial => return false,
            State::Cancelled => {}
            State::Expired => self.period = Period::month(now),
        }
        self.state = State::Active;
        true
    }

    /// The body of `subscription_status`.
    pub(crate) fn view(&self) -> Value {
        let mut view = json!({
            "plan_type": self.plan_type(),
            "status": self.state,
            "current_period_start": stamp(self.period.start),
            "current_period_end": stamp(self.period.end),
        });
        if let (Some(plan), Value::Object(view)) = (self.pending, &mut view) {
            let change = json!({
                "new_plan": plan.key(),
                "effective_date": stamp(self.period.end),
            });
            view.insert("pending_change".to_owned(), change);
        }
        view
    }
}

fn beginning_of_month(now: DateTime<Utc>) -> DateTime<Utc> {
    use chrono::{Datelike, NaiveTime};

    now.date_naive()
        .with_day(1)
        .map_or(now, |day| day.and_time(NaiveTime::MIN).and_utc())
}
