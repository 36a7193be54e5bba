//! The pages behind the links that were given out.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as AppState};
use axum::http::Response;

use crate::control::{Sent, respond};
use crate::domains::links;
use crate::shared::Shared;
use crate::wire::Answer;

/// The page; where everything is approved beforehand, what lies behind it.
pub(crate) async fn page(
    AppState(shared): AppState<Arc<Shared>>,
    ticket: Result<Path<String>, PathRejection>,
) -> Response<Body> {
    let answer = ticket.ok().and_then(|Path(ticket)| {
        shared.with_world(|context| {
            let link = context.world.links.get(&ticket)?.clone();
            match links::approval(&link).filter(|_| context.settings.auto_approve) {
                Some(decision) => links::decide(context, &ticket, decision),
                None => Some(links::form(&link).answer()),
            }
        })
    });
    shared.notify();
    respond(&answer.unwrap_or_else(unknown))
}

pub(crate) async fn decide(
    AppState(shared): AppState<Arc<Shared>>,
    ticket: Result<Path<String>, PathRejection>,
    Sent(body): Sent,
) -> Response<Body> {
    let answer = ticket.ok().and_then(|Path(ticket)| {
        shared.with_world(|context| {
            let link = context.world.links.get(&ticket)?;
            match links::form(link).decision(&body) {
                Ok(decision) => links::decide(context, &ticket, decision),
                Err(refusal) => Some(refusal),
            }
        })
    });
    shared.notify();
    respond(&answer.unwrap_or_else(unknown))
}

fn unknown() -> Answer {
    Answer::error(404, "not_found", "This link is not known, or was used.")
}
