//! Calls: placing, listing and steering them, and what is left of them.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::refusals::refused_number;
use super::{Context, Fidelity, Handler, Reply};
use crate::calendar;
use crate::check::Violation;
use crate::clock::stamp;
use crate::ids::fingerprint;
use crate::numbers;
use crate::outcome;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::calls::{Call, Calls, Dial};
use crate::world::credits::Ledger;
use crate::world::idempotency::Seen;

pub(super) const HANDLERS: &[Handler] = &[
    Handler {
        refine: Some(refine_create),
        ..Handler::new("calls_create", Fidelity::Documented, create)
    },
    Handler::new("calls_list", Fidelity::Documented, list),
    Handler::new("calls_get", Fidelity::Documented, get),
    Handler::new("calls_transcript", Fidelity::Documented, transcript),
    Handler::new("calls_recording", Fidelity::Documented, recording),
    Handler::new("calls_calendar", Fidelity::Documented, calendar_file),
    Handler::new("calls_cancel", Fidelity::Assumed, cancel),
    Handler {
        refine: Some(refine_reschedule),
        ..Handler::new("calls_reschedule", Fidelity::Assumed, reschedule)
    },
    Handler::new("calls_stop", Fidelity::Assumed, stop),
];

/// As many calls as a page holds when nobody says how many.
const PAGE: usize = 50;

fn create(context: &mut Context<'_>, request: &Request) -> Reply {
    let body_fingerprint = fingerprint(request.body.to_string().as_bytes());
    let sent_key = request.header("idempotency-key");
    let key = sent_key.filter(|_| !context.settings.ignore_idempotency);
    if let Some(key) = key {
        match context.world.keys.look_up(key, &body_fingerprint) {
            Seen::Never => {}
            Seen::Other => return conflict("idempotency_conflict", 422, KEY_CONFLICT),
            Seen::Same(id) => return replay(context, id),
        }
    }
    let submission = request
        .body
        .get("submission")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let field = |name: &str| submission.get(name).and_then(Value::as_str);
    let to = field("respondent_phone").unwrap_or_default().to_owned();
    if let Some(refusal) = refused_number(context, request, "respondent_phone", &to) {
        return refusal.into();
    }
    let dial = Dial {
        id: fresh_id(context),
        outcome: numbers::outcome(&to),
        to,
        submission,
        idempotency_key: sent_key.map(str::to_owned),
        life: context.settings.call_life,
        goal: None,
    };
    if context.world.free() < Calls::quote(&dial, context.now) {
        return context.error("quota_exceeded").into();
    }
    if let Some(key) = key {
        context
            .world
            .keys
            .remember(key.to_owned(), body_fingerprint, dial.id);
    }
    let id = dial.id;
    context.world.calls.dial(dial, context.now);
    Reply::Later(Box::new(move |context| result(context, id)))
}

const KEY_CONFLICT: &str = "This idempotency key came with another body before.";
const KEY_IN_PROGRESS: &str = "The call of this idempotency key is still going on.";

/// The first answer again, without dialling again.
fn replay(context: &Context<'_>, id: Uuid) -> Reply {
    result(context, id).map_or_else(
        || conflict("idempotency_in_progress", 409, KEY_IN_PROGRESS),
        Reply::Now,
    )
}

/// The answer of a placed call, when it is over.
fn result(context: &Context<'_>, id: Uuid) -> Option<Answer> {
    match context.world.calls.get(&id.to_string()) {
        None => Some(Answer::error(
            503,
            "service_unavailable",
            "The world was reset while the call was going on.",
        )),
        Some(call) => call
            .is_over()
            .then(|| Answer::json(201, view(call, context))),
    }
}

fn conflict(code: &str, status: u16, message: &str) -> Reply {
    Answer::error(status, code, message).into()
}

pub(super) fn fresh_id(context: &mut Context<'_>) -> Uuid {
    loop {
        let id = context.world.ids.uuid();
        if !context.world.calls.contains(id) {
            return id;
        }
    }
}

/// Some mistakes have a published code of their own.
fn refine_create(
    context: &Context<'_>,
    request: &Request,
    violation: &Violation,
) -> Option<Answer> {
    let submission = request.body.get("submission")?;
    let code = match (submission.get("respondent_phone"), violation.place.as_str()) {
        (None | Some(Value::Null), place) if place.starts_with("body/submission") => {
            "missing_phone_number"
        }
        (Some(Value::String(phone)), "body/submission/respondent_phone") => {
            if phone.trim().is_empty() {
                "missing_phone_number"
            } else if numbers::is_emergency(phone) {
                "emergency_number"
            } else {
                return None;
            }
        }
        (_, "body/submission/appointment_date" | "body/submission/appointment_time") => {
            "scheduling_violation"
        }
        (_, "body/submission/language" | "body/submission/call_language") => "unsupported_language",
        _ => return None,
    };
    Some(context.error(code))
}

fn refine_reschedule(context: &Context<'_>, _: &Request, violation: &Violation) -> Option<Answer> {
    matches!(violation.place.as_str(), "body/date" | "body/time")
        .then(|| context.error("scheduling_violation"))
}

