//! Calls that come in: listing and steering them, and what is left of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::refusals::refused_number;
use super::super::{Context, Fidelity, Handler, Reply};
use super::Period;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::inbound::calls::{Call, State};
use crate::world::inbound::events::Name;

pub(crate) const HANDLERS: &[Handler] = &[
    Handler::new("inbound_list_calls", Fidelity::Assumed, list),
    Handler::new("inbound_delete_calls", Fidelity::Assumed, delete),
    Handler::new("inbound_summary", Fidelity::Assumed, summary),
    Handler::new("inbound_analytics", Fidelity::Assumed, analytics),
    Handler::new("inbound_get_call", Fidelity::Assumed, get),
    Handler::new("inbound_transcript", Fidelity::Assumed, transcript),
    Handler::new("inbound_recording", Fidelity::Assumed, recording),
    Handler::new("inbound_update_action_item", Fidelity::Assumed, update_item),
    Handler::new("inbound_transfer", Fidelity::Assumed, transfer),
    Handler::new("inbound_take_over", Fidelity::Assumed, take_over),
    Handler::new("inbound_reject", Fidelity::Assumed, reject),
];

/// The published default.
const PAGE: usize = 20;

fn list(context: &mut Context<'_>, request: &Request) -> Reply {
    let period = match Period::read(request, "date_from", "date_to") {
        Ok(period) => period,
        Err(refusal) => return refusal.into(),
    };
    let status = request.query("status");
    let vip_only = request.flag("vip_only");
    let found: Vec<&Call> = context
        .world
        .inbound
        .calls
        .iter()
        .rev()
        .filter(|call| status.is_none_or(|status| status == call.state.status()))
        .filter(|call| call.vip || !vip_only)
        .filter(|call| period.holds(call.created_at))
        .collect();
    let page: Vec<Value> = found
        .iter()
        .skip(request.count("offset", 0))
        .take(request.count("limit", PAGE))
        .map(|call| Value::Object(call.view()))
        .collect();
    Answer::ok(json!({ "calls": page, "total": found.len() })).into()
}

/// Records of calls that are over: those in `call_ids`, or all of them where nothing is said. What is not
/// understood deletes nothing.
fn delete(context: &mut Context<'_>, request: &Request) -> Reply {
    let selector = request.body.as_object();
    let ids = selector.and_then(|selector| selector.get("call_ids"));
    let ids: Option<Vec<&str>> = match ids {
        None if selector.is_some_and(serde_json::Map::is_empty) => None,
        Some(Value::Array(ids)) if selector.is_some_and(|selector| selector.len() == 1) => {
            Some(ids.iter().filter_map(Value::as_str).collect())
        }
        _ => {
            return Answer::error(400, "validation_error", "The request is not valid.")
                .with_reason("body: the sandbox takes call_ids, or nothing for all calls")
                .into();
        }
    };
    let calls = &mut context.world.inbound.calls;
    let before = calls.len();
    calls.retain(|call| {
        let meant = ids
            .as_ref()
            .is_none_or(|ids| ids.contains(&call.id.to_string().as_str()));
        !meant || !call.is_over()
    });
    let count = before.saturating_sub(calls.len());
    Answer::ok(json!({
        "status": "deleted",
        "success": true,
        "message": format!("{count} records are deleted."),
    }))
    .into()
}

/// The average talk of these calls.
fn average(context: &Context<'_>, calls: &[&Call]) -> usize {
    let sum: usize = calls.iter().map(|call| call.seconds(context.now)).sum();
    sum.checked_div(calls.len()).unwrap_or_default()
}

fn summary(context: &mut Context<'_>, _: &Request) -> Reply {
    let calls: Vec<&Call> = context.world.inbound.calls.iter().collect();
    let count = |state| calls.iter().filter(|call| call.state == state).count();
    let completed: Vec<&Call> = calls
        .iter()
        .copied()
        .filter(|call| call.state == State::Completed)
        .collect();
    Answer::ok(json!({
        "total": calls.len(),
        "completed": completed.len(),
        "missed": count(State::Missed),
        "rejected": count(State::Rejected),
        "average_duration_seconds": average(context, &completed),
    }))
    .into()
}

