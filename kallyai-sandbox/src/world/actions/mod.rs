//! What the assistant does in the world.

pub(crate) mod bills;
pub(crate) mod bookings;
pub(crate) mod calendar;
mod life;
pub(crate) mod outbox;
pub(crate) mod tasks;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::later;
use bookings::Bookings;
use calendar::Calendar;
use outbox::Outbox;
use tasks::Tasks;

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Actions {
    pub(crate) calendar: Calendar,
    pub(crate) bookings: Bookings,
    pub(crate) tasks: Tasks,
    pub(crate) outbox: Outbox,
    /// What happens by itself, in the order in which it was arranged.
    agenda: Vec<Entry>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    at: DateTime<Utc>,
    change: Change,
}

/// What happens to something with an id.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    Confirm(String),
    Begin(String),
    Finish(String),
    Reply(String),
}

impl Actions {
    /// A booking is confirmed after this time.
    pub(crate) fn confirm_later(&mut self, booking: &str, now: DateTime<Utc>, life: TimeDelta) {
        self.arrange(later(now, life), Change::Confirm(booking.to_owned()));
    }

    /// A task is done after this time, and begun before.
    pub(crate) fn do_later(&mut self, task: &str, now: DateTime<Utc>, life: TimeDelta) {
        self.arrange(later(now, life / 2), Change::Begin(task.to_owned()));
        self.arrange(later(now, life), Change::Finish(task.to_owned()));
    }

    fn reply_later(&mut self, email: &str, now: DateTime<Utc>, life: TimeDelta) {
        self.arrange(later(now, life), Change::Reply(email.to_owned()));
    }

    fn arrange(&mut self, at: DateTime<Utc>, change: Change) {
        self.agenda.push(Entry { at, change });
    }

    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        self.agenda.iter().map(|entry| entry.at).min()
    }

    /// What is to happen until this time, in the order of time.
    fn take_due(&mut self, until: DateTime<Utc>) -> Vec<Entry> {
        let (mut due, open): (Vec<_>, Vec<_>) = std::mem::take(&mut self.agenda)
            .into_iter()
            .partition(|entry| entry.at <= until);
        self.agenda = open;
        due.sort_by_key(|entry| entry.at);
        due
    }
}

/// An answer says nothing of what it does not know.
pub(super) fn without_nulls(mut view: Value) -> Value {
    if let Value::Object(view) = &mut view {
        view.retain(|_, value| !value.is_null());
    }
    view
}
