//! Restaurants and bookings.

use serde_json::{Value, json};

use super::super::{Context, Fidelity, Handler, Reply, charge, invalid, unknown};
use super::{PAST, owned, people, unschedulable};
use crate::appointment::is_over_everywhere;
use crate::clock::delta;
use crate::formats;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::actions::bookings::Order;
use crate::world::log::{Deed, Kind, Undo};
use crate::world::places::{self, Place};
use crate::world::search;

pub(crate) const HANDLERS: &[Handler] = &[
    Handler::new(
        "actions_search_restaurants",
        Fidelity::Documented,
        search_restaurants,
    ),
    Handler::new("actions_create_booking", Fidelity::Assumed, create),
    Handler::new("actions_cancel_booking", Fidelity::Assumed, cancel),
];

const ACTION: &str = "booking";

/// What a request says of a visit. A search says no more than that.
fn order(request: &Request) -> Order {
    Order {
        kind: owned(request, "type").unwrap_or_default(),
        restaurant_id: owned(request, "restaurant_id"),
        date: request.field("date").and_then(formats::date),
        time: request.field("time").and_then(formats::time_of_day),
        party_size: people(request, "party_size"),
        name: owned(request, "name"),
        notes: owned(request, "notes"),
    }
}

/// Whether the day of a visit, or its time, is past everywhere.
fn is_past(order: &Order, context: &Context<'_>) -> bool {
    order
        .date
        .is_some_and(|date| is_over_everywhere(date, order.time, context.now))
}

fn has_room(context: &Context<'_>, place: &Place, order: &Order) -> bool {
    let bookings = &context.world.actions.bookings;
    bookings.has_room(place, order.party_size, order.span())
}

fn search_restaurants(context: &mut Context<'_>, request: &Request) -> Reply {
    let order = order(request);
    if is_past(&order, context) {
        return unschedulable(context, PAST);
    }
    let found = search::for_restaurants(request.field("query").unwrap_or_default());
    let results: Vec<Value> = found
        .into_iter()
        .map(|place| {
            json!({
                "id": place.id,
                "name": place.name,
                "cuisine": place.cuisine,
                "rating": place.rating,
                "price_range": place.price_range,
                "phone": place.phone,
                "address": place.address,
                "availability": if has_room(context, place, &order) { "available" } else { "full" },
            })
        })
        .collect();
    Answer::ok(json!({ "results": results })).into()
}

fn create(context: &mut Context<'_>, request: &Request) -> Reply {
    let order = order(request);
    let place = order.restaurant_id.as_deref().map(places::restaurant);
    let name = match place {
        Some(None) => return invalid("body/restaurant_id: is no restaurant that a search found"),
        Some(Some(place)) if !has_room(context, place, &order) => {
            return unschedulable(context, "the restaurant is full");
        }
        Some(Some(place)) => place.name.to_owned(),
        None => format!("a booking ({})", order.kind),
    };
    if is_past(&order, context) {
        return unschedulable(context, PAST);
    }
    if let Some(refusal) = charge::uncovered(context, ACTION) {
        return refusal;
    }
    let description = match place {
        Some(_) => format!("Booked at {name}"),
        None => format!("Made {name}"),
    };
    charge::charge(context, ACTION, description.clone());
    let (now, life) = (context.now, delta(context.settings.call_life));
    let world = &mut *context.world;
    let booking = world.actions.bookings.add(order, now);
    let deed = Deed {
        kind: Kind::Booking,
        description,
        status: "pending",
        undo: Some(Undo::Booking(booking.id.clone())),
    };
    world.log.note(deed, now);
    world.actions.confirm_later(&booking.id, now, life);
    Answer::ok(booking.view()).into()
}

fn cancel(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("booking_id");
    let world = &mut *context.world;
    if !world.actions.bookings.cancel(id) {
        return unknown("booking");
    }
    let made = Undo::Booking(id.to_owned());
    world.log.mark(&made, "cancelled", true);
    Answer::ok(json!({ "id": id, "status": "cancelled", "success": true })).into()
}
