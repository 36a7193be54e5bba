//! The page that asks the user. Nothing of the request stands in it: what was asked is kept in the
//! world, under the ticket in the path.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as AppState};
use axum::http::Response;
use url::form_urlencoded;

use crate::control::{Sent, respond};
use crate::domains;
use crate::shared::Shared;
use crate::wire::Answer;

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>KallyAI sandbox</title>
<h1>Sign in to the KallyAI sandbox</h1>
<p>A program on this machine asks for access. There is no account behind it, and nothing is called.</p>
<form method="post">
<button name="decision" value="approve">Approve</button>
<button name="decision" value="refuse">Refuse</button>
</form>
</html>
"#;

pub(crate) async fn page(
    AppState(shared): AppState<Arc<Shared>>,
    ticket: Result<Path<String>, PathRejection>,
) -> Response<Body> {
    let known = ticket.is_ok_and(|Path(ticket)| shared.state().world.sign_ins.is_pending(&ticket));
    if !known {
        return unknown();
    }
    let answer = Answer::text("text/html; charset=utf-8", PAGE)
        // The form leads to a redirect to another origin, so form-action has no place here.
        .with_header(
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        )
        // With no-referrer the form would say that it comes from nowhere, like one from elsewhere.
        .with_header("referrer-policy", "same-origin");
    respond(&answer)
}

pub(crate) async fn decide(
    AppState(shared): AppState<Arc<Shared>>,
    ticket: Result<Path<String>, PathRejection>,
    Sent(body): Sent,
) -> Response<Body> {
    let Ok(Path(ticket)) = ticket else {
        return unknown();
    };
    let decision = form_urlencoded::parse(&body)
        .find_map(|(name, value)| (name == "decision").then(|| value.into_owned()));
    let approved = match decision.as_deref() {
        Some("approve") => true,
        Some("refuse") => false,
        _ => {
            return respond(
                &Answer::error(400, "validation_error", "The request is not valid.")
                    .with_reason("decision: is approve or refuse"),
            );
        }
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
