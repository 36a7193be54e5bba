//! What becomes of a call, by its number. All of these lie in +1 202 555 01NN, the block that is
//! reserved for fiction, so that a number that leaks rings nobody. README.md holds the same table.

use crate::world::calls::Status;

/// What a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The call ends like that.
    Ends(Status),
    /// The call is refused with a published error code, before anything is dialled.
    Refused(&'static str),
}

use Fate::{Ends, Refused};

/// The numbers that do not simply succeed, and the one that always does.
pub(crate) const MAGIC: &[(&str, Fate)] = &[
    ("+12025550101", Ends(Status::NoAnswer)),
    ("+12025550102", Ends(Status::Busy)),
    ("+12025550103", Ends(Status::Failed)),
    ("+12025550104", Ends(Status::Voicemail)),
    ("+12025550105", Ends(Status::Cancelled)),
    ("+12025550106", Ends(Status::Terminated)),
    ("+12025550120", Refused("quota_exceeded")),
    ("+12025550121", Refused("budget_exceeded")),
    ("+12025550122", Refused("budget_approval_required")),
    ("+12025550123", Refused("soft_cap_reached")),
    ("+12025550124", Refused("missing_phone_number")),
    ("+12025550125", Refused("emergency_number")),
    ("+12025550126", Refused("toll_number")),
    ("+12025550127", Refused("blocked_number")),
    ("+12025550128", Refused("suppression_violation")),
    ("+12025550129", Refused("safety_violation")),
    ("+12025550130", Refused("scheduling_violation")),
    ("+12025550131", Refused("consent_denied")),
    ("+12025550132", Refused("country_restriction")),
    ("+12025550133", Refused("unsupported_country")),
    ("+12025550134", Refused("unsupported_language")),
    ("+12025550135", Refused("rate_limited")),
    ("+12025550199", Ends(Status::Success)),
];

/// The numbers of emergency services; some networks take them with a country code too.
const EMERGENCY: &[&str] = &["911", "112", "999"];

/// What becomes of a call to this number.
pub(crate) fn fate(number: &str) -> Fate {
    if is_emergency(number) {
        return Refused("emergency_number");
    }
    MAGIC
        .iter()
        .find_map(|(magic, fate)| (*magic == number).then_some(*fate))
        .unwrap_or(Ends(Status::Success))
}

/// How a call to this number ends that was not refused.
pub(crate) fn outcome(number: &str) -> Status {
    match fate(number) {
        Ends(status) => status,
        Refused(_) => Status::Success,
    }
}

/// The pattern that the spec has for numbers: a plus and 2 to 15 digits, the first not 0.
pub(crate) fn is_e164(number: &str) -> bool {
    number.strip_prefix('+').is_some_and(|digits| {
        (2..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.chars().all(|c| c.is_ascii_digit())
    })
}

/// 911, +911, +1911, +44 999: an emergency number with at most a country code before it.
pub(crate) fn is_emergency(number: &str) -> bool {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    EMERGENCY.iter().any(|emergency| {
        digits
            .strip_suffix(emergency)
            .is_some_and(|country| country.len() <= 3)
    })
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::catalogue::catalogue;

    #[test]
    fn the_readme_holds_the_same_table() {
        let readme = include_str!("../README.md");
        let written: Vec<(String, String)> = readme
            .lines()
            .filter_map(|line| {
                let mut cells = line.split('|').map(str::trim).skip(1);
                let number = cells.next()?.trim_matches('`');
                let meaning = cells.next()?.trim_matches('`');
                number
                    .starts_with("+1202555")
                    .then(|| (number.to_owned(), meaning.to_owned()))
            })
            .collect();
        let known: Vec<(String, String)> = MAGIC
            .iter()
            .map(|(number, fate)| {
                let meaning = match fate {
                    Ends(status) => status.name(),
                    Refused(code) => code,
                };
                ((*number).to_owned(), meaning.to_owned())
            })
            .collect();
        assert_eq!(written, known);
    }

    #[test]
    fn every_status_and_every_code_of_the_spec_has_a_number() {
        let catalogue = catalogue().expect("the spec is embedded");
        let create = catalogue
            .operation("calls_create")
            .expect("the spec has it");
        let codes = create.definition["x-errors"]
            .as_array()
            .expect("it is a list");
        // The rest are bare statuses.
        for code in codes.iter().filter(|code| code.is_string()) {
            assert!(
                MAGIC
                    .iter()
                    .any(|(_, fate)| matches!(fate, Refused(known) if code == known)),
                "{code} has no number"
            );
        }
        let statuses = catalogue.schema("CallStatus").expect("the spec has it")["enum"]
            .as_array()
            .expect("it is a list");
        for status in statuses {
            let assumed = crate::schema::ASSUMED_CALL_STATUSES
                .iter()
                .any(|assumed| status == assumed);
            assert!(
                assumed
                    || MAGIC
                        .iter()
                        .any(|(_, fate)| matches!(fate, Ends(known) if status == known.name())),
                "{status} has no number"
            );
        }
    }

    #[test]
    fn emergency_numbers_are_known_with_and_without_country() {
        for number in [
            "911", "+911", "+112", "+999", "+1911", "+44999", "+34112", "+353112",
        ] {
            assert!(is_emergency(number), "{number}");
        }
        for number in ["+12025550199", "+12025550112", "+442079460999"] {
            assert!(!is_emergency(number), "{number}");
        }
    }
}
