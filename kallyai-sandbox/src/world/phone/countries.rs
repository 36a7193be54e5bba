//! The countries, and what is for sale there: only numbers that are reserved for fiction, so that one that
//! leaks rings nobody.

use std::ops::RangeInclusive;

/// A country that is supported.
pub(crate) struct Country {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    /// Where nothing is reserved for fiction, nothing is for sale.
    block: Option<Block>,
}

/// Numbers of one block: calling code, area code, stem, and the last digits.
struct Block {
    calling: &'static str,
    area: Area,
    stem: &'static str,
    /// How many digits come behind the stem.
    width: usize,
}

enum Area {
    /// Every geographic one of North America; this one where nobody asks for another.
    Any(&'static str),
    Only(&'static str),
}

/// What is for sale of a block. It leaves out the numbers of README.md that stand for something.
const SALE: RangeInclusive<u32> = 60..=89;

/// Area codes in North America that belong to no place: free of charge, or dear.
const NOWHERE: &[&str] = &[
    "800", "833", "844", "855", "866", "877", "888", "822", "900",
];

const fn block(calling: &'static str, area: Area, stem: &'static str, width: usize) -> Block {
    Block {
        calling,
        area,
        stem,
        width,
    }
}

const fn selling(code: &'static str, name: &'static str, block: Block) -> Country {
    Country {
        code,
        name,
        block: Some(block),
    }
}

const fn supported(code: &'static str, name: &'static str) -> Country {
    Country {
        code,
        name,
        block: None,
    }
}

/// Assumed: no source shows the list.
pub(crate) const COUNTRIES: &[Country] = &[
    selling(
        "US",
        "United States",
        block("1", Area::Any("202"), "55501", 2),
    ),
    selling("CA", "Canada", block("1", Area::Any("416"), "55501", 2)),
    selling(
        "GB",
        "United Kingdom",
        block("44", Area::Only("20"), "79460", 3),
    ),
    supported("ES", "Spain"),
    supported("AT", "Austria"),
    supported("BE", "Belgium"),
    supported("CH", "Switzerland"),
    supported("CZ", "Czechia"),
    selling("DE", "Germany", block("49", Area::Only("30"), "23125", 3)),
    supported("DK", "Denmark"),
    supported("FI", "Finland"),
    selling("FR", "France", block("33", Area::Only("1"), "9900", 4)),
    supported("GR", "Greece"),
    selling("IE", "Ireland", block("353", Area::Only("20"), "91", 5)),
    supported("IT", "Italy"),
    supported("LU", "Luxembourg"),
    supported("NL", "Netherlands"),
    supported("NO", "Norway"),
    supported("PL", "Poland"),
    supported("PT", "Portugal"),
    selling("SE", "Sweden", block("46", Area::Only("8"), "465004", 2)),
];

impl Country {
    pub(crate) fn find(code: &str) -> Option<&'static Self> {
        COUNTRIES.iter().find(|country| country.code == code)
    }

    /// Whether anything is for sale there.
    pub(crate) fn sells(&self) -> bool {
        self.block.is_some()
    }

    /// The numbers for sale, always in the same order.
    pub(super) fn numbers(&self, area_code: Option<&str>) -> Vec<String> {
        self.block
            .as_ref()
            .and_then(|block| block.numbers(area_code))
            .unwrap_or_default()
    }
}

impl Block {
    fn numbers(&self, area_code: Option<&str>) -> Option<Vec<String>> {
        let area = match (&self.area, area_code) {
            (Area::Any(default), None) => default,
            (Area::Any(_), Some(wanted)) => Some(wanted).filter(|code| is_place(code))?,
            (Area::Only(area), None) => area,
            // People write it with the zero that is dialled at home.
            (Area::Only(area), Some(wanted)) => {
                Some(*area).filter(|area| wanted.strip_prefix('0').unwrap_or(wanted) == *area)?
            }
        };
        let (calling, stem, width) = (self.calling, self.stem, self.width);
        let numbers = SALE.map(|last| format!("+{calling}{area}{stem}{last:0width$}"));
        Some(numbers.collect())
    }
}

/// Whether it can be the area code of a place in North America.
fn is_place(code: &str) -> bool {
    let digits: Vec<char> = code.chars().collect();
    match digits.as_slice() {
        [first @ '2'..='9', middle @ '0'..='8', last @ '0'..='9'] => {
            let service = (*middle, *last) == ('1', '1');
            !(service || NOWHERE.contains(&code)) && first.is_ascii_digit()
        }
        _ => false,
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;
    use crate::numbers::{self, Fate};
    use crate::world::calls::Status;

    fn of(code: &str, area: Option<&str>) -> Vec<String> {
        Country::find(code).expect("it is supported").numbers(area)
    }

    #[test]
    fn what_is_for_sale_is_reserved_for_fiction_and_stands_for_nothing() {
        let blocks = [
            ("US", "+120255501", 12),
            ("CA", "+141655501", 12),
            ("GB", "+44207946", 13),
            ("DE", "+493023125", 13),
            ("FR", "+3319900", 12),
            ("IE", "+3532091", 13),
            ("SE", "+468465004", 12),
        ];
        for country in COUNTRIES.iter().filter(|country| country.sells()) {
            let (_, prefix, length) = blocks
                .iter()
                .find(|(code, ..)| *code == country.code)
                .expect("its block is known");
            let numbers = country.numbers(None);
            assert_eq!(numbers.len(), 30, "{}", country.code);
            for number in numbers {
                assert!(number.starts_with(prefix), "{number}");
                assert_eq!(number.len(), *length, "{number}");
                assert!(numbers::is_e164(&number), "{number}");
                assert_eq!(numbers::fate(&number), Fate::Ends(Status::Success));
            }
        }
    }

    #[test]
    fn an_area_code_is_one_of_the_country() {
        assert!(
            of("US", Some("415"))
                .first()
                .is_some_and(|n| n == "+14155550160")
        );
        for nowhere in ["800", "911", "191", "41", "4155", "abc", ""] {
            assert!(of("US", Some(nowhere)).is_empty(), "{nowhere}");
        }
        assert_eq!(of("GB", Some("020")), of("GB", None));
        assert!(of("GB", Some("161")).is_empty());
        assert!(of("ES", None).is_empty());
    }
}
