//! The clock of a world.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// When a world without the real clock begins: 2026-02-14T18:00:00Z.
const EPOCH: DateTime<Utc> = match DateTime::from_timestamp(1_771_092_000, 0) {
    Some(epoch) => epoch,
    None => DateTime::UNIX_EPOCH,
};

/// Far enough for every expiry, near enough for every date to be writable.
pub(crate) const LONGEST: TimeDelta = TimeDelta::days(365 * 100);

/// How the time of a world passes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Clock {
    /// As it does outside.
    #[default]
    Real,
    /// From a fixed beginning, only when it is advanced.
    Manual,
    /// From a fixed beginning, one step with every GET. A `POST /v1/calls` during which nobody polls
    /// runs to its end by itself.
    PerPoll,
}

/// A clock and how far it was advanced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time {
    pub(crate) clock: Clock,
    pub(crate) advanced: TimeDelta,
}

impl Time {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            advanced: TimeDelta::zero(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let start = match self.clock {
            Clock::Real => Utc::now(),
            Clock::Manual | Clock::PerPoll => EPOCH,
        };
        later(start, self.advanced)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.advanced = self
            .advanced
            .checked_add(&delta(by))
            .map_or(LONGEST, |sum| sum.min(LONGEST));
    }
}

/// A span of time that can be added to any time of a world.
pub(crate) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).map_or(LONGEST, |delta| delta.min(LONGEST))
}

pub(crate) fn later(time: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    time.checked_add_signed(by).unwrap_or(time)
}

/// As a time stands in the `Date` header, to the second (RFC 9110, section 5.6.7).
pub(crate) fn http_date(time: DateTime<Utc>) -> String {
    httpdate::fmt_http_date(time.into())
}

/// As local times stand in answers.
pub(crate) fn local_stamp(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// As times stand in answers.
pub(crate) fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
