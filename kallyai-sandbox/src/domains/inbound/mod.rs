//! Calls that come in, one file a concern.

pub(super) mod calls;
pub(super) mod events;
pub(super) mod people;
pub(super) mod rules;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use crate::clock::later;
use crate::formats;
use crate::request::Request;
use crate::wire::Answer;

/// From when until when, the end left out; open where nothing is said.
struct Period {
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
}

impl Period {
    /// A time in RFC 3339, or a day in UTC; the end of a period includes the day or the second that it
    /// names.
    fn read(request: &Request, from: &str, to: &str) -> Result<Self, Answer> {
        let bound = |name: &str, whole: bool| {
            let Some(text) = request.query(name) else {
                return Ok(None);
            };
            let day = formats::date(text).map(|day| {
                let length = TimeDelta::days(i64::from(whole));
                later(day.and_time(NaiveTime::MIN).and_utc(), length)
            });
            let time = DateTime::parse_from_rfc3339(text).ok().map(|time| {
                let length = TimeDelta::seconds(i64::from(whole));
                later(time.to_utc(), length)
            });
            day.or(time).map(Some).ok_or_else(|| {
                Answer::error(400, "validation_error", "The request is not valid.").with_reason(
                    format!("query/{name}: is neither a day nor a time in RFC 3339"),
                )
            })
        };
        Ok(Self {
            from: bound(from, false)?,
            to: bound(to, true)?,
        })
    }

    fn holds(&self, time: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= time) && self.to.is_none_or(|to| time < to)
    }
}
