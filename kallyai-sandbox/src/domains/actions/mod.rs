//! What the assistant does: calendar, bookings, bills and tasks, the outbox, and the log of it all.

pub(super) mod bookings;
pub(super) mod calendar;
pub(super) mod log;
pub(super) mod outbox;
pub(super) mod tasks;

use super::{Context, Reply};
use crate::request::Request;

/// Nothing can be arranged for then.
fn unschedulable(context: &Context<'_>, reason: &str) -> Reply {
    context
        .error("scheduling_violation")
        .with_reason(reason)
        .into()
}

const PAST: &str = "it is past everywhere";

fn owned(request: &Request, field: &str) -> Option<String> {
    request.field(field).map(str::to_owned)
}

/// A number of people; whoever says too many means very many.
fn people(request: &Request, field: &str) -> Option<u32> {
    let count = request.body.get(field)?.as_u64();
    Some(count.map_or(u32::MAX, |count| u32::try_from(count).unwrap_or(u32::MAX)))
}
