//! The user's calendar.

use chrono::TimeDelta;
use serde_json::json;

use super::super::{Context, Fidelity, Handler, Reply, deleted};
use super::{PAST, owned, unschedulable};
use crate::appointment::is_over_everywhere;
use crate::formats;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::actions::calendar::{Draft, Span, slots};
use crate::world::calls::Call;
use crate::world::log::{Deed, Kind, Undo};

pub(crate) const HANDLERS: &[Handler] = &[
    Handler::new("actions_create_event", Fidelity::Assumed, create),
    Handler::new("actions_list_slots", Fidelity::Assumed, list_slots),
    Handler::new("actions_sync_calendar", Fidelity::Assumed, sync),
    Handler::new("actions_delete_event", Fidelity::Assumed, delete),
];

/// As long as a slot is when nobody says.
const MINUTES: usize = 30;

fn create(context: &mut Context<'_>, request: &Request) -> Reply {
    let time = |field| request.field(field).and_then(formats::local_date_time);
    let Some(span) = time("start").and_then(|start| Span::new(start, time("end"))) else {
        return unschedulable(context, "body/end: is before the start");
    };
    let draft = Draft {
        title: owned(request, "title").unwrap_or_default(),
        span,
        location: owned(request, "location"),
        description: owned(request, "description"),
    };
    let description = format!("Put into the calendar: {}", draft.title);
    let world = &mut *context.world;
    let event = world.actions.calendar.add(draft);
    let deed = Deed {
        kind: Kind::Calendar,
        description,
        status: "completed",
        undo: Some(Undo::Event(event.id.clone())),
    };
    world.log.note(deed, context.now);
    Answer::ok(event.view()).into()
}

fn list_slots(context: &mut Context<'_>, request: &Request) -> Reply {
    let day = request
        .query("date")
        .and_then(formats::date)
        .unwrap_or_else(|| context.now.date_naive());
    if is_over_everywhere(day, None, context.now) {
        return unschedulable(context, PAST);
    }
    let minutes = i64::try_from(request.count("duration_minutes", MINUTES)).ok();
    let items = minutes.and_then(TimeDelta::try_minutes).map(|length| {
        let world = &context.world;
        let events = world.actions.calendar.spans();
        let bookings = world.actions.bookings.spans();
        let appointments = world.calls.iter().filter_map(appointment);
        let busy: Vec<Span> = events.chain(bookings).chain(appointments).collect();
        slots(day, length, &busy, context.now)
    });
    let items = items.unwrap_or_default();
    Answer::ok(json!({ "total": items.len(), "items": items })).into()
}

/// What a call has arranged.
fn appointment(call: &Call) -> Option<Span> {
    let date = call.text("appointment_date").and_then(formats::date)?;
    let time = call
        .text("appointment_time")
        .and_then(formats::time_of_day)?;
    call.succeeded()
        .then(|| Span::new(date.and_time(time), None))?
}

fn sync(context: &mut Context<'_>, _: &Request) -> Reply {
    let today = context.now.date_naive();
    let message = match context.world.actions.calendar.sync(today) {
        0 => "Nothing is new.",
        _ => "One event is new.",
    };
    Answer::ok(json!({ "status": "synced", "success": true, "message": message })).into()
}

fn delete(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("event_id");
    let gone = context.world.actions.calendar.remove(id);
    if gone {
        let made = Undo::Event(id.to_owned());
        context.world.log.mark(&made, "deleted", true);
    }
    deleted(gone, "event", request)
}
