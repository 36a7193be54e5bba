//! Bills, rides, food and errands.

use serde_json::json;

use super::super::{Context, Fidelity, Handler, Reply, charge};
use super::{PAST, unschedulable};
use crate::appointment::is_over_everywhere;
use crate::clock::delta;
use crate::formats;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::actions::bills::{self, Bill};
use crate::world::actions::tasks::Task;
use crate::world::log::{Deed, Kind};

pub(crate) const HANDLERS: &[Handler] = &[
    Handler::new("actions_analyze_bill", Fidelity::Documented, analyze),
    Handler::new("actions_dispute_bill", Fidelity::Assumed, dispute),
    Handler::new("actions_request_ride", Fidelity::Assumed, ride),
    Handler::new("actions_order_food", Fidelity::Assumed, food),
    Handler::new("actions_run_errand", Fidelity::Assumed, errand),
];

const ANALYSIS: &str = "bill_analysis";

fn bill(request: &Request) -> Bill<'_> {
    Bill {
        description: request.field("description").unwrap_or_default(),
        amount: request
            .body
            .get("amount")
            .and_then(serde_json::Value::as_f64),
        provider: request.field("provider"),
    }
}

fn analyze(context: &mut Context<'_>, request: &Request) -> Reply {
    if let Some(refusal) = charge::uncovered(context, ANALYSIS) {
        return refusal;
    }
    let bill = bill(request);
    let description = format!("Analyzed the bill of {}", bill.sender());
    charge::charge(context, ANALYSIS, description.clone());
    let deed = Deed {
        kind: Kind::Bill,
        description,
        status: "completed",
        undo: None,
    };
    context.world.log.note(deed, context.now);
    Answer::ok(json!({ "analysis": bills::analysis(&bill) })).into()
}

/// No price is published for it, so it costs nothing.
fn dispute(context: &mut Context<'_>, request: &Request) -> Reply {
    let description = format!("Disputed the bill of {}", bill(request).sender());
    let task = begin(context, Kind::Bill, description);
    let mut view = task.view();
    if let serde_json::Value::Object(view) = &mut view {
        view.insert("success".to_owned(), json!(true));
    }
    Answer::ok(view).into()
}

fn ride(context: &mut Context<'_>, request: &Request) -> Reply {
    let at = request.field("pickup_time");
    let time = at.and_then(formats::local_date_time);
    if time.is_some_and(|time| is_over_everywhere(time.date(), Some(time.time()), context.now)) {
        return unschedulable(context, PAST);
    }
    let field = |name| request.field(name).unwrap_or_default();
    let (from, to) = (field("pickup"), field("destination"));
    let when = at.map_or_else(String::new, |at| format!(" at {at}"));
    let description = format!("A ride from {from} to {to}{when}");
    paid(context, Kind::Ride, description)
}

fn food(context: &mut Context<'_>, request: &Request) -> Reply {
    let what = request.field("description").unwrap_or_default();
    let place = request
        .field("delivery_address")
        .map_or_else(String::new, |place| format!(", to {place}"));
    paid(context, Kind::Food, format!("Food: {what}{place}"))
}

fn errand(context: &mut Context<'_>, request: &Request) -> Reply {
    let what = request.field("description").unwrap_or_default();
    paid(context, Kind::Errand, format!("An errand: {what}"))
}

/// Begins a task that costs what its kind costs.
fn paid(context: &mut Context<'_>, kind: Kind, description: String) -> Reply {
    if let Some(refusal) = charge::uncovered(context, kind.name()) {
        return refusal;
    }
    charge::charge(context, kind.name(), description.clone());
    Answer::ok(begin(context, kind, description).view()).into()
}

/// A task is done by and by, and its entry in the log follows.
fn begin(context: &mut Context<'_>, kind: Kind, description: String) -> Task {
    let (now, life) = (context.now, delta(context.settings.call_life));
    let world = &mut *context.world;
    let deed = Deed {
        kind,
        description: description.clone(),
        status: "pending",
        undo: None,
    };
    let entry = world.log.note(deed, now);
    let task = world.actions.tasks.add(kind, description, entry, now);
    world.actions.do_later(&task.id, now, life);
    task
}
