//! Phone numbers in texts, however they are written.
//!
//! What is dialled directly is a field of its own and always E.164. This is for what stands between the words:
//! the assistant that rings somebody reads it too. Numbers in words it does not find.

use crate::phone::E164;

/// Fewer digits with a plus before them are no number that can be read in another way.
const LEAST_DIGITS: usize = 7;
/// Fewer digits without a plus are taken for something else: a date, an order.
const LEAST_PLAIN_DIGITS: usize = 9;
/// As many digits as a number can have.
const MOST_DIGITS: usize = 15;

/// A digit of a script that nobody here reads.
const UNKNOWN: char = '?';

/// What may be a phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mention {
    /// It is one of these: where it ends, its spaces do not tell.
    Number(Vec<E164>),
    /// Too many digits to be none, but no number that can be read.
    Unreadable,
    /// A long number without a plus.
    Plain(String),
}

/// Digits with spaces between them.
#[derive(Default)]
struct Run {
    plus: bool,
    groups: Vec<String>,
    /// Whether the next digit goes on with the last group.
    open: bool,
}

/// What may be a phone number in a text.
pub(super) fn mentions(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut run = Run::default();
    for c in text.chars() {
        if matches!(c, '+' | '\u{ff0b}' | '\u{fe62}') {
            std::mem::take(&mut run).tell(&mut found);
            run.plus = true;
        } else if let Some(digit) = digit(c) {
            run.push(digit);
        } else if c.is_alphabetic() || (!run.plus && matches!(c, ',' | ';' | ':' | '\n')) {
            std::mem::take(&mut run).tell(&mut found);
        } else {
            run.open = false;
        }
    }
    run.tell(&mut found);
    found
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        // Those of full width.
        '\u{ff10}'..='\u{ff19}' => char::from_digit(u32::from(c) - 0xff10, 10),
        _ => c.is_numeric().then_some(UNKNOWN),
    }
}

impl Run {
    fn push(&mut self, digit: char) {
        match self.groups.last_mut().filter(|_| self.open) {
            Some(group) => group.push(digit),
            None => self.groups.push(digit.into()),
        }
        self.open = true;
    }

    fn tell(self, found: &mut Vec<Mention>) {
        if self.plus {
            found.extend(international(&self.groups, 0));
            return;
        }
        for groups in without_dates(&self.groups) {
            let digits = groups.concat();
            let from_abroad = ["00", "011"]
                .into_iter()
                .filter(|prefix| digits.starts_with(prefix))
                .find_map(|prefix| match international(groups, prefix.len()) {
                    Some(Mention::Number(numbers)) => Some(Mention::Number(numbers)),
                    _ => None,
                });
            if from_abroad.is_some() {
                found.extend(from_abroad);
            } else if digits.len() >= LEAST_PLAIN_DIGITS {
                found.push(if digits.contains(UNKNOWN) {
                    Mention::Unreadable
                } else {
                    Mention::Plain(digits)
                });
            }
        }
    }
}

/// The number that these digits begin with, after so many that are not its own.
fn international(groups: &[String], skip: usize) -> Option<Mention> {
    let digits = groups.concat();
    let digits = digits.get(skip..)?;
    let mut end = 0;
    let mut numbers = Vec::new();
    for group in groups {
        end += group.len();
        let begun = end.checked_sub(skip).and_then(|end| digits.get(..end));
        numbers.extend(begun.and_then(|begun| format!("+{begun}").parse::<E164>().ok()));
    }
    if !numbers.is_empty() {
        return Some(Mention::Number(numbers));
    }
    (digits.len() >= LEAST_DIGITS).then_some(Mention::Unreadable)
}

/// What is before and after the dates, 2026-12-01 or 12/01/2026.
fn without_dates(groups: &[String]) -> Vec<&[String]> {
    let mut parts = Vec::new();
    let mut rest = groups;
    while let Some(at) = rest.windows(3).position(is_date) {
        parts.extend(rest.get(..at));
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

fn is_date(groups: &[String]) -> bool {
    let is_year = |group: &str| group.len() == 4 && group.starts_with("20");
    let is_day = |group: &str| {
        let day = group.parse::<u8>();
        group.len() <= 2 && day.is_ok_and(|day| (1..=31).contains(&day))
    };
    match groups {
        [a, b, c] => is_day(b) && (is_year(a) && is_day(c) || is_day(a) && is_year(c)),
        _ => false,
    }
}

/// The numbers that plain digits can be: as if the plus had been forgotten, and as they are dialled in a
/// country with the code 1.
pub(super) fn readings(digits: &str) -> (Option<E164>, Option<E164>) {
    let read = |code: &str| {
        let fits = digits.len() <= MOST_DIGITS;
        fits.then(|| format!("+{code}{digits}").parse().ok())?
    };
    (read(""), read("1"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn number(text: &str) -> Mention {
        Mention::Number(vec![text.parse().unwrap()])
    }

    #[test]
    fn with_a_plus() {
        for text in [
            "+12025550198",
            "tel:+1-202-555-0198",
            "at +1 (202) 555.0198 8 pm",
            "+1,202,555,0198",
            "\u{ff0b}\u{ff11}2025550198",
            "0012025550198",
            "011 1 202 555 0198",
        ] {
            assert_eq!(mentions(text), [number("+12025550198")], "{text}");
        }
        assert_eq!(mentions("+44 (0)20 7946 0018"), [Mention::Unreadable]);
        assert_eq!(mentions("2+3 and 1+1 guest"), []);
        let either = mentions("+49 30 123456, 20:00");
        let Some(Mention::Number(either)) = either.first() else {
            panic!("{either:?}");
        };
        assert!(either.contains(&"+4930123456".parse().unwrap()));
    }

    #[test]
    fn without_a_plus() {
        let plain = |digits: &str| Mention::Plain(digits.to_owned());
        assert_eq!(mentions("(202) 555-0198"), [plain("2025550198")]);
        assert_eq!(mentions("table 12, 2025550198: now"), [plain("2025550198")]);
        for text in [
            "on 2026-12-01 20:00",
            "12/01/2026 8 pm",
            "order 12345678",
            "",
        ] {
            assert_eq!(mentions(text), [], "{text}");
        }
        assert_eq!(
            mentions("2026-12-01 202 555 0198"),
            [plain("2025550198")],
            "a date hides nothing"
        );
    }
}
