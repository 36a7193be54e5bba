//! The calendar file of a call.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use icalendar::{Calendar, Component, Event, EventLike};

use crate::clock::later;
use crate::formats;
use crate::world::calls::Call;

/// How long an appointment is taken to last.
const LENGTH: TimeDelta = TimeDelta::hours(1);

/// The appointment that the call was to arrange; without one, the call itself.
pub(crate) fn entry(call: &Call) -> String {
    let mut event = Event::new();
    event
        .uid(&format!("{}@kallyai.com", call.id))
        .timestamp(call.dialled_at)
        .summary(&plain(call.text("business_name").unwrap_or("Call")))
        .description(&plain(call.text("task_description").unwrap_or_default()));
    let date = call.text("appointment_date").and_then(formats::date);
    let time = call.text("appointment_time").and_then(formats::time_of_day);
    match (date, time) {
        (Some(date), Some(time)) => {
            // Floating local time: the appointment is where the respondent is.
            let start: NaiveDateTime = date.and_time(time);
            event.starts(start);
            event.ends(start.checked_add_signed(LENGTH).unwrap_or(start));
        }
        (Some(date), None) => {
            event.all_day(date);
        }
        (None, _) => {
            let start: DateTime<Utc> = call.dialled_at;
            event.starts(start);
            event.ends(call.ended_at().unwrap_or_else(|| later(start, LENGTH)));
        }
    }
    let mut calendar = Calendar::new();
    calendar.push(event.done());
    calendar.done().to_string()
}

/// A text value has no control characters but line ends, which are escaped (RFC 5545, section 3.3.11).
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace(|c: char| c.is_control() && c != '\n', " ")
}