/// A call as it is answered: the documented fields, of a call that is not over only what there is.
fn view(call: &Call, context: &Context<'_>) -> Value {
    let mut metadata = Map::new();
    metadata.insert("created_at".to_owned(), json!(stamp(call.dialled_at)));
    let mut view = Map::new();
    view.insert("call_id".to_owned(), json!(call.id));
    view.insert("status".to_owned(), json!(call.status(context.now).name()));
    view.insert(
        "submission".to_owned(),
        Value::Object(call.submission.clone()),
    );
    if let Some(ended_at) = call.ended_at() {
        metadata.insert("ended_at".to_owned(), json!(stamp(ended_at)));
        let outcome = outcome::of(call, context.now);
        view.insert("highlights".to_owned(), json!(outcome.highlights));
        view.insert("next_steps".to_owned(), json!(outcome.next_steps));
        view.insert(
            "duration_seconds".to_owned(),
            json!(call.duration_seconds()),
        );
        view.insert("credits_used".to_owned(), call.cost().json());
    }
    view.insert("metadata".to_owned(), Value::Object(metadata));
    Value::Object(view)
}

fn list(context: &mut Context<'_>, request: &Request) -> Reply {
    let visible: Vec<&Call> = context
        .world
        .calls
        .iter()
        .rev()
        .filter(|call| call.is_over() || !context.settings.hide_active)
        .collect();
    let page: Vec<Value> = visible
        .iter()
        .skip(request.count("offset", 0))
        .take(request.count("limit", PAGE))
        .map(|call| view(call, context))
        .collect();
    Answer::ok(json!({ "calls": page, "total": visible.len() })).into()
}

/// Finds the call of a request and says something of it.
fn look(context: &Context<'_>, request: &Request, say: impl FnOnce(&Call) -> Answer) -> Reply {
    match context
        .world
        .calls
        .get(request.path("call_id"))
        .filter(|call| call.is_over() || !context.settings.hide_active)
    {
        Some(call) => say(call).into(),
        None => context.error("call_not_found").into(),
    }
}

fn get(context: &mut Context<'_>, request: &Request) -> Reply {
    look(context, request, |call| Answer::ok(view(call, context)))
}

fn transcript(context: &mut Context<'_>, request: &Request) -> Reply {
    look(context, request, |call| {
        outcome::transcript(call, context.now)
            .map_or_else(|| context.error("transcript_not_found"), Answer::ok)
    })
}

fn recording(context: &mut Context<'_>, request: &Request) -> Reply {
    look(context, request, |call| {
        if !call.was_talk() {
            return context.error("recording_not_found");
        }
        Answer::ok(json!({
            "url": format!("{}/_sandbox/recordings/{}.mp3", context.base_url, call.id),
            "duration_seconds": call.duration_seconds(),
            "format": "mp3",
        }))
    })
}

fn calendar_file(context: &mut Context<'_>, request: &Request) -> Reply {
    look(context, request, |call| {
        if !call.succeeded() {
            return context
                .error("call_not_found")
                .with_reason("the call has arranged nothing");
        }
        Answer::text("text/calendar", calendar::entry(call))
    })
}

/// Changes a call, and says so or why not.
fn steer(
    context: &mut Context<'_>,
    request: &Request,
    refusal: &str,
    change: impl FnOnce(&mut Call, &mut Ledger) -> bool,
) -> Reply {
    let world = &mut *context.world;
    let Some(id) = world.calls.get(request.path("call_id")).map(|call| call.id) else {
        return context.error("call_not_found").into();
    };
    let now = context.now;
    let (calls, ledger) = (&mut world.calls, &mut world.ledger);
    let changed = calls.change(id, |call| {
        let done = change(call, ledger);
        (done, call.is_over(), call.status(now).name())
    });
    let Some((done, over, status)) = changed else {
        return context.error("call_not_found").into();
    };
    if done {
        let status = if over { status } else { "rescheduled" };
        Answer::ok(json!({ "id": id, "status": status, "success": true })).into()
    } else {
        Answer::error(409, "invalid_state", refusal)
            .with_reason(format!("the status is {status}"))
            .into()
    }
}

fn cancel(context: &mut Context<'_>, request: &Request) -> Reply {
    let now = context.now;
    let refusal = "Only a call that has not connected can be cancelled.";
    steer(context, request, refusal, |call, ledger| {
        call.cancel(now, ledger)
    })
}

fn stop(context: &mut Context<'_>, request: &Request) -> Reply {
    let now = context.now;
    let refusal = "The call is over.";
    steer(context, request, refusal, |call, ledger| {
        call.stop(now, ledger)
    })
}

fn reschedule(context: &mut Context<'_>, request: &Request) -> Reply {
    let now = context.now;
    let (date, time) = (request.field("date"), request.field("time"));
    if date.is_none() && time.is_none() {
        return Answer::error(400, "validation_error", "The request is not valid.")
            .with_reason("body: date or time is required")
            .into();
    }
    let refusal = "Only a call that has not started can be rescheduled.";
    steer(context, request, refusal, |call, _| {
        call.reschedule(date, time, now)
    })
}
