//! Phone calls and their life.

mod list;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::credits::{Credits, Ledger};
use super::prices::price;
use crate::clock::{delta, later, stamp};
use crate::ids;

pub(crate) use list::Calls;

/// Where a call stands. The first three are the sandbox's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Queued,
    Ringing,
    InProgress,
    Success,
    NoAnswer,
    Busy,
    Failed,
    Voicemail,
    Cancelled,
    Terminated,
}

/// How a call comes to its end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct End {
    at: DateTime<Utc>,
    status: Status,
    talk_ms: i32,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) id: Uuid,
    pub(crate) to: String,
    pub(crate) submission: Map<String, Value>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) dialled_at: DateTime<Utc>,
    rings_at: DateTime<Utc>,
    answered_at: DateTime<Utc>,
    /// What will happen, or has happened.
    end: End,
    over: bool,
    /// The goal for which it was dialled.
    #[serde(default)]
    goal: Option<Uuid>,
}

/// A call is somebody's business.
impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("id", &self.id)
            .field("end", &self.end)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

/// What a new call begins with.
pub(crate) struct Dial {
    pub(crate) id: Uuid,
    pub(crate) to: String,
    pub(crate) submission: Map<String, Value>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) outcome: Status,
    pub(crate) life: Duration,
    pub(crate) goal: Option<Uuid>,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ringing => "ringing",
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::Voicemail => "voicemail",
            Self::Cancelled => "cancelled",
            Self::Terminated => "terminated",
        }
    }

    /// Whether somebody or something has picked up.
    fn connected(self) -> bool {
        matches!(self, Self::Success | Self::Voicemail | Self::Terminated)
    }
}

/// The time between two stations of a call.
pub(crate) fn step(life: Duration) -> Duration {
    // Rounded up, so that three steps are never short of the whole.
    let micros = life.as_micros().div_ceil(3);
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

impl Call {
    fn new(dial: Dial, now: DateTime<Utc>) -> Self {
        let life = delta(dial.life);
        let (rings_at, answered_at) = (later(now, life / 3), later(now, life / 3 * 2));
        let talk_ms = Self::talk_ms(dial.id, dial.outcome);
        Self {
            id: dial.id,
            to: dial.to,
            submission: dial.submission,
            idempotency_key: dial.idempotency_key,
            dialled_at: now,
            rings_at,
            answered_at,
            end: End {
                at: later(now, life),
                status: dial.outcome,
                talk_ms,
            },
            over: false,
            goal: dial.goal,
        }
    }

    /// How long a call talks that ends like that, if nobody ends it before.
    pub(crate) fn talk_ms(id: Uuid, outcome: Status) -> i32 {
        let (seed, _) = id.as_u64_pair();
        let drawn = i32::try_from(ids::number("talk", seed, 0, 1200)).unwrap_or_default();
        match outcome {
            Status::Success => 40_000 + drawn * 100,
            Status::Voicemail => 15_000 + drawn * 10,
            Status::Terminated => 5_000 + drawn * 10,
            _ => 0,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over
    }

    /// Only a call that is over has a time when it ended.
    pub(crate) fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.over.then_some(self.end.at)
    }

    pub(crate) fn status(&self, now: DateTime<Utc>) -> Status {
        if self.over {
            self.end.status
        } else if now < self.rings_at {
            Status::Queued
        } else if now < self.answered_at || !self.end.status.connected() {
            // It rings to its end where nobody picks up.
            Status::Ringing
        } else {
            Status::InProgress
        }
    }

    /// By the published prices: the base for a call that has rung, and the minutes of talk.
    pub(crate) fn cost(&self) -> Credits {
        if self.end.status == Status::Cancelled {
            return Credits::default();
        }
        price("call", "base").plus(price("call", "per_minute").per_minute(self.end.talk_ms))
    }

    pub(crate) fn duration_seconds(&self) -> f64 {
        f64::from(self.end.talk_ms) / 1000.0
    }

    /// Whether there was any talk.
    pub(crate) fn was_talk(&self) -> bool {
        self.over && self.end.talk_ms > 0
    }

    /// Milliseconds of talk until now; none before anybody has answered.
    pub(crate) fn talked(&self, now: DateTime<Utc>) -> Option<i32> {
        match self.status(now) {
            Status::InProgress => Some(self.talk_until(now)),
            _ => self.was_talk().then_some(self.end.talk_ms),
        }
    }

    /// Whether it has arranged what it was to arrange.
    pub(crate) fn succeeded(&self) -> bool {
        self.over && self.end.status == Status::Success
    }

    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.submission.get(field).and_then(Value::as_str)
    }

    pub(crate) fn description(&self) -> String {
        self.text("business_name")
            .map_or_else(|| "A call".to_owned(), |name| format!("A call to {name}"))
    }

    fn finish(&mut self, end: End, ledger: &mut Ledger) {
        self.end = end;
        self.over = true;
        let cost = self.cost();
        if cost > Credits::default() {
            ledger.debit("call", self.description(), cost, end.at, self.goal);
        }
    }

    /// Gives up a call that nobody has answered yet.
    pub(crate) fn cancel(&mut self, now: DateTime<Utc>, ledger: &mut Ledger) -> bool {
        let possible = matches!(self.status(now), Status::Queued | Status::Ringing);
        if possible {
            let end = End {
                at: now,
                status: Status::Cancelled,
                talk_ms: 0,
            };
            self.finish(end, ledger);
        }
        possible
    }

    /// Hangs up a call that is not over.
    pub(crate) fn stop(&mut self, now: DateTime<Utc>, ledger: &mut Ledger) -> bool {
        if self.over {
            return false;
        }
        let end = End {
            at: now,
            // Nobody was rung before that.
            status: match self.status(now) {
                Status::Queued => Status::Cancelled,
                _ => Status::Terminated,
            },
            talk_ms: self.talk_until(now),
        };
        self.finish(end, ledger);
        true
    }

    /// The talk shrinks with the time that it was given.
    fn talk_until(&self, now: DateTime<Utc>) -> i32 {
        let span = |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).num_milliseconds().max(0);
        let whole = span(self.answered_at, self.end.at).max(1);
        let part = span(self.answered_at, now).min(whole);
        let talked = i64::from(self.end.talk_ms).saturating_mul(part) / whole;
        // Who has answered has begun to speak.
        let least = i64::from(self.status(now) == Status::InProgress);
        i32::try_from(talked.max(least)).unwrap_or_default()
    }

    /// Moves the appointment of a call that has not started.
    pub(crate) fn reschedule(
        &mut self,
        date: Option<&str>,
        time: Option<&str>,
        now: DateTime<Utc>,
    ) -> bool {
        let possible = self.status(now) == Status::Queued;
        if possible {
            let fields = [("appointment_date", date), ("appointment_time", time)];
            for (field, value) in fields {
                if let Some(value) = value {
                    self.submission.insert(field.to_owned(), json!(value));
                }
            }
        }
        possible
    }

    /// What the control plane says of a dialled call.
    pub(crate) fn dialled(&self, now: DateTime<Utc>) -> Value {
        json!({
            "call_id": self.id,
            "to": self.to,
            "idempotency_key": self.idempotency_key,
            "dialled_at": stamp(self.dialled_at),
            "status": self.status(now).name(),
        })
    }
}
