//! Time zones, by the data that the library carries.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// A time zone.
#[derive(Debug)]
pub(crate) struct Zone(TimeZone);

/// When a clock shows a time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Then. Where the clock shows it twice, the second time.
    At(DateTime<Utc>),
    /// Never: the clocks are put forward.
    Never,
}

/// Whether it is the exact name of a time zone in the IANA database.
pub(crate) fn is_known(name: &str) -> bool {
    Zone::named(name).is_some()
}

impl Zone {
    /// By its exact name in the IANA database; jiff itself would take it in capital letters, too.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let zone = TimeZone::get(name).ok()?;
        (zone.iana_name() == Some(name)).then_some(Self(zone))
    }

    /// Where a day ends last.
    pub(crate) fn last() -> Self {
        Self(TimeZone::fixed(Offset::constant(-12)))
    }

    /// The day that it is there.
    pub(crate) fn day(&self, now: DateTime<Utc>) -> Option<NaiveDate> {
        let timestamp = Timestamp::from_second(now.timestamp()).ok()?;
        Some(shifted(now.naive_utc(), self.0.to_offset(timestamp))?.date())
    }

    /// When it is this time there; nothing where the calendar ends.
    pub(crate) fn moment(&self, day: NaiveDate, time: NaiveTime) -> Option<Moment> {
        let local = jiff::civil::DateTime::new(
            i16::try_from(day.year()).ok()?,
            i8::try_from(day.month()).ok()?,
            i8::try_from(day.day()).ok()?,
            i8::try_from(time.hour()).ok()?,
            i8::try_from(time.minute()).ok()?,
            i8::try_from(time.second()).ok()?,
            0,
        )
        .ok()?;
        let offset = match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { after, .. } => after,
            AmbiguousOffset::Gap { .. } => return Some(Moment::Never),
        };
        let utc = shifted(day.and_time(time), offset.negate())?;
        Some(Moment::At(utc.and_utc()))
    }
}

fn shifted(time: NaiveDateTime, offset: Offset) -> Option<NaiveDateTime> {
    time.checked_add_signed(TimeDelta::try_seconds(offset.seconds().into())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for name in [
            "UTC",
            "Europe/Madrid",
            "US/Eastern",
            "America/Argentina/Buenos_Aires",
        ] {
            assert!(is_known(name), "{name}");
        }
        for name in [
            "",
            "europe/madrid",
            "EUROPE/MADRID",
            "Nowhere/At_All",
            "+01:00",
            "Etc/Unknown",
        ] {
            assert!(!is_known(name), "{name}");
        }
    }
}
