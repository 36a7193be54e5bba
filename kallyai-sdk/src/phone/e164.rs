//! Numbers in E.164.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::calling_codes::CallingCode;
use super::emergency;
use super::error::ParseE164Error;

/// The most digits a number can have, the calling code included (ITU-T E.164).
const MAX_DIGITS: usize = 15;

/// A phone number in E.164: `+`, a calling code that is in use, and a national number of a length
/// that numbers of that code have; 15 digits at most. Never a number of emergency services.
///
/// It says that this can be a number, not that somebody has it. What was parsed is kept to the letter.
/// `Display` prints it whole, `Debug` masks it. 16 bytes, without allocation.
///
/// The lengths are those that libphonenumber's data gives for the calling code, of numbers that can
/// be called from abroad: local numbers, and Canada's +1 310 xxxx, are too short. A 0 after the calling
/// code is refused where no number begins with it.
///
/// ```
/// use kallyai_sdk::phone::E164;
///
/// let number: E164 = "+12025550199".parse()?;
/// assert_eq!(number.as_str(), "+12025550199");
/// assert_eq!(format!("{number:?}"), "E164(+1..99)");
///
/// let error = "+1202555019".parse::<E164>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the phone number has 9 digits after +1, which has numbers of 10"
/// );
/// assert!("(202) 555-0199".parse::<E164>().is_err());
/// # Ok::<(), kallyai_sdk::phone::ParseE164Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164([u8; MAX_DIGITS + 1]);

impl E164 {
    /// The number with its plus.
    pub fn as_str(&self) -> &str {
        let used = self.0.split(|byte| *byte == 0).next().unwrap_or_default();
        // Only ASCII ever gets in.
        std::str::from_utf8(used).unwrap_or_default()
    }

    /// Its calling code and its national number.
    pub(super) fn split(&self) -> Option<(CallingCode, &[u8])> {
        CallingCode::split(self.as_str().as_bytes().get(1..)?)
    }
}

impl FromStr for E164 {
    type Err = ParseE164Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if emergency::is_emergency(text) {
            return Err(ParseE164Error::Emergency);
        }
        let Some(digits) = text.strip_prefix('+') else {
            return Err(without_plus(text));
        };
        // All before the first that is no digit are one byte long.
        if let Some(at) = digits.bytes().position(|byte| !byte.is_ascii_digit()) {
            return Err(ParseE164Error::BadCharacter(at + 1));
        }
        check(digits.as_bytes())?;
        let mut bytes = [0; MAX_DIGITS + 1];
        for (slot, byte) in bytes.iter_mut().zip(text.bytes()) {
            *slot = byte;
        }
        Ok(Self(bytes))
    }
}

fn without_plus(text: &str) -> ParseE164Error {
    match text.chars().next() {
        _ if text.trim().is_empty() => ParseE164Error::Empty,
        Some(first) if first.is_ascii_digit() || first == '(' => ParseE164Error::MissingPlus,
        _ => ParseE164Error::BadCharacter(0),
    }
}

/// Whether the digits after the plus can be a number.
fn check(digits: &[u8]) -> Result<(), ParseE164Error> {
    if digits.first() == Some(&b'0') {
        return Err(ParseE164Error::LeadingZero);
    }
    if digits.len() > MAX_DIGITS {
        return Err(ParseE164Error::TooLong);
    }
    let Some((code, national)) = CallingCode::split(digits) else {
        return Err(if CallingCode::goes_on_after(digits) {
            ParseE164Error::TooShort
        } else {
            ParseE164Error::UnknownCallingCode
        });
    };
    match national.first() {
        None => Err(ParseE164Error::TooShort),
        Some(b'0') if !code.may_start_with_zero() => Err(ParseE164Error::TrunkZero {
            calling_code: code.value,
        }),
        _ if !code.lengths.contains(national.len()) => Err(ParseE164Error::BadLength {
            calling_code: code.value,
            expected: code.lengths,
            got: national.len(),
        }),
        _ => Ok(()),
    }
}

impl TryFrom<&str> for E164 {
    type Error = ParseE164Error;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<String> for E164 {
    type Error = ParseE164Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        let head = text.get(..2).unwrap_or_default();
        // Short numbers would be whole with two digits at each end.
        let tail = text.len().saturating_sub(2).max(6);
        write!(f, "E164({head}..{})", text.get(tail..).unwrap_or_default())
    }
}

impl AsRef<str> for E164 {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Serialize for E164 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for E164 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_str(Visitor) {
            Ok(parsed) => parsed.map_err(de::Error::custom),
            // It is not there at all: serde says which field.
            Err(error) if error.to_string().starts_with("missing field `") => Err(error),
            // What the format says about a value of another type repeats it: 12025550199.
            Err(_) => Err(de::Error::custom(
                "no phone number can be read here; it must be a text in E.164",
            )),
        }
    }
}

struct Visitor;

