//! Appointments that are over: the spec says with `x-not-past` where in a request they stand.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use serde_json::Value;

use crate::formats::{date, time_of_day, time_zone};

/// Whether the appointment of a request is past; without a time zone, whether it is past everywhere. A time
/// without a day is never past.
pub(crate) fn is_past(schema: &Value, body: &Value, now: DateTime<Utc>) -> bool {
    let Some(places) = schema.get("x-not-past") else {
        return false;
    };
    let field = |name: &str| {
        let place = places.get(name)?.as_str()?;
        let found = place
            .split('.')
            .try_fold(body, |value, part| value.get(part));
        found?.as_str()
    };
    let Some(day) = field("date").and_then(date) else {
        return false;
    };
    let time = field("time").and_then(time_of_day);
    match field("timezone").map(time_zone) {
        Some(Some(zone)) => is_over(day, time, &zone, now),
        // The zone is checked by itself.
        Some(None) => false,
        None => is_over_everywhere(day, time, now),
    }
}

/// Whether a day, or a time of it, is over where it ends last: at UTC-12.
pub(crate) fn is_over_everywhere(
    day: NaiveDate,
    time: Option<NaiveTime>,
    now: DateTime<Utc>,
) -> bool {
    let last = TimeZone::fixed(Offset::constant(-12));
    is_over(day, time, &last, now)
}

fn is_over(day: NaiveDate, time: Option<NaiveTime>, zone: &TimeZone, now: DateTime<Utc>) -> bool {
    let (Ok(day), Ok(now)) = (
        day.to_string().parse::<Date>(),
        Timestamp::from_microsecond(now.timestamp_micros()),
    ) else {
        return false;
    };
    let today = zone.to_datetime(now).date();
    if day != today {
        return day < today;
    }
    let Some(Ok(time)) = time.map(|time| time.to_string().parse::<Time>()) else {
        return false;
    };
    // Of two times with one name the later one counts; one that the clocks leave out is not past.
    let local = zone.to_ambiguous_timestamp(day.to_datetime(time));
    let is_left_out = matches!(local.offset(), AmbiguousOffset::Gap { .. });
    !is_left_out && local.later().is_ok_and(|moment| moment < now)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn past_is_what_is_over_in_its_zone() {
        let schema =
            json!({ "x-not-past": { "date": "a.day", "time": "time", "timezone": "zone" } });
        // In New York it is one in the afternoon, in Tokyo it is the next day.
        let now = "2026-02-14T18:00:00Z".parse().unwrap();
        let past = |day: &str, time: Option<&str>, zone: Option<&str>| {
            let body = json!({ "a": { "day": day }, "time": time, "zone": zone });
            is_past(&schema, &body, now)
        };
        let new_york = Some("America/New_York");
        assert!(!past("2026-02-14", Some("13:00"), new_york));
        assert!(past("2026-02-14", Some("12:59"), new_york));
        assert!(!past("2026-02-14", None, new_york));
        assert!(past("2026-02-14", Some("23:00"), Some("Asia/Tokyo")));
        assert!(past("2026-02-13", Some("23:59"), new_york));
        assert!(!past("2026-02-14", Some("06:00"), None));
        assert!(past("2026-02-14", Some("05:59"), None));
        assert!(!past("2026-02-14", Some("00:00"), Some("Nowhere/Land")));
        assert!(!past("no day", None, new_york));
        assert!(!is_past(
            &json!({}),
            &json!({ "a": { "day": "1999-01-01" } }),
            now
        ));
    }
}
