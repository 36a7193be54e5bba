//! The formats of the spec that JSON Schema's draft 7 does not know. Its own are checked by the validator.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use jiff::tz::TimeZone;
use uuid::Uuid;

use crate::numbers::is_e164;

/// Whether a text is what the format says.
type Check = fn(&str) -> bool;

/// The formats by name.
pub(crate) const FORMATS: &[(&str, Check)] = &[
    ("local-date-time", is_local_date_time),
    ("time-of-day", is_time_of_day),
    ("phone", is_phone),
    ("time-zone", is_time_zone),
    ("phone-or-email", is_phone_or_email),
    ("recipient", is_recipient),
    ("uuid", is_uuid),
];

/// With hyphens, and nothing around it.
fn is_uuid(text: &str) -> bool {
    text.len() == uuid::fmt::Hyphenated::LENGTH && Uuid::try_parse(text).is_ok()
}

/// `2026-02-14`, and nothing shorter or longer.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (date.format("%Y-%m-%d").to_string() == text && text.len() == 10).then_some(date)
}

/// `20:00`
pub(crate) fn time_of_day(text: &str) -> Option<NaiveTime> {
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok()?;
    (time.format("%H:%M").to_string() == text).then_some(time)
}

fn is_time_of_day(text: &str) -> bool {
    time_of_day(text).is_some()
}

/// With or without seconds, without an offset.
pub(crate) fn local_date_time(text: &str) -> Option<NaiveDateTime> {
    [("%Y-%m-%dT%H:%M", 16), ("%Y-%m-%dT%H:%M:%S", 19)]
        .into_iter()
        .filter(|(_, length)| text.len() == *length)
        .find_map(|(format, _)| {
            let time = NaiveDateTime::parse_from_str(text, format).ok()?;
            (time.format(format).to_string() == text).then_some(time)
        })
}

fn is_local_date_time(text: &str) -> bool {
    local_date_time(text).is_some()
}

/// As people write numbers; where E.164 is asked for, the spec has a pattern.
fn is_phone(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || " +-.()/".contains(c))
}

/// A name of the IANA database.
fn is_time_zone(text: &str) -> bool {
    time_zone(text).is_some()
}

/// By its exact name in the IANA database.
pub(crate) fn time_zone(name: &str) -> Option<TimeZone> {
    let zone = TimeZone::get(name).ok()?;
    (zone.iana_name() == Some(name)).then_some(zone)
}

/// Something on both sides of one `@`, and a dot behind it: enough to tell an address from a number.
pub(crate) fn is_email(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control();
    text.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && !text.chars().any(odd)
            && !domain.contains('@')
            && domain.split('.').all(|part| !part.is_empty())
    })
}

fn is_phone_or_email(text: &str) -> bool {
    is_e164(text) || is_email(text)
}

/// Whoever is reached some other way has a name that is neither a number nor an address.
fn is_recipient(text: &str) -> bool {
    let like_a_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || " +-.()/".contains(c));
    !text.is_empty() && (is_phone_or_email(text) || !(like_a_number || text.contains('@')))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jsonschema::Draft;

    use super::*;
    use crate::embedded::{COMPONENTS, ENTRIES};

    #[test]
    fn dates_and_times_are_taken_to_the_letter() {
        assert!(date("2026-02-03").is_some());
        for text in ["2026-2-3", " 2026-02-03", "+12345-01-01", "2026-02-30", ""] {
            assert!(date(text).is_none(), "{text}");
        }
        for text in ["2026-02-14T20:00", "2026-02-14T20:00:30"] {
            assert!(is_local_date_time(text), "{text}");
        }
        for text in [
            "nonsense",
            "2026-02-14",
            "2026-02-14T20:00Z",
            "2026-2-14T20:00:1",
        ] {
            assert!(!is_local_date_time(text), "{text}");
        }
        assert!(is_time_of_day("20:00") && !is_time_of_day("25:00") && !is_time_of_day("8:00"));
        assert!(is_phone("+1 (202) 555-0199") && !is_phone("call me"));
    }

    #[test]
    fn recipients_are_numbers_addresses_or_names() {
        for fine in ["+12025550199", "ada@example.com", "a@localhost"] {
            assert!(is_phone_or_email(fine) && is_recipient(fine), "{fine}");
        }
        for odd in [
            "",
            "12025550199",
            "+1 202",
            "a@",
            "@b",
            "a@b@c",
            "a b@c",
            "a@b..c",
        ] {
            assert!(!is_phone_or_email(odd) && !is_recipient(odd), "{odd}");
        }
        assert!(!is_phone_or_email("ada_bot") && is_recipient("ada_bot"));
        assert!(is_time_zone("Europe/Madrid") && !is_time_zone("Madrid") && !is_time_zone(""));
    }

    #[test]
    fn no_format_is_left_out_that_a_later_draft_would_check() {
        let options = FORMATS
            .iter()
            .fold(jsonschema::options(), |options, (name, check)| {
                options.with_format(*name, check)
            });
        let definitions = ENTRIES.iter().map(|entry| entry.definition);
        let texts = definitions.chain(COMPONENTS.iter().map(|(_, text)| *text));
        let formats: BTreeSet<&str> = texts
            .flat_map(|text| text.split(r#""format":""#).skip(1))
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(formats.contains("uuid"));
        for format in formats {
            let later = options.is_known_format(Draft::Draft202012, format);
            let known = options.is_known_format(Draft::Draft7, format);
            assert_eq!(later, known, "{format}");
        }
    }
}
