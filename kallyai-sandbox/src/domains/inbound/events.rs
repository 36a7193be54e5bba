//! The log of events, whole or as it grows.

use serde_json::{Value, json};

use super::super::{Context, Fidelity, Handler, Reply};
use super::Period;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::inbound::events::{Event, Name, Position, position};

pub(crate) const HANDLERS: &[Handler] = &[
    Handler::new("inbound_events", Fidelity::Assumed, events),
    Handler::new("inbound_stream_info", Fidelity::Assumed, stream_info),
];

fn events(context: &mut Context<'_>, request: &Request) -> Reply {
    let period = match Period::read(request, "from", "to") {
        Ok(period) => period,
        Err(refusal) => return refusal.into(),
    };
    if request.accepts_events() && context.settings.event_stream {
        return Answer::events(begin(context, request, &period)).into();
    }
    let items: Vec<&Value> = context
        .world
        .inbound
        .events
        .iter()
        .filter(|event| period.holds(event.at))
        .map(Event::body)
        .collect();
    Answer::ok(json!({ "total": items.len(), "items": items })).into()
}

/// After which event a stream begins: the last that the client has seen, the last before the period, or
/// now. An id that this world has not given out belongs to another: then all that is kept is new.
fn begin(context: &Context<'_>, request: &Request, period: &Period) -> Position {
    let events = &context.world.inbound.events;
    if let Some(id) = request.last_event_id() {
        return position(id)
            .filter(|seen| *seen <= events.last())
            .unwrap_or_default();
    }
    match period.from {
        None => events.last(),
        Some(from) => events
            .after(0)
            .find_map(|(number, event)| (event.at >= from).then(|| number.saturating_sub(1)))
            .unwrap_or_else(|| events.last()),
    }
}

fn stream_info(context: &mut Context<'_>, _: &Request) -> Reply {
    let types: Vec<&str> = Name::ALL.iter().map(|name| name.text()).collect();
    Answer::ok(json!({
        "available": context.settings.event_stream,
        "url": format!("{}/v1/inbound/events", context.base_url),
        "content_type": "text/event-stream",
        "heartbeat_seconds": context.settings.heartbeat.as_secs_f64(),
        "event_types": types,
    }))
    .into()
}
