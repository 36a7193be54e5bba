//! Countries and territories.

use std::fmt;
use std::str::FromStr;

/// A country or territory with phone numbers of its own: the two letters of ISO 3166-1, and `AC`,
/// `TA` and `XK` (Ascension, Tristan da Cunha, Kosovo), which ISO leaves to others.
///
/// Open: two other letters are a region, too, with no numbers that the library knows.
///
/// ```
/// use kallyai_sdk::phone::Region;
///
/// assert_eq!("gb".parse(), Ok(Region::GB));
/// assert_eq!(Region::GB.to_string(), "GB");
/// assert!("UK!".parse::<Region>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region([u8; 2]);

impl Region {
    /// Where the service calls, as far as it has published: "US, Canada, UK, Spain, most European
    /// countries". Which of Europe it leaves out is not published, so all are here: the members of
    /// the Council of Europe and their territories in Europe, Belarus, Kosovo, Russia and the
    /// Vatican.
    pub const SUPPORTED: &'static [Self] = &[
        Self::US,
        Self::CA,
        Self::AD,
        Self::AL,
        Self::AM,
        Self::AT,
        Self::AX,
        Self::AZ,
        Self::BA,
        Self::BE,
        Self::BG,
        Self::BY,
        Self::CH,
        Self::CY,
        Self::CZ,
        Self::DE,
        Self::DK,
        Self::EE,
        Self::ES,
        Self::FI,
        Self::FO,
        Self::FR,
        Self::GB,
        Self::GE,
        Self::GG,
        Self::GI,
        Self::GR,
        Self::HR,
        Self::HU,
        Self::IE,
        Self::IM,
        Self::IS,
        Self::IT,
        Self::JE,
        Self::LI,
        Self::LT,
        Self::LU,
        Self::LV,
        Self::MC,
        Self::MD,
        Self::ME,
        Self::MK,
        Self::MT,
        Self::NL,
        Self::NO,
        Self::PL,
        Self::PT,
        Self::RO,
        Self::RS,
        Self::RU,
        Self::SE,
        Self::SI,
        Self::SJ,
        Self::SK,
        Self::SM,
        Self::TR,
        Self::UA,
        Self::VA,
        Self::XK,
    ];

    /// The two letters, upper case.
    pub fn as_str(&self) -> &str {
        // Only ASCII ever gets in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    pub(super) const fn of(code: &str) -> Self {
        match code.as_bytes() {
            [first, second] => Self([*first, *second]),
            _ => Self(*b"ZZ"),
        }
    }
}

/// Defines the regions that have numbers.
macro_rules! regions {
    ($($code:ident),* $(,)?) => {
        impl Region {
            $(
                #[doc = concat!("`", stringify!($code), "`")]
                pub const $code: Self = Self::of(stringify!($code));
            )*
        }
    };
}
pub(super) use regions;

/// The text is not two letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseRegionError;

impl fmt::Display for ParseRegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a country is two letters of ISO 3166-1, like US")
    }
}

impl std::error::Error for ParseRegionError {}

impl FromStr for Region {
    type Err = ParseRegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            [first, second] if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => {
                Ok(Self([
                    first.to_ascii_uppercase(),
                    second.to_ascii_uppercase(),
                ]))
            }
            _ => Err(ParseRegionError),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_and_nothing_else() {
        assert_eq!("es".parse(), Ok(Region::ES));
        assert_eq!("QQ".parse::<Region>().unwrap().as_str(), "QQ");
        for text in ["", "E", "ESP", "E1", "É", "  "] {
            assert_eq!(text.parse::<Region>(), Err(ParseRegionError), "{text:?}");
        }
    }
}
