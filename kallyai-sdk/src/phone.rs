//! Phone numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The most digits a number can have, the country code included (ITU-T E.164).
const MAX_DIGITS: usize = 15;

/// A phone number in E.164: `+`, then up to 15 digits, the first of them not 0.
///
/// It says that the number is written as the service wants it, not that somebody has it. `Display`
/// prints it whole, `Debug` masks it.
///
/// ```
/// use kallyai_sdk::phone::E164;
///
/// let number: E164 = "+12025550199".parse()?;
/// assert_eq!(number.as_str(), "+12025550199");
/// assert_eq!(format!("{number:?}"), "E164(+1..99)");
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
}

/// Why a text is no number in E.164. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseE164Error {
    /// There is nothing.
    Empty,
    /// It does not start with a plus.
    MissingPlus,
    /// The digit after the plus is 0; no country code starts so.
    LeadingZero,
    /// There is something else than a digit at this place, counted from 0 in characters.
    BadCharacter(usize),
    /// There is only one digit, or none.
    TooShort,
    /// There are more than 15 digits.
    TooLong,
}

impl fmt::Display for ParseE164Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the phone number is empty"),
            Self::MissingPlus => f.write_str(
                "the phone number does not start with +; write it in E.164, like +12025550199",
            ),
            Self::LeadingZero => {
                f.write_str("the phone number has a 0 after the +; a country code belongs there")
            }
            Self::BadCharacter(at) => write!(
                f,
                "the phone number has something else than a digit at place {at}"
            ),
            Self::TooShort => f.write_str("the phone number is too short"),
            Self::TooLong => f.write_str("the phone number has more than 15 digits"),
        }
    }
}

impl std::error::Error for ParseE164Error {}

impl FromStr for E164 {
    type Err = ParseE164Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = match text.strip_prefix('+') {
            Some(digits) => digits,
            None if text.is_empty() => return Err(ParseE164Error::Empty),
            None => return Err(ParseE164Error::MissingPlus),
        };
        let mut bytes = [0; MAX_DIGITS + 1];
        let mut slots = bytes.iter_mut();
        slots.next().into_iter().for_each(|slot| *slot = b'+');
        let mut too_long = false;
        for (index, character) in digits.chars().enumerate() {
            if !character.is_ascii_digit() {
                return Err(ParseE164Error::BadCharacter(index + 1));
            }
            if index == 0 && character == '0' {
                return Err(ParseE164Error::LeadingZero);
            }
            match (slots.next(), u8::try_from(character)) {
                (Some(slot), Ok(digit)) => *slot = digit,
                _ => too_long = true,
            }
        }
        match digits.len() {
            _ if too_long => Err(ParseE164Error::TooLong),
            0 | 1 => Err(ParseE164Error::TooShort),
            _ => Ok(Self(bytes)),
        }
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
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bytes() {
        assert_eq!(size_of::<E164>(), 16);
    }

    #[test]
    fn keeps_what_it_was_given() {
        for text in ["+12", "+12025550199", "+123456789012345"] {
            assert_eq!(text.parse::<E164>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn says_why_not() {
        use ParseE164Error::*;
        for (text, why) in [
            ("", Empty),
            ("12025550199", MissingPlus),
            ("+", TooShort),
            ("+1", TooShort),
            ("+0123456", LeadingZero),
            ("+1 2025550199", BadCharacter(2)),
            ("+1２025550199", BadCharacter(2)),
            ("+1202555019\0", BadCharacter(11)),
            ("+1234567890123456", TooLong),
        ] {
            assert_eq!(text.parse::<E164>(), Err(why), "{text:?}");
        }
        assert_eq!(
            format!("+{}", "1".repeat(250)).parse::<E164>(),
            Err(TooLong)
        );
    }

    #[test]
    fn debug_masks() {
        let shown = |text: &str| format!("{:?}", text.parse::<E164>().unwrap());
        assert_eq!(shown("+34600111234"), "E164(+3..34)");
        assert_eq!(shown("+12345"), "E164(+1..)");
    }
}
