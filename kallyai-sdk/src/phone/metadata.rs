//! What needs the metadata of libphonenumber: the feature `phone-metadata`.

use std::fmt;

use rlibphonenumber::{PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberType};

use super::e164::E164;
use super::emergency;
use super::error::ParseE164Error;
use super::region::Region;

/// What a number is for, as far as its digits tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberKind {
    /// A landline.
    FixedLine,
    /// A mobile phone.
    Mobile,
    /// A landline or a mobile phone: +1 does not tell them apart.
    FixedLineOrMobile,
    /// Free for who calls.
    TollFree,
    /// Costs more than a call.
    PremiumRate,
    /// Caller and called share the cost.
    SharedCost,
    /// Over the internet.
    Voip,
    /// Follows a person, wherever they are.
    Personal,
    /// A pager.
    Pager,
    /// One number for all of a company.
    CompanyWide,
    /// A voicemail box.
    Voicemail,
    /// It is not a known kind, or nobody can have it.
    Unknown,
}

/// One word: `premium_rate`.
impl fmt::Display for NumberKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FixedLine => "fixed_line",
            Self::Mobile => "mobile",
            Self::FixedLineOrMobile => "fixed_line_or_mobile",
            Self::TollFree => "toll_free",
            Self::PremiumRate => "premium_rate",
            Self::SharedCost => "shared_cost",
            Self::Voip => "voip",
            Self::Personal => "personal",
            Self::Pager => "pager",
            Self::CompanyWide => "company_wide",
            Self::Voicemail => "voicemail",
            Self::Unknown => "unknown",
        })
    }
}

/// With the feature `phone-metadata`: what Google's libphonenumber knows. Its first use takes some
/// milliseconds, later ones microseconds. It writes numbers to the `log` facade at the level trace
/// (targets `rlibphonenumber::..`), as the only thing in this library that does.
impl E164 {
    /// Reads a number as people write it: with spaces, brackets, dots, slashes and dashes, with the
    /// prefix that is dialled inside the country or from it abroad, with fullwidth or Arabic digits.
    /// Without a plus it is a number of the region. What comes out is checked like all others.
    ///
    /// It never drops what it does not understand: letters, extensions (`ext. 5`, `x5`, `#5`) and
    /// invisible characters are [`BadCharacter`](ParseE164Error::BadCharacter).
    ///
    /// ```
    /// use kallyai_sdk::phone::{E164, Region};
    ///
    /// let number = E164::parse_lenient("(415) 555-1234", Region::US)?;
    /// assert_eq!(number.as_str(), "+14155551234");
    /// let number = E164::parse_lenient("+44 (0)20 7946 0999", Region::US)?;
    /// assert_eq!(number.as_str(), "+442079460999");
    /// assert!(E164::parse_lenient("(415) 555-1234 x5", Region::US).is_err());
    /// # Ok::<(), kallyai_sdk::phone::ParseE164Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Why it is no number. Places are counted in the text that was given; digits in what it means.
    pub fn parse_lenient(text: &str, region: Region) -> Result<Self, ParseE164Error> {
        if emergency::is_emergency(text) {
            return Err(ParseE164Error::Emergency);
        }
        if text.trim().is_empty() {
            return Err(ParseE164Error::Empty);
        }
        if let Some(at) = first_bad_character(text) {
            return Err(ParseE164Error::BadCharacter(at));
        }
        let parsed = PHONE_NUMBER_UTIL
            .parse(text.trim(), region.as_str().parse().ok())
            .map_err(|error| match error {
                ParseError::TooLongNsn => ParseE164Error::TooLong,
                ParseError::InvalidCountryCode if has_plus(text) => {
                    ParseE164Error::UnknownCallingCode
                }
                // A region without numbers.
                ParseError::InvalidCountryCode => ParseE164Error::MissingPlus,
                _ => ParseE164Error::TooShort,
            })?;
        let number: Self = parsed
            .format_as(rlibphonenumber::PhoneNumberFormat::E164)
            .parse()?;
        Ok(number)
    }

