//! Numbers of emergency services.

use super::calling_codes::CallingCode;
use super::data::EMERGENCY_NUMBERS;

/// The most digits of one: a calling code and 90000.
const MOST_DIGITS: usize = 8;

/// Whether the text is an emergency number, with or without plus, separators and calling code. It
/// must match whole: 911 666 6666 is somebody's number.
pub(super) fn is_emergency(text: &str) -> bool {
    let mut digits = [0; MOST_DIGITS];
    let mut count = 0;
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                let Some(slot) = digits.get_mut(count) else {
                    return false;
                };
                *slot = byte;
                count += 1;
            }
            b'+' | b' ' | b'-' | b'.' | b'(' | b')' => {}
            _ => return false,
        }
    }
    let digits = digits.get(..count).unwrap_or_default();
    is_listed(digits)
        || CallingCode::split(digits).is_some_and(|(code, national)| {
            // 90000 is Sweden's, and somebody's number in Tonga.
            is_listed(national) && !code.lengths.contains(national.len())
        })
}

fn is_listed(digits: &[u8]) -> bool {
    EMERGENCY_NUMBERS
        .iter()
        .any(|number| number.as_bytes() == digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::{E164, ParseE164Error};

    #[test]
    fn every_listed_number_with_every_calling_code() {
        for number in EMERGENCY_NUMBERS {
            for text in [number.to_owned(), format!("+{number}")] {
                assert_eq!(text.parse::<E164>(), Err(ParseE164Error::Emergency));
            }
            for (code, _) in super::super::data::CALLING_CODES {
                let text = format!("+{code}{number}");
                let parsed = text.parse::<E164>();
                assert!(
                    parsed == Err(ParseE164Error::Emergency)
                        || number == "90000" && parsed.is_ok() && code != 46,
                    "{text}: {parsed:?}"
                );
            }
        }
    }

    #[test]
    fn in_other_clothes() {
        for text in [
            "911", "+911", "+112", "+1911", "+44999", "+34112", "+353112", "9-1-1", "+1 911",
            " 112 ", "+1 (911)", "1911", "90000", "+4690000",
        ] {
            assert!(is_emergency(text), "{text}");
        }
        for text in [
            "",
            "+",
            "9116666666",
            "+19116666666",
            "+9111234567",
            "+12025550112",
            "+442079460999",
            "911x",
            "112 Main Street",
            "+67690000",
        ] {
            assert!(!is_emergency(text), "{text}");
        }
        for text in ["+19116666666", "+442079460999", "+12025550112", "+67690000"] {
            assert!(text.parse::<E164>().is_ok(), "{text}");
        }
    }
}
