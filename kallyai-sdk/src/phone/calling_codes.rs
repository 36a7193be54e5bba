//! Calling codes, and what numbers look like after them.

use std::fmt;

use super::data::{AREA_CODES, CALLING_CODES, CODE_REGIONS};
use super::region::Region;

/// The most digits of a calling code.
const MOST_DIGITS: usize = 3;

/// The value of at most four digits.
fn number(digits: &[u8]) -> u16 {
    digits.iter().take(4).fold(0, |value, digit| {
        value * 10 + u16::from(digit.wrapping_sub(b'0'))
    })
}

/// A calling code that is in use.
#[derive(Clone, Copy)]
pub(super) struct CallingCode {
    /// The code.
    pub(super) value: u16,
    /// Which lengths its national numbers have.
    pub(super) lengths: Lengths,
    /// Its row in the tables.
    row: usize,
}

impl CallingCode {
    /// Splits digits into calling code and national number. No code begins with another one.
    pub(super) fn split(digits: &[u8]) -> Option<(Self, &[u8])> {
        if digits.first() == Some(&b'0') {
            return None;
        }
        for length in 1..=MOST_DIGITS {
            let (code, national) = digits.split_at_checked(length)?;
            let value = number(code);
            if let Ok(row) = CALLING_CODES.binary_search_by_key(&value, |row| row.0) {
                let (_, lengths) = CALLING_CODES.get(row)?;
                let code = Self {
                    value,
                    lengths: Lengths(*lengths),
                    row,
                };
                return Some((code, national));
            }
        }
        None
    }

    /// Whether a calling code goes on after these digits, the first of which is not 0.
    pub(super) fn goes_on_after(digits: &[u8]) -> bool {
        let begun = number(digits);
        digits.len() < MOST_DIGITS
            && CALLING_CODES
                .iter()
                .any(|(code, _)| code / 10 == begun || code / 100 == begun)
    }

    /// Whether national numbers of this code may start with 0.
    pub(super) fn may_start_with_zero(self) -> bool {
        self.lengths.0 & 1 == 1
    }

    /// The countries that the number may be in, as far as the code tells, and the area code for +1;
    /// none for international services.
    pub(super) fn regions(self, national: &[u8]) -> &'static [Region] {
        let of_area = || {
            let area = number(national.get(..3)?);
            AREA_CODES
                .iter()
                .find(|(_, areas)| areas.contains(&area))
                .map(|(region, _)| std::slice::from_ref(region))
        };
        (self.value == 1)
            .then(of_area)
            .flatten()
            .or_else(|| CODE_REGIONS.get(self.row).copied())
            .unwrap_or_default()
    }
}

/// Numbers of digits, none of them over 15. `Display` writes them as a text: `7, 9 or 10`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lengths(u16);

impl Lengths {
    /// Whether this is one of them.
    pub fn contains(self, length: usize) -> bool {
        (1..=15).contains(&length) && self.0 >> length & 1 == 1
    }

    /// All of them, the smallest first.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (1..=15).filter(move |length| self.contains(*length))
    }
}

impl fmt::Display for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, least) = (self.iter().count(), self.iter().next().unwrap_or_default());
        let most = self.iter().last().unwrap_or_default();
        if count > 2 && most - least == count - 1 {
            return write!(f, "{least} to {most}");
        }
        for (index, length) in self.iter().enumerate() {
            let before = match index {
                0 => "",
                _ if index + 1 == count => " or ",
                _ => ", ",
            };
            write!(f, "{before}{length}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Lengths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_no_code_begins_with_another() {
        assert!(CALLING_CODES.is_sorted_by(|a, b| a.0 < b.0));
        for (code, _) in CALLING_CODES {
            let text = code.to_string();
            let (found, national) = CallingCode::split(text.as_bytes()).unwrap();
            assert_eq!((found.value, national), (code, &[][..]));
        }
    }

    #[test]
    fn what_begins_a_code() {
        for digits in [&b"2"[..], b"21", b"99", b"35", b""] {
            assert!(CallingCode::goes_on_after(digits), "{digits:?}");
            assert!(CallingCode::split(digits).is_none());
        }
        for digits in [&b"210"[..], b"999", b"044999"] {
            assert!(!CallingCode::goes_on_after(digits), "{digits:?}");
            assert!(CallingCode::split(digits).is_none());
        }
    }

    #[test]
    fn lengths_read_well() {
        let shown = |digits: &[u32]| {
            let bits = digits.iter().fold(0, |bits, length| bits | 1 << length);
            Lengths(bits).to_string()
        };
        assert_eq!(shown(&[10]), "10");
        assert_eq!(shown(&[8, 9]), "8 or 9");
        assert_eq!(shown(&[7, 9, 10]), "7, 9 or 10");
        assert_eq!(shown(&[4, 5, 6, 7]), "4 to 7");
        // The bit for the zero is no length.
        assert_eq!(format!("{:?}", Lengths(1 << 15 | 1)), "{15}");
        assert!(!Lengths(1).contains(0) && !Lengths(1).contains(16));
    }

    #[test]
    fn areas_of_plus_one() {
        let regions = |digits: &[u8]| {
            let (code, national) = CallingCode::split(digits).unwrap();
            code.regions(national)
        };
        assert_eq!(regions(b"12025550199"), [Region::US]);
        assert_eq!(regions(b"14165550199"), [Region::CA]);
        assert_eq!(regions(b"18765550199"), [Region::JM]);
        // 555, 800 and 900 belong to no country.
        for number in [b"15551234567", b"18005550199", b"19005550199"] {
            assert_eq!(regions(number).len(), 25);
        }
        assert_eq!(regions(b"34911234567"), [Region::ES]);
        assert!(regions(b"80012345678").is_empty());
    }
}
