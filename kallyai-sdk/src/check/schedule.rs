//! Appointments that are over, or that never come.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::check::zone::{Moment, Zone};
use crate::check::{At, Problems};
use crate::error::ErrorCode;

/// A date and perhaps a time, with the places where they stand in the request.
pub(crate) struct Appointment<'a> {
    pub(crate) date: Option<NaiveDate>,
    pub(crate) at_date: At<'a>,
    pub(crate) time: Option<NaiveTime>,
    pub(crate) at_time: At<'a>,
    /// The name of the time zone. Without one, only what is past in all zones is past.
    pub(crate) timezone: Option<&'a str>,
}

/// Refuses what is past, and times that the clocks leave out. A time without a date is not looked at.
pub(crate) fn not_past(appointment: &Appointment<'_>, problems: &mut Problems) {
    let Some(date) = appointment.date else { return };
    let zone = match appointment.timezone {
        None => Some(Zone::last()),
        Some(name) => Zone::named(name),
    };
    // A zone that nobody knows is refused by its own check.
    let Some(zone) = zone else { return };
    let verdict = judge(date, appointment.time, &zone, problems.now);
    let (at, why) = match verdict {
        Verdict::Fine => return,
        Verdict::PastDay => (&appointment.at_date, "this day is over"),
        Verdict::PastTime => (&appointment.at_time, "this time is over"),
        Verdict::LeftOut => (
            &appointment.at_time,
            "there is no such time on that day: the clocks are put forward",
        ),
    };
    problems.add_with_code(at, why, ErrorCode::SchedulingViolation);
}

enum Verdict {
    Fine,
    PastDay,
    PastTime,
    LeftOut,
}

fn judge(date: NaiveDate, time: Option<NaiveTime>, zone: &Zone, now: DateTime<Utc>) -> Verdict {
    if zone.day(now).is_some_and(|today| date < today) {
        return Verdict::PastDay;
    }
    match time.and_then(|time| zone.moment(date, time)) {
        // Of two times with one name nobody knows which is meant: the later one is not past yet.
        Some(Moment::At(moment)) if moment < now => Verdict::PastTime,
        Some(Moment::Never) => Verdict::LeftOut,
        Some(Moment::At(_)) | None => Verdict::Fine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of an appointment at a moment.
    fn said(now: &str, date: &str, time: &str, zone: Option<&str>) -> Option<(String, String)> {
        let mut problems = Problems::at(now.parse().unwrap());
        let appointment = Appointment {
            date: (!date.is_empty()).then(|| date.parse().unwrap()),
            at_date: At::REQUEST.field("date"),
            time: (!time.is_empty()).then(|| time.parse().unwrap()),
            at_time: At::REQUEST.field("time"),
            timezone: zone,
        };
        not_past(&appointment, &mut problems);
        let error = problems.finish().err()?;
        assert_eq!(error.code(), Some(&ErrorCode::SchedulingViolation));
        let problem = error.problems().first().unwrap();
        Some((problem.field().to_owned(), problem.reason().to_owned()))
    }

    fn field(now: &str, date: &str, time: &str, zone: Option<&str>) -> Option<String> {
        said(now, date, time, zone).map(|(field, _)| field)
    }

    const NEW_YORK: Option<&str> = Some("America/New_York");

    #[test]
    fn a_day_is_past_when_it_is_over_in_its_zone() {
        // Midnight in New York is 05:00 UTC in winter.
        for (now, past) in [
            ("2026-02-15T04:59:59Z", false),
            ("2026-02-15T05:00:00Z", true),
        ] {
            let expected = past.then(|| "date".to_owned());
            assert_eq!(field(now, "2026-02-14", "", NEW_YORK), expected, "{now}");
        }
        // And in Auckland it is over before it begins in New York.
        for (now, past) in [
            ("2026-02-14T10:59:59Z", false),
            ("2026-02-14T11:00:00Z", true),
        ] {
            let expected = past.then(|| "date".to_owned());
            let zone = Some("Pacific/Auckland");
            assert_eq!(field(now, "2026-02-14", "", zone), expected, "{now}");
        }
    }

    #[test]
    fn a_time_is_past_in_its_zone() {
        for (now, past) in [
            ("2026-02-15T01:00:00Z", false),
            ("2026-02-15T01:00:01Z", true),
        ] {
            let expected = past.then(|| "time".to_owned());
            assert_eq!(
                field(now, "2026-02-14", "20:00:00", NEW_YORK),
                expected,
                "{now}"
            );
        }
        // A day that is over is the date's fault.
        let found = field("2026-02-16T12:00:00Z", "2026-02-14", "20:00:00", NEW_YORK);
        assert_eq!(found.as_deref(), Some("date"));
    }

    #[test]
    fn without_a_zone_it_is_past_when_it_is_past_everywhere() {
        for (now, past) in [
            ("2026-02-15T11:59:59Z", None),
            ("2026-02-15T12:00:00Z", Some("date")),
        ] {
            assert_eq!(field(now, "2026-02-14", "", None).as_deref(), past, "{now}");
        }
        for (now, past) in [
            ("2026-02-15T08:00:00Z", None),
            ("2026-02-15T08:00:01Z", Some("time")),
        ] {
            let found = field(now, "2026-02-14", "20:00:00", None);
            assert_eq!(found.as_deref(), past, "{now}");
        }
    }

    #[test]
    fn a_time_that_the_clocks_leave_out_does_not_exist() {
        let at = |time| said("2026-01-01T00:00:00Z", "2026-03-08", time, NEW_YORK);
        assert_eq!(at("01:59:00"), None);
        assert_eq!(at("03:00:00"), None);
        for time in ["02:00:00", "02:59:00"] {
            let (field, reason) = at(time).unwrap();
            assert_eq!(field, "time");
            assert!(reason.contains("put forward"), "{reason}");
        }
    }

    #[test]
    fn a_time_that_comes_twice_is_past_after_the_second() {
        // 01:30 is 05:30 UTC, and once more 06:30 UTC.
        for (now, past) in [
            ("2026-11-01T05:29:00Z", None),
            ("2026-11-01T05:31:00Z", None),
            ("2026-11-01T06:30:00Z", None),
            ("2026-11-01T06:31:00Z", Some("time")),
        ] {
            let found = field(now, "2026-11-01", "01:30:00", NEW_YORK);
            assert_eq!(found.as_deref(), past, "{now}");
        }
    }

    #[test]
    fn what_cannot_be_judged_is_left_alone() {
        let now = "2026-02-15T12:00:00Z";
        assert_eq!(said(now, "", "00:00:00", NEW_YORK), None);
        assert_eq!(said(now, "", "", NEW_YORK), None);
        assert_eq!(
            said(now, "2020-01-01", "", Some("Nowhere/At_All")),
            None,
            "the zone's own check says so"
        );
    }
}