impl de::Visitor<'_> for Visitor {
    type Value = Result<E164, ParseE164Error>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a phone number in E.164")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.parse())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn parse(text: &str) -> Result<E164, ParseE164Error> {
        let parsed = text.parse();
        assert_eq!(parsed, E164::try_from(text));
        assert_eq!(parsed, E164::try_from(text.to_owned()));
        parsed
    }

    #[test]
    fn sixteen_bytes() {
        assert_eq!(size_of::<E164>(), 16);
    }

    #[test]
    fn keeps_what_it_was_given() {
        for text in [
            "+15551234567",
            "+12025550100",
            "+12025550199",
            "+442079460999",
            "+34911234567",
            "+390612345678",
            "+39061234567",
            "+19116666666",
            "+2904123",
            "+4912345678901234",
        ] {
            let number = parse(text);
            if text.len() > 16 {
                assert_eq!(number, Err(ParseE164Error::TooLong));
            } else {
                assert_eq!(number.unwrap().as_str(), text);
                assert_eq!(number.unwrap().to_string(), text);
            }
        }
        assert_eq!(parse("+493012345678901").unwrap().as_str().len(), 16);
    }

    #[test]
    fn the_block_of_fiction() {
        for last in 0..100 {
            assert!(parse(&format!("+120255501{last:02}")).is_ok());
        }
    }

    #[test]
    fn says_why_not() {
        use ParseE164Error::*;
        let digits_250 = "1".repeat(250);
        for (text, why) in [
            ("", Empty),
            (" \t", Empty),
            ("12025550199", MissingPlus),
            ("(202) 555-0199", MissingPlus),
            ("00442079460999", MissingPlus),
            (digits_250.as_str(), MissingPlus),
            (&format!("+{digits_250}"), TooLong),
            ("+1234567890123456", TooLong),
            ("+", TooShort),
            ("+1", TooShort),
            ("+44", TooShort),
            ("+2", TooShort),
            ("+35", TooShort),
            ("+0123456", LeadingZero),
            ("+0", LeadingZero),
            ("++12025550199", BadCharacter(1)),
            ("+1 2025550199", BadCharacter(2)),
            (" +12025550199", BadCharacter(0)),
            ("+12025550199 ", BadCharacter(12)),
            ("+1202555FOOD", BadCharacter(8)),
            ("+12025550199x12", BadCharacter(12)),
            ("tel:+12025550199", BadCharacter(0)),
            ("+1202555019\0", BadCharacter(11)),
            ("\0", BadCharacter(0)),
            // Fullwidth and Arabic digits, and a fullwidth plus.
            ("+１2025550199", BadCharacter(1)),
            ("１2025550199", BadCharacter(0)),
            ("＋12025550199", BadCharacter(0)),
            ("+1202555019\u{0669}", BadCharacter(11)),
            ("\u{0661}2025550199", BadCharacter(0)),
            // Zero-width characters, and one that turns the direction.
            ("\u{200b}+12025550199", BadCharacter(0)),
            ("+\u{200d}12025550199", BadCharacter(1)),
            ("+12025550199\u{feff}", BadCharacter(12)),
            ("\u{202a}+12025550199", BadCharacter(0)),
            ("+9991234567", UnknownCallingCode),
            ("+2101234567", UnknownCallingCode),
            ("+99", TooShort),
            ("+999", Emergency),
            ("911", Emergency),
            ("+1911", Emergency),
            ("+4402079460999", TrunkZero { calling_code: 44 }),
            ("+4912345678901234", TooLong),
        ] {
            assert_eq!(parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn a_bad_length_says_which_are_good() {
        for (text, message) in [
            (
                "+15551234",
                "has 7 digits after +1, which has numbers of 10",
            ),
            (
                "+13101234",
                "has 7 digits after +1, which has numbers of 10",
            ),
            (
                "+4420794609",
                "has 8 digits after +44, which has numbers of 7, 9 or 10",
            ),
            ("+49030123456", "drop the 0 after +49"),
            ("+1202555019９", "digit at place 11, counted from 0"),
        ] {
            let shown = parse(text).unwrap_err().to_string();
            assert!(shown.ends_with(message), "{shown}");
        }
    }

    #[test]
    fn codes_of_the_service() {
        let code = |text: &str| parse(text).unwrap_err().code();
        assert_eq!(code(""), Some(ErrorCode::MissingPhoneNumber));
        assert_eq!(code("+44999"), Some(ErrorCode::EmergencyNumber));
        assert_eq!(code("+1202"), None);
    }

    #[test]
    fn json() {
        let number: E164 = serde_json::from_str("\"+12025550199\"").unwrap();
        assert_eq!(serde_json::to_string(&number).unwrap(), "\"+12025550199\"");
        for json in [
            "\"2125559876\"",
            "2125559876",
            "-2125559876",
            "2125559876.5",
            "[\"+12125559876\"]",
            "null",
        ] {
            let error = serde_json::from_str::<E164>(json).unwrap_err().to_string();
            assert!(!error.contains("5598"), "{error}");
        }
    }

    #[test]
    fn debug_masks() {
        let shown = |text: &str| format!("{:?}", parse(text).unwrap());
        assert_eq!(shown("+34600111234"), "E164(+3..34)");
        assert_eq!(shown("+2904123"), "E164(+2..23)");
        assert_eq!(shown("+494123"), "E164(+4..3)");
    }
}