    /// What the number is for. [`PremiumRate`](NumberKind::PremiumRate) is what the service refuses
    /// with `toll_number`.
    ///
    /// ```
    /// use kallyai_sdk::phone::{E164, NumberKind};
    ///
    /// let number: E164 = "+19002345678".parse()?;
    /// assert_eq!(number.kind(), NumberKind::PremiumRate);
    /// # Ok::<(), kallyai_sdk::phone::ParseE164Error>(())
    /// ```
    pub fn kind(&self) -> NumberKind {
        match self.parsed().get_type() {
            PhoneNumberType::FixedLine => NumberKind::FixedLine,
            PhoneNumberType::Mobile => NumberKind::Mobile,
            PhoneNumberType::FixedLineOrMobile => NumberKind::FixedLineOrMobile,
            PhoneNumberType::TollFree => NumberKind::TollFree,
            PhoneNumberType::PremiumRate => NumberKind::PremiumRate,
            PhoneNumberType::SharedCost => NumberKind::SharedCost,
            PhoneNumberType::VoIP => NumberKind::Voip,
            PhoneNumberType::PersonalNumber => NumberKind::Personal,
            PhoneNumberType::Pager => NumberKind::Pager,
            PhoneNumberType::UAN => NumberKind::CompanyWide,
            PhoneNumberType::VoiceMail => NumberKind::Voicemail,
            PhoneNumberType::Unknown => NumberKind::Unknown,
        }
    }

    /// The country that the number is in; none for international services, and for numbers of a
    /// shared calling code that no country has assigned.
    pub fn region(&self) -> Option<Region> {
        let region = self.parsed().get_region_code()?;
        region.as_region_str().as_str().parse().ok()
    }

    /// Whether the number is in a range that its country has assigned. The service's own example,
    /// +15551234567, is not: a number that is not valid may still be worth a try.
    pub fn is_valid(&self) -> bool {
        self.parsed().is_valid()
    }

    /// As libphonenumber has it; made, not parsed, because its parser rewrites some numbers.
    fn parsed(&self) -> PhoneNumber {
        let (code, national) = match self.split() {
            Some((code, national)) => (code.value, national),
            None => (0, &[][..]),
        };
        let zeros = national.iter().take_while(|digit| **digit == b'0').count();
        let value = national.iter().fold(0, |value, digit| {
            value * 10 + u64::from(digit.wrapping_sub(b'0'))
        });
        PhoneNumber {
            country_code: code.into(),
            national_number: value,
            italian_leading_zero: (zeros > 0).then_some(true),
            number_of_leading_zeros: i32::try_from(zeros).ok().filter(|zeros| *zeros > 0),
            ..PhoneNumber::default()
        }
    }
}

fn is_plus(character: char) -> bool {
    matches!(character, '+' | '＋')
}

fn has_plus(text: &str) -> bool {
    text.contains(is_plus)
}

fn is_digit(character: char) -> bool {
    matches!(character,
        '0'..='9' | '０'..='９' | '\u{0660}'..='\u{0669}' | '\u{06f0}'..='\u{06f9}')
}

fn is_separator(character: char) -> bool {
    matches!(
        character,
        ' ' | '\u{a0}'
            | '\u{3000}'
            | '.'
            | '/'
            | '('
            | ')'
            | '（'
            | '）'
            | '['
            | ']'
            | '-'
            | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－'
    )
}

