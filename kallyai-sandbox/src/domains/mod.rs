//! The operations that have state behind them, one file a domain. All handlers have one signature and
//! are found by the id of their operation; what has none here answers with an example.

mod actions;
mod auth;
mod billing;
mod budget;
mod calls;
mod channels;
mod charge;
mod coordination;
mod credits;
mod email;
mod inbound;
pub(crate) mod links;
mod messages;
mod notifications;
mod outreach;
mod phone;
mod referrals;
mod refusals;
mod search;
mod subscription;
mod users;

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::builder::Settings;
use crate::catalogue::Catalogue;
use crate::check::Violation;
use crate::request::Request;
use crate::wire::Answer;
use crate::world::World;

pub(crate) use auth::decide;

/// What a handler works with.
pub(crate) struct Context<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) settings: &'a Settings,
    pub(crate) catalogue: &'static Catalogue,
    pub(crate) base_url: &'a str,
    pub(crate) now: DateTime<Utc>,
}

impl Context<'_> {
    /// A published error.
    pub(crate) fn error(&self, code: &str) -> Answer {
        Answer::published(self.catalogue, code)
    }
}

/// The answer, or what to look for until there is one.
pub(crate) enum Reply {
    Now(Answer),
    Later(Later),
}

/// Asked after every change of the world and of its clock.
pub(crate) type Later = Box<dyn Fn(&Context<'_>) -> Option<Answer> + Send + Sync>;

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Now(answer)
    }
}

/// How much of an operation's behaviour is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fidelity {
    /// It keeps state and answers as the references show.
    Documented,
    /// It keeps state, and no reference shows how it answers.
    Assumed,
    /// It keeps no state: a valid example.
    Example,
}

/// Does the work of a valid request.
pub(crate) type Run = fn(&mut Context<'_>, &Request) -> Reply;

/// Finds the published code of an invalid request, where it has one.
pub(crate) type Refine = fn(&Context<'_>, &Request, &Violation) -> Option<Answer>;

/// One operation with state behind it.
pub(crate) struct Handler {
    id: &'static str,
    pub(crate) fidelity: Fidelity,
    pub(crate) run: Run,
    pub(crate) refine: Option<Refine>,
}

impl Handler {
    const fn new(id: &'static str, fidelity: Fidelity, run: Run) -> Self {
        Self {
            id,
            fidelity,
            run,
            refine: None,
        }
    }
}

const DOMAINS: &[&[Handler]] = &[
    actions::bookings::HANDLERS,
    actions::calendar::HANDLERS,
    actions::log::HANDLERS,
    actions::outbox::HANDLERS,
    actions::tasks::HANDLERS,
    auth::HANDLERS,
    billing::HANDLERS,
    budget::HANDLERS,
    calls::HANDLERS,
    channels::HANDLERS,
    coordination::HANDLERS,
    credits::HANDLERS,
    email::HANDLERS,
    inbound::calls::HANDLERS,
    inbound::events::HANDLERS,
    inbound::people::HANDLERS,
    inbound::rules::HANDLERS,
    messages::HANDLERS,
    notifications::HANDLERS,
    outreach::HANDLERS,
    phone::HANDLERS,
    referrals::HANDLERS,
    search::HANDLERS,
    subscription::HANDLERS,
    users::HANDLERS,
];

/// The handler of an operation.
pub(crate) fn handler(operation_id: &str) -> Option<&'static Handler> {
    static BY_ID: LazyLock<HashMap<&str, &Handler>> = LazyLock::new(|| {
        let handlers = DOMAINS.iter().copied().flatten();
        handlers.map(|handler| (handler.id, handler)).collect()
    });
    BY_ID.get(operation_id).copied()
}

/// What is not there: codes for it are not published.
fn unknown(what: &str) -> Reply {
    Answer::error(
        404,
        &format!("{}_not_found", what.replace(' ', "_")),
        &format!("No such {what}."),
    )
    .into()
}

/// What the spec allows and the sandbox cannot do.
fn not_valid(reason: impl Into<String>) -> Answer {
    Answer::error(400, "validation_error", "The request is not valid.").with_reason(reason)
}

fn invalid(reason: impl Into<String>) -> Reply {
    not_valid(reason).into()
}

/// It is not in the state for that: codes for it are not published.
fn wrong_state(message: &str, status: &str) -> Reply {
    Answer::error(409, "invalid_state", message)
        .with_reason(format!("the status is {status}"))
        .into()
}

fn deleted(gone: bool, what: &str, request: &Request) -> Reply {
    if !gone {
        return unknown(what);
    }
    let id = request.path(&format!("{what}_id"));
    Answer::ok(json!({ "id": id, "status": "deleted", "success": true })).into()
}

fn changed(view: Option<Value>, what: &str) -> Reply {
    view.map_or_else(|| unknown(what), |view| Answer::ok(view).into())
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::catalogue::catalogue;

    #[test]
    fn every_handler_belongs_to_an_operation() {
        let catalogue = catalogue().expect("the spec is embedded");
        for handler in DOMAINS.iter().copied().flatten() {
            assert!(
                catalogue.operation(handler.id).is_some(),
                "{} is not in the spec",
                handler.id
            );
        }
    }
}
