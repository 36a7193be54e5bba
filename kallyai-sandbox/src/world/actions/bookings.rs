//! Bookings of tables, rooms and services.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::calendar::Span;
use super::without_nulls;
use crate::clock::stamp;
use crate::world::places::Place;

/// For how many a table is when nobody says.
const COMPANY: u32 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Pending,
    Confirmed,
    Cancelled,
}

/// What is to be booked.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    /// As the request names it.
    pub(crate) kind: String,
    pub(crate) restaurant_id: Option<String>,
    pub(crate) date: Option<NaiveDate>,
    pub(crate) time: Option<NaiveTime>,
    pub(crate) party_size: Option<u32>,
    pub(crate) name: Option<String>,
    pub(crate) notes: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Booking {
    pub(crate) id: String,
    state: State,
    order: Order,
    created_at: DateTime<Utc>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Bookings(Vec<Booking>);

impl Order {
    /// When it is in the calendar, which needs a day and a time.
    pub(crate) fn span(&self) -> Option<Span> {
        Span::new(self.date?.and_time(self.time?), None)
    }
}

impl Booking {
    pub(crate) fn view(&self) -> Value {
        let order = &self.order;
        without_nulls(json!({
            "id": self.id,
            "status": self.state,
            "type": order.kind,
            "restaurant_id": order.restaurant_id,
            "date": order.date,
            "time": order.time.map(|time| time.format("%H:%M").to_string()),
            "party_size": order.party_size,
            "name": order.name,
            "notes": order.notes,
            "created_at": stamp(self.created_at),
        }))
    }
}

impl Bookings {
    pub(crate) fn add(&mut self, order: Order, now: DateTime<Utc>) -> Booking {
        let booking = Booking {
            id: format!("bk_{}", self.0.len().saturating_add(1)),
            state: State::Pending,
            order,
            created_at: now,
        };
        self.0.push(booking.clone());
        booking
    }

    /// Moves a booking on, if it can be.
    fn turn(&mut self, id: &str, from: &[State], to: State) -> bool {
        let mut bookings = self.0.iter_mut();
        let booking = bookings.find(|booking| booking.id == id && from.contains(&booking.state));
        booking.map(|booking| booking.state = to).is_some()
    }

    pub(super) fn confirm(&mut self, id: &str) -> bool {
        self.turn(id, &[State::Pending], State::Confirmed)
    }

    pub(crate) fn cancel(&mut self, id: &str) -> bool {
        self.turn(id, &[State::Pending, State::Confirmed], State::Cancelled)
    }

    fn standing(&self) -> impl Iterator<Item = &Order> {
        self.0
            .iter()
            .filter(|booking| booking.state != State::Cancelled)
            .map(|booking| &booking.order)
    }

    /// What is taken by bookings.
    pub(crate) fn spans(&self) -> impl Iterator<Item = Span> {
        self.standing().filter_map(Order::span)
    }

    /// Whether a restaurant has room for so many, at this time if there is one.
    pub(crate) fn has_room(&self, place: &Place, company: Option<u32>, when: Option<Span>) -> bool {
        let taken = self
            .standing()
            .filter(|order| order.restaurant_id.as_deref() == Some(place.id))
            .filter(|order| match (order.span(), when) {
                (Some(span), Some(when)) => span.overlaps(&when),
                _ => false,
            })
            .fold(0_u32, |sum, order| {
                sum.saturating_add(order.party_size.unwrap_or(COMPANY))
            });
        taken.saturating_add(company.unwrap_or(COMPANY)) <= place.seats
    }
}
