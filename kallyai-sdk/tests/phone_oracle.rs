//! The library's table of calling codes against libphonenumber, by the file that
//! `phone-data/vectors.py` makes. The file has every calling code with every length, with and without
//! a 0 in front, every code that does not exist, and an example of every kind in every region.
//!
//! The claim: what libphonenumber calls possible by calling code and length is parsed, and nothing
//! else is. The exceptions are in [`may_be_refused`].

use std::collections::{BTreeMap, BTreeSet};

use kallyai_sdk::phone::{E164, ParseE164Error};

const VECTORS: &str = include_str!("../phone-data/vectors.tsv");

/// Texts and verdicts.
fn vectors() -> impl Iterator<Item = (&'static str, &'static str)> {
    VECTORS.lines().filter_map(|line| line.split_once('\t'))
}

/// Why the library refuses what libphonenumber calls possible.
fn may_be_refused(text: &str, verdict: &str, why: ParseE164Error) -> bool {
    match why {
        // E.164 has 15 digits; libphonenumber knows longer numbers, which only their country can call.
        ParseE164Error::TooLong => text.len() > 16,
        // libphonenumber counts the 0, and knows that no number starts with it.
        ParseE164Error::TrunkZero { .. } => verdict == "possible",
        _ => false,
    }
}

/// How the library refuses what is no number.
fn is_right_reason(verdict: &str, why: ParseE164Error) -> bool {
    match why {
        ParseE164Error::UnknownCallingCode => verdict == "unknown",
        ParseE164Error::BadLength { .. }
        | ParseE164Error::TooLong
        | ParseE164Error::TrunkZero { .. }
        | ParseE164Error::Emergency => verdict != "unknown",
        _ => false,
    }
}

#[test]
fn what_can_be_a_number_is_parsed_and_nothing_else() {
    let mut counts = BTreeMap::new();
    for (text, verdict) in vectors() {
        let parsed = text.parse::<E164>();
        *counts.entry((verdict, parsed.is_ok())).or_insert(0) += 1;
        match (verdict, parsed) {
            ("valid" | "possible", Ok(number)) => assert_eq!(number.as_str(), text),
            ("valid" | "possible", Err(why)) => {
                assert!(
                    may_be_refused(text, verdict, why),
                    "{text}, {verdict}: {why:?}"
                );
            }
            ("length" | "local" | "unknown", Err(why)) => {
                assert!(is_right_reason(verdict, why), "{text}, {verdict}: {why:?}");
            }
            _ => panic!("{text} is {verdict}, and is parsed"),
        }
    }
    // The file is the one that is meant.
    for (verdict, parsed, least) in [
        ("valid", true, 1200),
        ("possible", true, 1000),
        ("length", false, 4000),
        ("local", false, 200),
        ("unknown", false, 90),
    ] {
        assert!(counts[&(verdict, parsed)] >= least, "{counts:?}");
    }
    // Few valid numbers are too long for E.164.
    assert!(
        counts.get(&("valid", false)).is_none_or(|few| *few <= 2),
        "{counts:?}"
    );
}

/// A code's numbers may start with 0 if one of them is known to: no code does both, and all do one.
#[test]
fn a_zero_is_refused_where_no_number_starts_with_it() {
    let (mut refused, mut taken) = (BTreeSet::new(), BTreeSet::new());
    let mut codes = BTreeSet::new();
    for (text, verdict) in vectors() {
        match text.parse::<E164>() {
            Err(ParseE164Error::TrunkZero { calling_code, .. }) => {
                refused.insert(calling_code.to_string());
            }
            Err(ParseE164Error::BadLength { calling_code, .. }) => {
                codes.insert(calling_code.to_string());
            }
            Ok(_) if verdict == "valid" => {
                taken.insert(text);
            }
            _ => {}
        }
    }
    assert_eq!(codes.len(), 215);
    for code in codes {
        let zero = format!("+{code}0");
        let has_zero = taken.iter().any(|text| text.starts_with(&zero));
        assert_eq!(refused.contains(&code), !has_zero, "+{code}");
    }
}

/// The same data in other hands: rlibphonenumber, and the table of premium-rate prefixes.
#[cfg(feature = "phone-metadata")]
mod metadata {
    use kallyai_sdk::phone::{NumberKind, Policy};

    use super::{E164, vectors};

    #[test]
    fn valid_numbers_are_valid() {
        for (text, verdict) in vectors() {
            if let Ok(number) = text.parse::<E164>() {
                assert_eq!(number.is_valid(), verdict == "valid", "{text}");
            }
        }
    }

    #[test]
    fn what_the_policy_refuses_is_premium_rate() {
        let policy = Policy::new().refuse_premium_rate();
        let (mut refused, mut missed) = (0, 0);
        for (text, _) in vectors().filter(|(_, verdict)| *verdict == "valid") {
            let Ok(number) = text.parse::<E164>() else {
                continue;
            };
            let premium = number.kind() == NumberKind::PremiumRate;
            match policy.check(&number) {
                Err(_) => {
                    assert!(premium, "{text}");
                    refused += 1;
                }
                Ok(()) => missed += usize::from(premium),
            }
        }
        // What the table cannot tell by a prefix.
        assert!(refused > 100 && missed <= 12, "{refused}, {missed}");
    }
}
