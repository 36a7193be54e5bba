//! Points in time and times of day.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDateTime, NaiveTime, Timelike};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Serde by `Display` and `FromStr`.
macro_rules! text_serde {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(de::Error::custom)
            }
        }
    };
}

/// A date and time without an offset, as calendar events and ride pick-ups are sent: with or without
/// seconds.
///
/// ```
/// use kallyai_sdk::types::LocalDateTime;
///
/// let start: LocalDateTime = "2026-02-14T20:00".parse()?;
/// assert_eq!(start.to_string(), "2026-02-14T20:00");
/// assert!("2026-02-14T20:00Z".parse::<LocalDateTime>().is_err());
/// # Ok::<(), kallyai_sdk::types::ParseLocalDateTimeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalDateTime {
    value: NaiveDateTime,
    seconds: bool,
}

impl LocalDateTime {
    /// The date and time.
    pub fn value(&self) -> NaiveDateTime {
        self.value
    }
}

/// A text is no date and time without an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseLocalDateTimeError;

impl fmt::Display for ParseLocalDateTimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a local date and time: write it without an offset, like 2026-02-14T20:00")
    }
}

impl std::error::Error for ParseLocalDateTimeError {}

impl FromStr for LocalDateTime {
    type Err = ParseLocalDateTimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (format, seconds) = match text.len() {
            16 => ("%Y-%m-%dT%H:%M", false),
            19 => ("%Y-%m-%dT%H:%M:%S", true),
            _ => return Err(ParseLocalDateTimeError),
        };
        // chrono takes a space or a sign for a digit.
        let plain = text
            .bytes()
            .zip(b"0000-00-00T00:00:00")
            .all(|(byte, form)| match form {
                b'0' => byte.is_ascii_digit(),
                _ => byte == *form,
            });
        NaiveDateTime::parse_from_str(text, format)
            .ok()
            .filter(|_| plain)
            .map(|value| Self { value, seconds })
            .ok_or(ParseLocalDateTimeError)
    }
}

impl From<NaiveDateTime> for LocalDateTime {
    /// Fractions of a second are dropped.
    fn from(value: NaiveDateTime) -> Self {
        Self {
            value: value.with_nanosecond(0).unwrap_or(value),
            seconds: true,
        }
    }
}

impl fmt::Display for LocalDateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = if self.seconds {
            "%Y-%m-%dT%H:%M:%S"
        } else {
            "%Y-%m-%dT%H:%M"
        };
        write!(f, "{}", self.value.format(format))
    }
}

text_serde!(LocalDateTime);

/// A point in time as the service wrote it, RFC 3339 by its documentation. What is written otherwise
/// is kept all the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// As it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The point in time, if it is one. Without an offset it is taken as UTC.
    pub fn to_datetime(&self) -> Option<DateTime<FixedOffset>> {
        DateTime::parse_from_rfc3339(&self.0).ok().or_else(|| {
            ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
                .iter()
                .find_map(|format| NaiveDateTime::parse_from_str(&self.0, format).ok())
                .map(|local| local.and_utc().fixed_offset())
        })
    }
}

impl From<DateTime<FixedOffset>> for Timestamp {
    fn from(time: DateTime<FixedOffset>) -> Self {
        Self(time.to_rfc3339())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A time of day, HH:MM, 24 hours.
///
/// ```
/// use kallyai_sdk::types::TimeOfDay;
///
/// let eight: TimeOfDay = "20:00".parse()?;
/// assert_eq!(eight.to_string(), "20:00");
/// assert!("8 pm".parse::<TimeOfDay>().is_err());
/// # Ok::<(), kallyai_sdk::types::ParseTimeOfDayError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay(NaiveTime);

/// A text is no time of day in the form HH:MM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseTimeOfDayError;

impl fmt::Display for ParseTimeOfDayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time of day: write HH:MM in 24 hours, like 20:00")
    }
}

impl std::error::Error for ParseTimeOfDayError {}

impl FromStr for TimeOfDay {
    type Err = ParseTimeOfDayError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.len() == 5
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b':');
        if !plain {
            return Err(ParseTimeOfDayError);
        }
        NaiveTime::parse_from_str(text, "%H:%M")
            .map(Self)
            .map_err(|_| ParseTimeOfDayError)
    }
}

impl From<NaiveTime> for TimeOfDay {
    /// Seconds are dropped.
    fn from(time: NaiveTime) -> Self {
        Self(NaiveTime::from_hms_opt(time.hour(), time.minute(), 0).unwrap_or(time))
    }
}

impl From<TimeOfDay> for NaiveTime {
    fn from(time: TimeOfDay) -> Self {
        time.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%H:%M"))
    }
}

text_serde!(TimeOfDay);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_without_offset_is_utc() {
        let parsed = |text: &str| Timestamp(text.to_owned()).to_datetime();
        assert_eq!(
            parsed("2026-02-14T18:00:00"),
            parsed("2026-02-14T18:00:00Z")
        );
        assert_eq!(
            parsed("2026-02-14 18:00:00"),
            parsed("2026-02-14T19:00:00+01:00")
        );
        assert_eq!(parsed("yesterday"), None);
    }

    #[test]
    fn times_of_day_are_strict() {
        for bad in [
            "", "8:00", "24:00", "20:60", "20:00:00", "2０:00", " 8:00", "8: 00",
        ] {
            assert_eq!(bad.parse::<TimeOfDay>(), Err(ParseTimeOfDayError), "{bad}");
        }
        for bad in [
            " 2026-02-14T 8:0",
            "2026-02-14T08:00Z",
            "2026-02-14 08:00",
            "2026-2-14T08:00",
            "-026-02-14T20:00",
            "-026-02-14T20:00:30",
            "2026:02:14T20-00",
        ] {
            assert!(bad.parse::<LocalDateTime>().is_err(), "{bad}");
        }
        let precise = NaiveTime::from_hms_opt(20, 0, 30).unwrap();
        assert_eq!(TimeOfDay::from(precise), "20:00".parse().unwrap());
    }
}
