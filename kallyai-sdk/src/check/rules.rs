//! One function a rule. What was given is not repeated, but for small numbers.

use std::borrow::Cow;

use crate::check::{At, Problems, zone};
use crate::error::ErrorCode;
use crate::phone::E164;

/// The length of a text in characters.
pub(crate) fn length(
    at: &At<'_>,
    text: &str,
    least: usize,
    most: Option<usize>,
    problems: &mut Problems,
) {
    // A text has at least a fourth as many characters as bytes, and never more.
    if text.len() >= least.saturating_mul(4) && most.is_none_or(|most| text.len() <= most) {
        return;
    }
    let length = text.chars().count();
    if length == 0 && least > 0 {
        problems.add(at, "it is empty");
    } else if length < least || most.is_some_and(|most| length > most) {
        let bounds = match most {
            Some(most) => format!("{least} to {most}"),
            None => format!("at least {least}"),
        };
        problems.add(
            at,
            format!("its length is {length}, and must be {bounds} characters"),
        );
    }
}

/// The largest number that is repeated: more digits could be somebody's.
const SHOWN: u64 = 9999;

pub(crate) fn range(
    at: &At<'_>,
    value: impl Into<i64>,
    least: Option<i64>,
    most: Option<i64>,
    problems: &mut Problems,
) {
    let value = value.into();
    if least.is_none_or(|least| value >= least) && most.is_none_or(|most| value <= most) {
        return;
    }
    let what = if value.unsigned_abs() <= SHOWN {
        value.to_string()
    } else {
        "it".to_owned()
    };
    problems.add(
        at,
        match (least, most) {
            (Some(least), Some(most)) => format!("{what} is not in {least}..={most}"),
            (Some(least), None) => format!("{what} is less than {least}"),
            (None, Some(most)) => format!("{what} is more than {most}"),
            (None, None) => return,
        },
    );
}

/// How many entries a list has.
pub(crate) fn items(
    at: &At<'_>,
    count: usize,
    least: usize,
    most: Option<usize>,
    problems: &mut Problems,
) {
    if count == 0 && least > 0 {
        problems.add(at, "the list is empty");
    } else if count < least {
        problems.add(
            at,
            format!("the list has {count} entries, and must have at least {least}"),
        );
    } else if let Some(most) = most
        && count > most
    {
        problems.add(
            at,
            format!("the list has {count} entries, and may have {most}"),
        );
    }
}

/// A value of an enum to which the service takes no others.
pub(crate) fn listed(
    at: &At<'_>,
    value: &str,
    listed: &[&str],
    code: &str,
    problems: &mut Problems,
) {
    if !listed.contains(&value) {
        problems.add_with_code(
            at,
            format!("it is not one of {}", listed.join(", ")),
            ErrorCode::from(code),
        );
    }
}

/// Two capital letters. Whether there is such a country, the service knows.
pub(crate) fn country(at: &At<'_>, text: &str, problems: &mut Problems) {
    if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        problems.add(
            at,
            "it is no country code; write two capital letters (ISO 3166), like US",
        );
    }
}

/// `YYYY-MM-DD`.
pub(crate) fn date(at: &At<'_>, text: &str, problems: &mut Problems) {
    let plain = text.len() == 10
        && !text.starts_with('-')
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if !plain || text.parse::<chrono::NaiveDate>().is_err() {
        problems.add(at, "it is no date; write it like 2026-02-14");
    }
}

/// The exact name of a time zone in the IANA database.
pub(crate) fn time_zone(at: &At<'_>, name: &str, problems: &mut Problems) {
    if zone::is_known(name) {
        return;
    }
    let plain = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'/'));
    let what = if plain { name } else { "it" };
    problems.add(
        at,
        format!("{what} is no IANA time zone; write one like America/New_York"),
    );
}

/// The longest e-mail address, and the longest part of it before the @ (RFC 5321), in bytes.
const LONGEST_ADDRESS: usize = 254;
const LONGEST_LOCAL: usize = 64;

/// Whether a text can be an e-mail address. What is refused here, no mail server takes.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |part: &str, but: &[char]| {
        !part.is_empty()
            && !part
                .chars()
                .any(|c| c.is_whitespace() || c.is_control() || but.contains(&c))
    };
    text.len() <= LONGEST_ADDRESS
        && local.len() <= LONGEST_LOCAL
        && plain(local, &['<', '>', ',', ';'])
        && (!local.contains('@') || local.starts_with('"'))
        && plain(domain, &['<', '>', ',', ';'])
        && domain.split('.').all(|label| !label.is_empty())
}

const NO_EMAIL: &str = "it is no e-mail address; write one like ada@example.com";

pub(crate) fn email(at: &At<'_>, text: &str, problems: &mut Problems) {
    if !is_email(text) {
        problems.add(at, NO_EMAIL);
    }
}

/// Whether somebody meant a phone number: a plus, or digits and what people write between them.
fn is_like_a_number(text: &str) -> bool {
    text.starts_with('+') && !text.contains('@')
        || text.chars().any(char::is_numeric)
            && text.chars().all(|c| {
                c.is_numeric()
                    || c.is_whitespace()
                    || c.is_control()
                    || "+＋-‐‑‒–—−().·/#*".contains(c)
            })
}

