//! The user's calendar. Its times are local ones without an offset; whose is not published.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::without_nulls;
use crate::appointment::is_over_everywhere;
use crate::clock::local_stamp;

/// How long takes what has no end.
const LENGTH: TimeDelta = TimeDelta::hours(1);

/// The hours in which slots are looked for.
const MORNING: NaiveTime = hour(9);
const EVENING: NaiveTime = hour(18);

const fn hour(hour: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, 0, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// A part of the calendar.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Span {
    start: NaiveDateTime,
    end: NaiveDateTime,
}

impl Span {
    /// Nothing where the end is before the start.
    pub(crate) fn new(start: NaiveDateTime, end: Option<NaiveDateTime>) -> Option<Self> {
        let end = end.unwrap_or_else(|| start.checked_add_signed(LENGTH).unwrap_or(start));
        (start <= end).then_some(Self { start, end })
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    title: String,
    span: Span,
    location: Option<String>,
    description: Option<String>,
}

/// What an event is made of.
pub(crate) struct Draft {
    pub(crate) title: String,
    pub(crate) span: Span,
    pub(crate) location: Option<String>,
    pub(crate) description: Option<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Calendar {
    events: Vec<Event>,
    made: usize,
    /// Whether the provider's events are here.
    synced: bool,
}

impl Event {
    pub(crate) fn view(&self) -> Value {
        without_nulls(json!({
            "id": self.id,
            "status": "created",
            "title": self.title,
            "start": local_stamp(self.span.start),
            "end": local_stamp(self.span.end),
            "location": self.location,
            "description": self.description,
        }))
    }
}

impl Calendar {
    pub(crate) fn add(&mut self, draft: Draft) -> Event {
        self.made = self.made.saturating_add(1);
        let event = Event {
            id: format!("ev_{}", self.made),
            title: draft.title,
            span: draft.span,
            location: draft.location,
            description: draft.description,
        };
        self.events.push(event.clone());
        event
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.events.len();
        self.events.retain(|event| event.id != id);
        self.events.len() < before
    }

    /// What is taken by events.
    pub(crate) fn spans(&self) -> impl Iterator<Item = Span> {
        self.events.iter().map(|event| event.span)
    }

    /// Brings what the provider has, and answers with how many events are new: one, the first time.
    pub(crate) fn sync(&mut self, today: NaiveDate) -> usize {
        if std::mem::replace(&mut self.synced, true) {
            return 0;
        }
        let tomorrow = today.succ_opt().unwrap_or(today);
        let Some(span) = Span::new(tomorrow.and_time(hour(10)), None) else {
            return 0;
        };
        self.add(Draft {
            title: "Coffee with Grace".to_owned(),
            span,
            location: None,
            description: Some("From the calendar provider".to_owned()),
        });
        1
    }
}

/// The free slots of a day, one behind the other, that are not past everywhere.
pub(crate) fn slots(
    day: NaiveDate,
    length: TimeDelta,
    busy: &[Span],
    now: DateTime<Utc>,
) -> Vec<Value> {
    let (morning, evening) = (day.and_time(MORNING), day.and_time(EVENING));
    std::iter::successors(Some(morning), |start| start.checked_add_signed(length))
        .map_while(|start| {
            let end = start.checked_add_signed(length)?;
            (end <= evening).then_some(Span { start, end })
        })
        .filter(|slot| !is_over_everywhere(day, Some(slot.start.time()), now))
        .filter(|slot| !busy.iter().any(|span| span.overlaps(slot)))
        .map(|slot| {
            json!({
                "id": slot.start.format("sl_%Y%m%dT%H%M").to_string(),
                "start": local_stamp(slot.start),
                "end": local_stamp(slot.end),
            })
        })
        .collect()
}