fn analytics(context: &mut Context<'_>, request: &Request) -> Reply {
    let period = match Period::read(request, "date_from", "date_to") {
        Ok(period) => period,
        Err(refusal) => return refusal.into(),
    };
    let calls: Vec<&Call> = context
        .world
        .inbound
        .calls
        .iter()
        .filter(|call| period.holds(call.created_at))
        .collect();
    let mut by_status: BTreeMap<&str, usize> = BTreeMap::new();
    for call in &calls {
        *by_status.entry(call.state.status()).or_default() += 1;
    }
    Answer::ok(json!({
        "total": calls.len(),
        "by_status": by_status,
        "vip": calls.iter().filter(|call| call.vip).count(),
        "average_duration_seconds": average(context, &calls),
    }))
    .into()
}

/// Finds the call of a request and says something of it.
fn look(context: &Context<'_>, request: &Request, say: impl FnOnce(&Call) -> Answer) -> Reply {
    match context.world.inbound.call(request.path("call_id")) {
        Some(call) => say(call).into(),
        None => context.error("call_not_found").into(),
    }
}

fn get(context: &mut Context<'_>, request: &Request) -> Reply {
    look(context, request, |call| {
        Answer::ok(call.detail(context.now))
    })
}

/// Of a live call, what was said until now.
fn transcript(context: &mut Context<'_>, request: &Request) -> Reply {
    look(context, request, |call| {
        call.transcript(context.now)
            .map_or_else(|| context.error("transcript_not_found"), Answer::ok)
    })
}

fn recording(context: &mut Context<'_>, request: &Request) -> Reply {
    look(context, request, |call| {
        let seconds = call.seconds(context.now);
        if !call.is_over() || seconds == 0 {
            return context.error("recording_not_found");
        }
        Answer::ok(json!({
            "url": format!("{}/_sandbox/recordings/{}.mp3", context.base_url, call.id),
            "duration_seconds": seconds,
            "format": "mp3",
        }))
    })
}

fn update_item(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("call_id");
    let index = request.index("index");
    let status = request.field("status").unwrap_or_default();
    let calls = &mut context.world.inbound.calls;
    let Some(call) = calls.iter_mut().find(|call| call.id.to_string() == id) else {
        return context.error("call_not_found").into();
    };
    if !index.is_some_and(|index| call.set_item(index, status)) {
        return super::super::unknown("action item");
    }
    Answer::ok(json!({ "id": id, "status": status, "success": true })).into()
}

/// Changes a live call, and says so or why not.
fn steer(
    context: &mut Context<'_>,
    request: &Request,
    name: Name,
    change: impl FnOnce(&mut Call) -> bool,
) -> Reply {
    let id = request.path("call_id");
    let now = context.now;
    let done = context.world.inbound.steer(id, name, now, change);
    let state = context.world.inbound.call(id).map(|call| call.state);
    let (Some(done), Some(state)) = (done, state) else {
        return context.error("call_not_found").into();
    };
    if !done {
        return Answer::error(409, "invalid_state", "The call is not in a state for that.")
            .with_reason(format!("it is {} ({})", state.status(), state.name()))
            .into();
    }
    let status = match state {
        State::Rejected => "rejected",
        other => other.name(),
    };
    Answer::ok(json!({ "id": id, "status": status, "success": true })).into()
}

fn transfer(context: &mut Context<'_>, request: &Request) -> Reply {
    let target = request.field("target_number").unwrap_or_default();
    if let Some(refusal) = refused_number(context, request, "target_number", target) {
        return refusal.into();
    }
    let now = context.now;
    steer(context, request, Name::Transferred, |call| {
        call.transfer(target, now)
    })
}

fn take_over(context: &mut Context<'_>, request: &Request) -> Reply {
    steer(context, request, Name::TakenOver, Call::take_over)
}

fn reject(context: &mut Context<'_>, request: &Request) -> Reply {
    let now = context.now;
    let reason = request.field("reason");
    steer(context, request, Name::Rejected, |call| {
        call.reject(reason, now)
    })
}