/// Why a text does not do, and the code with which the service would refuse it.
pub(crate) type Reason = (Cow<'static, str>, Option<ErrorCode>);

pub(crate) fn is_number(text: &str) -> Result<(), Reason> {
    match text.parse::<E164>() {
        Ok(_) => Ok(()),
        Err(why) => Err((why.to_string().into(), why.code())),
    }
}

/// A phone number or an e-mail address where it looks like one. Anything else is the service's to judge.
pub(crate) fn is_recipient(text: &str) -> Result<(), Reason> {
    if text.is_empty() {
        Err(("it is empty".into(), None))
    } else if is_like_a_number(text) {
        is_number(text)
    } else if text.find('@').is_none_or(|place| place == 0) || is_email(text) {
        Ok(())
    } else {
        Err((NO_EMAIL.into(), None))
    }
}

fn note(at: &At<'_>, checked: Result<(), Reason>, problems: &mut Problems) {
    match checked {
        Ok(()) => {}
        Err((why, Some(code))) => problems.add_with_code(at, why, code),
        Err((why, None)) => problems.add(at, why),
    }
}

fn number(at: &At<'_>, text: &str, problems: &mut Problems) {
    note(at, is_number(text), problems);
}

pub(crate) fn recipient(at: &At<'_>, text: &str, problems: &mut Problems) {
    note(at, is_recipient(text), problems);
}

/// A phone number or an e-mail address, nothing else.
pub(crate) fn phone_or_email(at: &At<'_>, text: &str, problems: &mut Problems) {
    if text.is_empty() {
        problems.add(at, "it is empty");
    } else if is_like_a_number(text) {
        number(at, text, problems);
    } else if !is_email(text) {
        problems.add(
            at,
            "it is neither a phone number in E.164, like +12025550199, nor an e-mail address",
        );
    }
}

/// A URL with a host.
pub(crate) fn uri(at: &At<'_>, text: &str, problems: &mut Problems) {
    if !url::Url::parse(text).is_ok_and(|url| url.has_host()) {
        problems.add(
            at,
            "it is no URL; write it whole, like https://example.com/done",
        );
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    /// What a rule says, if it says anything.
    fn said(rule: impl FnOnce(&At<'_>, &mut Problems)) -> Option<String> {
        let mut problems = Problems::at(DateTime::UNIX_EPOCH);
        rule(&At::REQUEST.field("x"), &mut problems);
        let error = problems.finish().err()?;
        assert_eq!(error.problems().len(), 1, "{error}");
        assert_eq!(error.field(), Some("x"));
        Some(error.problems().first()?.reason().to_owned())
    }

    fn is_fine(rule: fn(&At<'_>, &str, &mut Problems), text: &str) -> bool {
        said(|at, problems| rule(at, text, problems)).is_none()
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let check = |text: &str, least, most| said(|at, p| length(at, text, least, most, p));
        for character in ["a", "ü", "語", "🦀"] {
            assert_eq!(check(&character.repeat(10), 10, Some(12)), None);
            assert_eq!(check(&character.repeat(12), 10, Some(12)), None);
            assert_eq!(
                check(&character.repeat(9), 10, Some(12)).as_deref(),
                Some("its length is 9, and must be 10 to 12 characters")
            );
            assert_eq!(
                check(&character.repeat(13), 10, Some(12)).as_deref(),
                Some("its length is 13, and must be 10 to 12 characters")
            );
            assert_eq!(check(character, 1, None), None);
        }
        assert_eq!(check("", 1, None).as_deref(), Some("it is empty"));
        assert_eq!(check("", 0, Some(3)), None);
        assert_eq!(
            check("a", 2, None).as_deref(),
            Some("its length is 1, and must be at least 2 characters")
        );
    }

    #[test]
    fn ranges_have_both_ends() {
        let check = |value: i64, least, most| said(|at, p| range(at, value, least, most, p));
        assert_eq!(check(1, Some(1), Some(50)), None);
        assert_eq!(check(50, Some(1), Some(50)), None);
        assert_eq!(
            check(0, Some(1), Some(50)).as_deref(),
            Some("0 is not in 1..=50")
        );
        assert_eq!(
            check(51, Some(1), Some(50)).as_deref(),
            Some("51 is not in 1..=50")
        );
        assert_eq!(check(0, Some(1), None).as_deref(), Some("0 is less than 1"));
        assert_eq!(check(2, None, Some(1)).as_deref(), Some("2 is more than 1"));
        // As long as somebody's number.
        assert_eq!(
            check(12_025_550_199, Some(1), Some(50)).as_deref(),
            Some("it is not in 1..=50")
        );
        assert!(check(i64::MIN, Some(1), None).is_some());
    }

    #[test]
    fn lists_have_as_many_entries_as_they_may() {
        let check = |count, least, most| said(|at, p| items(at, count, least, most, p));
        assert_eq!(check(1, 1, Some(2)), None);
        assert_eq!(check(2, 1, Some(2)), None);
        assert_eq!(check(0, 0, None), None);
        assert_eq!(check(0, 1, None).as_deref(), Some("the list is empty"));
        assert!(check(1, 2, None).is_some());
        assert!(check(3, 1, Some(2)).is_some());
    }

    #[test]
    fn closed_enums_say_what_there_is_and_the_code() {
        let mut problems = Problems::at(DateTime::UNIX_EPOCH);
        let at = At::REQUEST.field("language");
        listed(
            &at,
            "en",
            &["en", "es"],
            "unsupported_language",
            &mut problems,
        );
        listed(
            &at,
            "EN",
            &["en", "es"],
            "unsupported_language",
            &mut problems,
        );
        let error = problems.finish().unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::UnsupportedLanguage));
        let [problem] = error.problems() else {
            panic!("one problem: {error}")
        };
        assert_eq!(problem.reason(), "it is not one of en, es");
    }

    #[test]
    fn countries() {
        for fine in ["US", "ES", "GB"] {
            assert!(is_fine(country, fine));
        }
        for wrong in ["", "U", "us", "USA", "U1", " US", "ÜS", "Ü", "UＳ"] {
            assert!(!is_fine(country, wrong), "{wrong:?}");
        }
    }

    #[test]
    fn dates() {
        for fine in ["2026-02-14", "2028-02-29"] {
            assert!(is_fine(date, fine));
        }
        for wrong in [
            "",
            "2026-02-30",
            "2026-2-14",
            "2027-02-29",
            "14.02.2026",
            "2026-02-14T10:00",
            " 2026-2-14",
            "+226-02-14",
            "-226-02-14",
        ] {
            assert!(!is_fine(date, wrong), "{wrong:?}");
        }
    }

    #[test]
    fn time_zones_by_their_exact_names() {
        for fine in [
            "America/New_York",
            "Europe/Madrid",
            "UTC",
            "Etc/GMT+5",
            "America/Argentina/Buenos_Aires",
            "Asia/Calcutta",
        ] {
            assert!(is_fine(time_zone, fine), "{fine}");
        }
        for wrong in [
            "",
            "america/new_york",
            "Europe/Madird",
            "CET+1",
            " UTC",
            "+02:00",
            "GMT+5",
        ] {
            assert!(!is_fine(time_zone, wrong), "{wrong:?}");
        }
        let says = |name: &str| said(|at, p| time_zone(at, name, p)).unwrap();
        assert!(says("Europe/Madird").starts_with("Europe/Madird is no IANA time zone"));
        for private in ["+12025550199", "Ada's own zone", &"A".repeat(65), "a\nb"] {
            assert!(says(private).starts_with("it is no IANA time zone"));
        }
    }

    #[test]
    fn email_addresses() {
        for fine in [
            "ada@example.com",
            "a+b.c@sub.example.org",
            "ada@localhost",
            "ümlaut@exämple.de",
            "\"a@b\"@example.com",
        ] {
            assert!(is_fine(email, fine), "{fine}");
        }
        let long = format!("{}@example.com", "a".repeat(64));
        assert!(is_fine(email, &long));
        for wrong in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example..com",
            "ada@.com",
            "ada@example.com.",
            "a b@example.com",
            "ada@exa mple.com",
            "Ada <ada@example.com>",
            "a@b@example.com",
            "ada@example.com\n",
            "a@example.com,b@example.com",
            &format!("a{long}"),
            &format!("ada@{}.com", "a".repeat(250)),
        ] {
            assert!(!is_fine(email, wrong), "{wrong:?}");
        }
    }

    #[test]
    fn recipients_that_look_like_numbers_are_numbers() {
        for fine in ["+12025550199", "ada@example.com"] {
            assert!(is_fine(recipient, fine), "{fine}");
            assert!(is_fine(phone_or_email, fine), "{fine}");
        }
        for wrong in [
            "",
            "4155550134",
            "(415) 555-0134",
            "+1 202 555 0199",
            "+1",
            "+12025550199\n",
            "+1-202-555-0199",
            "٢٠٢٥٥٥٠١٩٩",
            "+1202555019x",
            "grace@",
            "a b@example.com",
        ] {
            assert!(!is_fine(recipient, wrong), "{wrong:?}");
            assert!(!is_fine(phone_or_email, wrong), "{wrong:?}");
            let says = said(|at, p| recipient(at, wrong, p)).unwrap();
            assert!(wrong.len() < 3 || !says.contains(wrong), "{says}");
        }
        // A name of a messenger, for instance.
        for other in ["@ada", "Ada", "ada_1815"] {
            assert!(is_fine(recipient, other));
            assert!(!is_fine(phone_or_email, other), "{other}");
        }
    }

    #[test]
    fn urls() {
        for fine in ["https://example.com", "http://127.0.0.1:8740/callback?a=b"] {
            assert!(is_fine(uri, fine));
        }
        for wrong in [
            "",
            "example.com",
            "/done",
            "https://",
            "mailto:ada@example.com",
        ] {
            assert!(!is_fine(uri, wrong), "{wrong:?}");
        }
    }
}
