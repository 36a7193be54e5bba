//! The places that exist in this world, and what is written of them. All numbers lie in the block that is
//! reserved for fiction, and calls to them succeed.

/// Somewhere to go to or to call.
pub(crate) struct Place {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// Of restaurants only.
    pub(crate) cuisine: Option<&'static str>,
    pub(crate) about: &'static str,
    /// What it is found by, beside its name.
    words: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) address: &'static str,
    pub(crate) rating: f64,
    pub(crate) price_range: &'static str,
    pub(crate) url: &'static str,
    /// How many it takes at a time.
    pub(crate) seats: u32,
}

pub(crate) const PLACES: &[Place] = &[
    Place {
        id: "rs_1",
        name: "Italian Bistro",
        cuisine: Some("Italian"),
        about: "Pasta and wine, with a quiet garden",
        words: "restaurant dinner lunch food pasta pizza wine garden",
        phone: "+12025550199",
        address: "1 Main Street",
        rating: 4.7,
        price_range: "$$$",
        url: "https://bistro.example.com",
        seats: 8,
    },
    Place {
        id: "rs_2",
        name: "Trattoria Due",
        cuisine: Some("Italian"),
        about: "A family kitchen for large tables",
        words: "restaurant dinner lunch food pasta pizza family",
        phone: "+12025550181",
        address: "12 Market Square",
        rating: 4.3,
        price_range: "$$",
        url: "https://trattoria.example.com",
        seats: 20,
    },
    Place {
        id: "rs_3",
        name: "Sushi Corner",
        cuisine: Some("Japanese"),
        about: "Sushi at the counter",
        words: "restaurant dinner lunch food sushi fish",
        phone: "+12025550182",
        address: "5 Harbor Road",
        rating: 4.8,
        price_range: "$$$$",
        url: "https://sushi.example.com",
        seats: 4,
    },
    Place {
        id: "rs_4",
        name: "Casa Verde",
        cuisine: Some("Mexican"),
        about: "Tacos, and much of it vegetarian",
        words: "restaurant dinner lunch food taco vegetarian vegan",
        phone: "+12025550183",
        address: "31 Oak Avenue",
        rating: 4.4,
        price_range: "$$",
        url: "https://verde.example.com",
        seats: 12,
    },
    Place {
        id: "rs_5",
        name: "Corner Diner",
        cuisine: Some("American"),
        about: "Burgers and breakfast all day",
        words: "restaurant dinner lunch breakfast food burger",
        phone: "+12025550184",
        address: "8 Station Street",
        rating: 4.1,
        price_range: "$",
        url: "https://diner.example.com",
        seats: 16,
    },
    Place {
        id: "pl_1",
        name: "Example Plumbing",
        cuisine: None,
        about: "Licensed plumber",
        words: "plumber pipe drain water leak",
        phone: "+12025550187",
        address: "2 Main Street",
        rating: 4.9,
        price_range: "$$",
        url: "https://plumber.example.com",
        seats: 0,
    },
    Place {
        id: "pl_2",
        name: "Oak Dental Clinic",
        cuisine: None,
        about: "Dentists, with hours on Saturday",
        words: "dentist doctor tooth teeth",
        phone: "+12025550188",
        address: "14 Oak Avenue",
        rating: 4.6,
        price_range: "$$",
        url: "https://dental.example.com",
        seats: 0,
    },
    Place {
        id: "pl_3",
        name: "Harbor Hotel",
        cuisine: None,
        about: "Rooms with a view of the water",
        words: "room night stay sleep",
        phone: "+12025550189",
        address: "1 Harbor Road",
        rating: 4.5,
        price_range: "$$$",
        url: "https://hotel.example.com",
        seats: 0,
    },
    Place {
        id: "pl_4",
        name: "Market Pharmacy",
        cuisine: None,
        about: "Open until midnight",
        words: "medicine drugstore prescription",
        phone: "+12025550190",
        address: "3 Market Square",
        rating: 4.2,
        price_range: "$",
        url: "https://pharmacy.example.com",
        seats: 0,
    },
];

/// A page of the web.
pub(crate) struct Page {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    words: &'static str,
    pub(crate) url: &'static str,
}

pub(crate) const PAGES: &[Page] = &[
    Page {
        title: "Where to eat tonight",
        about: "A guide to the restaurants of the town",
        words: "restaurant dinner food guide",
        url: "https://guide.example.com/eat",
    },
    Page {
        title: "What a plumber costs",
        about: "Prices of common repairs",
        words: "plumbing repair cost",
        url: "https://guide.example.com/plumber",
    },
    Page {
        title: "How to lower your internet bill",
        about: "What to say when you call",
        words: "bills negotiate cable provider",
        url: "https://guide.example.com/bills",
    },
];

/// The words of a query, by which something is found.
pub(crate) struct Query(Vec<String>);

impl Query {
    pub(crate) fn read(text: &str) -> Self {
        Self(words(text).collect())
    }

    /// How many of its words are among these.
    fn score(&self, texts: &[&str]) -> usize {
        let known: Vec<String> = texts.iter().flat_map(|text| words(text)).collect();
        self.0.iter().filter(|word| known.contains(word)).count()
    }

    pub(crate) fn place(&self, place: &Place) -> usize {
        self.score(&[place.name, place.cuisine.unwrap_or_default(), place.words])
    }

    pub(crate) fn page(&self, page: &Page) -> usize {
        self.score(&[page.title, page.words])
    }
}

/// In lower case and singular; short words say nothing.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() > 3)
        .map(|word| word.strip_suffix('s').map_or(word.clone(), str::to_owned))
}

pub(crate) fn restaurants() -> impl Iterator<Item = &'static Place> {
    PLACES.iter().filter(|place| place.cuisine.is_some())
}

pub(crate) fn restaurant(id: &str) -> Option<&'static Place> {
    restaurants().find(|place| place.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::{Fate, fate, is_e164};
    use crate::world::calls::Status;

    #[test]
    fn calls_to_every_place_succeed() {
        for place in PLACES {
            assert!(is_e164(place.phone) && place.phone.starts_with("+120255501"));
            assert_eq!(fate(place.phone), Fate::Ends(Status::Success));
        }
    }

    #[test]
    fn words_are_found_in_any_form() {
        let query = Query::read("The best PLUMBERS, nearby");
        let found: Vec<&str> = PLACES
            .iter()
            .filter(|place| query.place(place) > 0)
            .map(|place| place.name)
            .collect();
        assert_eq!(found, ["Example Plumbing"]);
    }
}
