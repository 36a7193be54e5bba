//! Outreach tasks, in which the assistant contacts somebody on the channel that fits.

use serde_json::{Value, json};

use super::Fidelity::{Assumed, Documented};
use super::calls::fresh_id;
use super::refusals::{refine_emergency, refused_number};
use super::{Context, Handler, Reply, invalid, not_valid, unknown, wrong_state};
use crate::formats;
use crate::numbers;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::calls::Calls;
use crate::world::outreach::{Channel, Order, Status, Task};

pub(super) const HANDLERS: &[Handler] = &[
    Handler::new("outreach_list_tasks", Documented, list),
    Handler::new("outreach_get_task", Documented, get),
    Handler {
        refine: Some(refine_emergency),
        ..Handler::new("outreach_create_task", Documented, create)
    },
    Handler::new("outreach_retry_task", Assumed, retry),
    Handler::new("outreach_cancel_task", Assumed, cancel),
];

/// The published default.
const PAGE: usize = 50;

const TASK: &str = "outreach task";

fn list(context: &mut Context<'_>, request: &Request) -> Reply {
    let wanted: Option<Vec<Status>> = match request.query("status") {
        None => None,
        Some(names) => match names.split(',').map(Status::parse).collect() {
            Some(wanted) => Some(wanted),
            None => return invalid("query/status: is no status, or several with commas"),
        },
    };
    let found: Vec<&Task> = context.world.outreach.with(wanted.as_deref()).collect();
    let offset = request.count("offset", 0);
    let page: Vec<Value> = found
        .iter()
        .skip(offset)
        .take(request.count("limit", PAGE))
        .map(|task| Value::Object(task.view()))
        .collect();
    let has_more = offset.saturating_add(page.len()) < found.len();
    Answer::ok(json!({ "tasks": page, "total": found.len(), "has_more": has_more })).into()
}

fn get(context: &mut Context<'_>, request: &Request) -> Reply {
    match context.world.outreach.get(request.path("task_id")) {
        Some(task) => Answer::ok(task.detail()).into(),
        None => unknown(TASK),
    }
}

/// Where two names of a field are published, the one of the references wins.
fn order(context: &Context<'_>, request: &Request) -> Result<Order, Answer> {
    let text = |name: &str| request.field(name).map(str::to_owned);
    let (field, recipient) = match text("recipient_identifier") {
        Some(recipient) => ("recipient_identifier", recipient),
        None => ("target", text("target").unwrap_or_default()),
    };
    let by_recipient = if formats::is_email(&recipient) {
        Channel::Email
    } else {
        Channel::Call
    };
    let named = request.field("channel").and_then(Channel::parse);
    let channel = named.unwrap_or(by_recipient);
    let fits = match channel {
        Channel::Call => numbers::is_e164(&recipient),
        Channel::Email => formats::is_email(&recipient),
        Channel::Whatsapp | Channel::Telegram => true,
    };
    if !fits {
        return Err(not_valid(format!("body/{field}: is not for this channel")));
    }
    if channel == Channel::Call
        && let Some(refusal) = refused_number(context, request, field, &recipient)
    {
        return Err(refusal);
    }
    Ok(Order {
        goal: text("goal").or(text("description")).unwrap_or_default(),
        recipient,
        name: text("recipient_name"),
        urgency: text("urgency"),
        channel,
    })
}

/// Begins an attempt, unless something keeps it from that. A number that is refused makes no task.
fn begin(context: &mut Context<'_>, task: &mut Task) -> Result<(), Answer> {
    let (now, life) = (context.now, context.settings.call_life);
    let call = match task.channel {
        Channel::Call => {
            if context.world.phones.is_empty() {
                return Err(context.error("phone_not_provisioned"));
            }
            let dial = task.dial(fresh_id(context), life);
            if context.world.free() < Calls::quote(&dial, now) {
                return Err(context.error("quota_exceeded"));
            }
            let id = dial.id;
            context.world.calls.dial(dial, now);
            Some(id)
        }
        Channel::Email if !context.world.email.is_connected() => {
            return Err(context.error("email_not_connected"));
        }
        Channel::Email if context.world.free() < task.channel.price() => {
            return Err(context.error("quota_exceeded"));
        }
        // Whether a chat is connected shows when the message is to leave.
        Channel::Email | Channel::Whatsapp | Channel::Telegram => None,
    };
    task.begin(call, life, now);
    Ok(())
}

/// Keeps a task as it is now, lets happen what is due, and shows it.
fn keep(context: &mut Context<'_>, task: Task, id: &str, status: u16) -> Reply {
    context.world.outreach.keep(task);
    context.world.settle();
    let task = context.world.outreach.get(id);
    task.map_or_else(
        || unknown(TASK),
        |task| Answer::json(status, task.detail()).into(),
    )
}

/// Without a word on `auto_execute` it starts at once.
fn create(context: &mut Context<'_>, request: &Request) -> Reply {
    let order = match order(context, request) {
        Ok(order) => order,
        Err(refusal) => return refusal.into(),
    };
    let mut task = context.world.outreach.draft(order, context.now);
    if request.body.get("auto_execute") != Some(&Value::Bool(false))
        && let Err(refusal) = begin(context, &mut task)
    {
        return refusal.into();
    }
    let id = task.id().to_owned();
    keep(context, task, &id, 201)
}

fn retry(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("task_id");
    let Some(mut task) = context.world.outreach.get(id).cloned() else {
        return unknown(TASK);
    };
    if !task.can_be_retried() {
        let message = "Only a failed or awaiting task can be retried.";
        return wrong_state(message, task.status.name());
    }
    if let Err(refusal) = begin(context, &mut task) {
        return refusal.into();
    }
    keep(context, task, id, 200)
}

/// It hangs up the call that goes on; what was not sent is not sent any more.
fn cancel(context: &mut Context<'_>, request: &Request) -> Reply {
    let id = request.path("task_id");
    let now = context.now;
    let Some(mut task) = context.world.outreach.get(id).cloned() else {
        return unknown(TASK);
    };
    if !task.can_be_cancelled() {
        return wrong_state("The task is over.", task.status.name());
    }
    let world = &mut *context.world;
    if let Some(call) = task.cancel(now) {
        let ledger = &mut world.ledger;
        world.calls.change(call, |call| call.stop(now, ledger));
    }
    keep(context, task, id, 200)
}