/// The place of the first character that has no business in a number.
fn first_bad_character(text: &str) -> Option<usize> {
    let leading = text.chars().take_while(|c| c.is_whitespace()).count();
    let mut before_digits = true;
    for (at, character) in text.trim().chars().enumerate() {
        let fits =
            is_digit(character) || is_separator(character) || is_plus(character) && before_digits;
        if !fits {
            return Some(leading + at);
        }
        before_digits &= is_separator(character);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_people_write_them() {
        for (text, region, number) in [
            ("(415) 555-1234", Region::US, "+14155551234"),
            ("415.555.1234", Region::US, "+14155551234"),
            ("1 415 555 1234", Region::CA, "+14155551234"),
            ("011 44 20 7946 0999", Region::US, "+442079460999"),
            ("020 7946 0999", Region::GB, "+442079460999"),
            ("+44 (0)20 7946 0999", Region::US, "+442079460999"),
            ("(+44) 20 7946 0999", Region::US, "+442079460999"),
            ("030/123456", Region::DE, "+4930123456"),
            ("06 1234 5678", Region::IT, "+390612345678"),
            (" 911 23 45 67\n", Region::ES, "+34911234567"),
            ("＋１２０２５５５０１９９", Region::ES, "+12025550199"),
            ("\u{0664}155551234", Region::US, "+14155551234"),
            ("415\u{2013}555\u{a0}1234", Region::US, "+14155551234"),
            ("+12025550199", "ZZ".parse().unwrap(), "+12025550199"),
        ] {
            let parsed = E164::parse_lenient(text, region);
            assert_eq!(parsed, Ok(number.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn nothing_is_dropped() {
        for (text, at) in [
            ("415-555-FOOD", 8),
            ("1-800-FLOWERS", 6),
            ("415 555 1234 x5", 13),
            ("415 555 1234 ext. 5", 13),
            ("415 555 1234 #5", 13),
            ("415 555 1234;ext=5", 12),
            ("415 555 1234,5", 12),
            ("415 555 1234 доб. 5", 13),
            ("tel:415 555 1234", 0),
            (" 415+5551234", 4),
            ("++4155551234", 1),
            ("415\u{200b}5551234", 3),
            ("415555123\0", 9),
            ("4155551234\u{202c}", 10),
            ("415 555 1234\n415 555 1235", 12),
        ] {
            let parsed = E164::parse_lenient(text, Region::US);
            assert_eq!(parsed, Err(ParseE164Error::BadCharacter(at)), "{text:?}");
        }
    }

    #[test]
    fn says_why_not() {
        use ParseE164Error::*;
        let unknown = "ZZ".parse().unwrap();
        for (text, region, why) in [
            ("", Region::US, Empty),
            (" \u{a0}", Region::US, Empty),
            ("911", Region::US, Emergency),
            ("9-1-1", Region::US, Emergency),
            ("1 911", Region::US, Emergency),
            ("１１２", Region::DE, Emergency),
            ("(44) 999", Region::US, Emergency),
            ("011 44 999", Region::US, Emergency),
            ("00 34 112", Region::GB, Emergency),
            ("4155551234", unknown, MissingPlus),
            ("+999 123 4567", Region::US, UnknownCallingCode),
            ("()", Region::US, TooShort),
            ("+", Region::US, TooShort),
            (&"1".repeat(250), Region::US, TooLong),
        ] {
            assert_eq!(E164::parse_lenient(text, region), Err(why), "{text:?}");
        }
        let error = E164::parse_lenient("555-1234", Region::US).unwrap_err();
        assert!(matches!(error, BadLength { got: 7, .. }), "{error:?}");
    }

    #[test]
    fn what_it_knows() {
        let about = |text: &str| {
            let number: E164 = text.parse().unwrap();
            (number.kind(), number.region(), number.is_valid())
        };
        for (text, kind, region, valid) in [
            (
                "+12025550199",
                NumberKind::FixedLineOrMobile,
                Some(Region::US),
                true,
            ),
            (
                "+14165550199",
                NumberKind::FixedLineOrMobile,
                Some(Region::CA),
                true,
            ),
            ("+15551234567", NumberKind::Unknown, None, false),
            (
                "+19002345678",
                NumberKind::PremiumRate,
                Some(Region::US),
                true,
            ),
            ("+34600111234", NumberKind::Mobile, Some(Region::ES), true),
            (
                "+390612345678",
                NumberKind::FixedLine,
                Some(Region::IT),
                true,
            ),
            ("+80012345678", NumberKind::TollFree, None, true),
            ("+979123456789", NumberKind::PremiumRate, None, true),
        ] {
            assert_eq!(about(text), (kind, region, valid), "{text}");
        }
    }
}
