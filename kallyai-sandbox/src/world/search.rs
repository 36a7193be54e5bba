//! Searches over the places and pages of this world, and their history.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::actions::without_nulls;
use super::credits::Credits;
use super::places::{PAGES, PLACES, Place, Query, restaurants};
use crate::clock::stamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Full,
    Quick,
}

#[derive(Clone, Serialize, Deserialize)]
struct Search {
    query: String,
    location: Option<String>,
    kind: Kind,
    results: usize,
    credits: Credits,
    at: DateTime<Utc>,
}

/// What was searched for.
pub(crate) struct Asked<'a> {
    pub(crate) query: &'a str,
    pub(crate) location: Option<&'a str>,
    pub(crate) kind: Kind,
}

/// Oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Searches(Vec<Search>);

/// Restaurants, the best ones first: those that the query names; all, where it names none.
pub(crate) fn for_restaurants(text: &str) -> Vec<&'static Place> {
    let query = Query::read(text);
    let mut found: Vec<(usize, &Place)> = restaurants()
        .map(|place| (query.place(place), place))
        .collect();
    if found.iter().any(|(score, _)| *score > 0) {
        found.retain(|(score, _)| *score > 0);
    }
    best_first(&mut found);
    found.into_iter().map(|(_, place)| place).collect()
}

fn best_first(found: &mut [(usize, &Place)]) {
    found.sort_by(|(left, one), (right, other)| {
        (right.cmp(left)).then(other.rating.total_cmp(&one.rating))
    });
}

/// Places and then pages that have words of the query.
fn results(text: &str) -> Vec<Value> {
    let query = Query::read(text);
    let mut places: Vec<(usize, &Place)> = PLACES
        .iter()
        .map(|place| (query.place(place), place))
        .filter(|(score, _)| *score > 0)
        .collect();
    best_first(&mut places);
    let mut pages: Vec<_> = PAGES
        .iter()
        .map(|page| (query.page(page), page))
        .filter(|(score, _)| *score > 0)
        .collect();
    pages.sort_by_key(|(score, _)| Reverse(*score));
    let places = places.into_iter().map(|(_, place)| {
        json!({
            "title": place.name,
            "description": place.about,
            "phone": place.phone,
            "address": place.address,
            "rating": place.rating,
            "price_range": place.price_range,
            "url": place.url,
        })
    });
    let pages = pages.into_iter().map(
        |(_, page)| json!({ "title": page.title, "description": page.about, "url": page.url }),
    );
    places.chain(pages).collect()
}

impl Searches {
    /// Searches, and answers with what was found: all of it, or quickly the best.
    pub(crate) fn run(&mut self, asked: &Asked<'_>, price: Credits, now: DateTime<Utc>) -> Value {
        let mut results = results(asked.query);
        if asked.kind == Kind::Quick {
            results.truncate(1);
        }
        self.0.push(Search {
            query: asked.query.to_owned(),
            location: asked.location.map(str::to_owned),
            kind: asked.kind,
            results: results.len(),
            credits: price,
            at: now,
        });
        json!({ "results": results, "credits_used": price.json() })
    }

    /// The body of `search_history`: newest first.
    pub(crate) fn history(&self) -> Value {
        let items: Vec<Value> = (1..)
            .zip(&self.0)
            .map(|(number, search): (u32, _)| {
                without_nulls(json!({
                    "id": format!("se_{number}"),
                    "query": search.query,
                    "location": search.location,
                    "kind": search.kind,
                    "result_count": search.results,
                    "credits_used": search.credits.json(),
                    "created_at": stamp(search.at),
                }))
            })
            .collect();
        let items: Vec<Value> = items.into_iter().rev().collect();
        json!({ "total": items.len(), "items": items })
    }
}

/// The body of `search_sources`.
pub(crate) fn sources() -> Value {
    let items = json!([
        { "id": "places", "name": "Places", "capabilities": ["phone", "address", "rating"] },
        { "id": "web", "name": "Web", "capabilities": ["pages"] },
    ]);
    json!({ "total": 2, "items": items })
}
