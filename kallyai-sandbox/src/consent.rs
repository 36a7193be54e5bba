//! The page that asks whether a program may sign in.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as AppState};
use axum::http::Response;

use crate::control::{Sent, respond};
use crate::domains;
use crate::form::Form;
use crate::shared::Shared;
use crate::wire::Answer;

const FORM: Form = Form {
    title: "Sign in to the KallyAI sandbox",
    text: "A program on this machine asks for access. There is no account behind it, and nothing is called.",
    buttons: &[("approve", "Approve"), ("refuse", "Refuse")],
};

pub(crate) async fn page(
    AppState(shared): AppState<Arc<Shared>>,
    ticket: Result<Path<String>, PathRejection>,
) -> Response<Body> {
    let known = ticket.is_ok_and(|Path(ticket)| shared.state().world.sign_ins.is_pending(&ticket));
    if !known {
        return unknown();
    }
    respond(&FORM.answer())
}

pub(crate) async fn decide(
    AppState(shared): AppState<Arc<Shared>>,
    ticket: Result<Path<String>, PathRejection>,
    Sent(body): Sent,
) -> Response<Body> {
    let Ok(Path(ticket)) = ticket else {
        return unknown();
    };
    let approved = match FORM.decision(&body) {
        Ok(decision) => decision == "approve",
        Err(refusal) => return respond(&refusal),
    };
    match shared.with_world(|context| domains::decide(context, &ticket, approved)) {
        Some(answer) => respond(&answer.with_header("referrer-policy", "no-referrer")),
        None => unknown(),
    }
}

fn unknown() -> Response<Body> {
    respond(&Answer::error(
        404,
        "not_found",
        "This sign-in is not known, or was decided.",
    ))
}
