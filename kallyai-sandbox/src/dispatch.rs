//! The way of a request: routing, faults, sign-in, checks, the handler, checks again, and out.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, State as AppState};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;

use crate::appointment;
use crate::catalogue::{Operation, Route};
use crate::clock::Clock;
use crate::domains::{Handler, Later, Reply, handler};
use crate::events;
use crate::example;
use crate::faults::trickle::Trickle;
use crate::faults::{FaultKind, Hit, shape};
use crate::ids;
use crate::journal::Ticket;
use crate::line::Reset;
use crate::request::{Request, bearer, is_poll};
use crate::shared::Shared;
use crate::wire::{Answer, Content};
use crate::world::calls::step;
use crate::world::tokens::Worth;

/// A longer body is refused.
pub(crate) const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Answers a request for the API.
pub(crate) async fn serve(
    AppState(shared): AppState<Arc<Shared>>,
    ConnectInfo(reset): ConnectInfo<Reset>,
    parts: Parts,
    body: Result<Bytes, BytesRejection>,
) -> Response<Body> {
    let route = shared.catalogue.route(&parts.method, parts.uri.path());
    let (operation, path) = match route {
        Route::Operation { operation, path } => (Ok(operation), path),
        Route::WrongMethod(allowed) => (Err(wrong_method(allowed)), Vec::new()),
        Route::Strange(operation) => (Err(strange(operation)), Vec::new()),
        Route::Nowhere => (Err(nowhere()), Vec::new()),
    };
    let ticket = shared.state().journal.open(
        operation.as_ref().ok().copied(),
        &parts.method,
        &parts.uri,
        &parts.headers,
        body.as_deref().ok(),
    );
    shared.show();
    let (answer, hit, operation) = match operation {
        Ok(operation) => {
            let hit = draw(&shared, operation);
            let Some(answer) = perform(&shared, operation, path, &parts, body, &hit).await else {
                return vanish(&reset);
            };
            (answer, hit, Some(operation))
        }
        Err(answer) => (answer, Hit::default(), None),
    };
    let answer = answer.with_correlation_id(|| ids::uuid("correlation", 0, ticket.seq).to_string());
    if is_poll(&parts.method) && shared.settings.clock == Clock::PerPoll {
        shared.advance(step(shared.settings.call_life));
    }
    tracing::info!(
        operation_id = operation.map(Operation::id),
        method = %parts.method,
        status = answer.status.as_u16(),
        "answered"
    );
    send(&shared, operation, &hit, answer, ticket, &reset)
}

/// The answer to a body that is too long, or broken on its way.
pub(crate) fn unreadable(rejection: &BytesRejection) -> Answer {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Answer::error(413, "payload_too_large", "The body is too long.")
    } else {
        Answer::error(400, "validation_error", "The request is not valid.")
            .with_reason("body: did not come whole")
    }
}

fn nowhere() -> Answer {
    Answer::error(404, "not_found", "There is nothing at this path.")
}

/// What is to be looked up cannot be there, or is not valid: as the operation has it.
fn strange(operation: &Operation) -> Answer {
    if operation.has_status("404") {
        nowhere()
    } else {
        invalid(operation, "path: holds what no path can hold")
    }
}

fn wrong_method(allowed: String) -> Answer {
    Answer::error(
        405,
        "method_not_allowed",
        "The path does not take this method.",
    )
    .with_header("allow", allowed)
}

/// Counts the request, and decides what goes wrong with it.
fn draw(shared: &Shared, operation: &Operation) -> Hit {
    let mut state = shared.state();
    if let Some(hits) = state.hits.get_mut(operation.index) {
        *hits = hits.saturating_add(1);
    }
    let seed = state.seed;
    state.faults.draw(operation.id(), seed)
}

/// Does the work, unless a fault is there first. No answer: the connection is to be reset.
async fn perform(
    shared: &Shared,
    operation: &'static Operation,
    path: Vec<(String, String)>,
    parts: &Parts,
    body: Result<Bytes, BytesRejection>,
    hit: &Hit,
) -> Option<Answer> {
    if hit.latency > Duration::ZERO {
        tokio::time::sleep(hit.latency).await;
    }
    let catalogue = shared.catalogue;
    match &hit.fault {
        Some(FaultKind::ResetBefore) => return None,
        Some(FaultKind::RateLimit { retry_after }) => {
            let answer = Answer::published(catalogue, "rate_limited");
            return Some(match retry_after {
                Some(value) => answer.with_header("retry-after", value),
                None => answer,
            });
        }
        Some(FaultKind::Published { code }) => return Some(Answer::published(catalogue, code)),
        Some(FaultKind::ServerError { status }) => {
            return Some(Answer::error(
                *status,
                "internal_error",
                "Something went wrong on purpose.",
            ));
        }
        _ => {}
    }
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return Some(unreadable(&rejection)),
    };
    if let Err(refusal) = admit(shared, operation, &parts.headers) {
        return Some(refusal);
    }
    let answer = work(shared, operation, path, parts, &body).await;
    Some(verify(shared, operation, answer))
}

/// Lets in whoever has a token with the scopes.
fn admit(shared: &Shared, operation: &Operation, headers: &HeaderMap) -> Result<(), Answer> {
    if operation.entry.public {
        return Ok(());
    }
    let refuse = |code: &str, challenge: &str| {
        Answer::published(shared.catalogue, code).with_header("www-authenticate", challenge)
    };
    let Some(token) = bearer(headers) else {
        return Err(refuse("missing_token", "Bearer"));
    };
    let unknown = || refuse("token_expired", "Bearer error=\"invalid_token\"");
    shared.with_world(
        |context| match context.world.tokens.worth(token, context.now) {
            Worth::Unknown => Err(unknown().with_reason("the token is not known here")),
            Worth::Expired => Err(unknown()),
            Worth::Scopes(scopes) => {
                let wanted = operation.entry.scopes.iter();
                match wanted
                    .copied()
                    .find(|wanted| !scopes.iter().any(|scope| scope == wanted))
                {
                    None => Ok(()),
                    Some(missing) => {
                        Err(refuse("forbidden", "Bearer error=\"insufficient_scope\"")
                            .with_reason(missing))
                    }
                }
            }
        },
    )
}

async fn work(
    shared: &Shared,
    operation: &'static Operation,
    path: Vec<(String, String)>,
    parts: &Parts,
    body: &[u8],
) -> Answer {
    let catalogue = shared.catalogue;
    let request =
        match Request::decode(catalogue, operation, path, &parts.uri, &parts.headers, body) {
            Ok(request) => request,
            Err(violation) => return invalid(operation, &violation.to_string()),
        };
    let handler = handler(operation.id());
    if let Err(violation) = request.check(catalogue) {
        return handler
            .and_then(|handler| handler.refine)
            .and_then(|refine| shared.with_world(|context| refine(context, &request, &violation)))
            .map_or_else(
                || invalid(operation, &violation.to_string()),
                |answer| answer.with_reason(violation.to_string()),
            );
    }
    if let Some(schema) = request.appointment(catalogue)
        && shared.with_world(|context| appointment::is_past(schema, &request.body, context.now))
    {
        return Answer::published(catalogue, "scheduling_violation")
            .with_reason("the appointment is past");
    }
    if let Some(handler) = handler {
        return handle(shared, handler, &request).await;
    }
    example::answer(catalogue, operation)
}

/// The documented error of an invalid request: 400, or 422 where there is no 400.
fn invalid(operation: &Operation, reason: &str) -> Answer {
    let status = if !operation.has_status("400") && operation.has_status("422") {
        422
    } else {
        400
    };
    Answer::error(status, "validation_error", "The request is not valid.").with_reason(reason)
}

async fn handle(shared: &Shared, handler: &Handler, request: &Request) -> Answer {
    let changes = shared.changes();
    let reply = shared.with_world(|context| (handler.run)(context, request));
    // What others wait for may have happened in there.
    shared.notify();
    match reply {
        Reply::Now(answer) => answer,
        Reply::Later(later) => wait(shared, changes, &later).await,
    }
}

/// Waits for the world. Nothing depends on this future: when the client is gone, the world goes on.
async fn wait(
    shared: &Shared,
    mut changes: tokio::sync::watch::Receiver<()>,
    later: &Later,
) -> Answer {
    loop {
        changes.mark_unchanged();
        let (answer, pause) =
            shared.with_world(|context| (later(context), shared.until_next(context.world)));
        if let Some(answer) = answer {
            return answer;
        }
        let notice = async {
            // The sender lives as long as the world.
            let _ = changes.changed().await;
        };
        match pause {
            None => notice.await,
            Some(pause) => {
                if tokio::time::timeout(pause, notice).await.is_err() {
                    shared.pass(pause);
                }
            }
        }
    }
}

/// An answer that does not fit the spec is a mistake of the sandbox, and must not pass for one of the
/// service.
fn verify(shared: &Shared, operation: &Operation, answer: Answer) -> Answer {
    let checked = operation
        .checks(shared.catalogue)
        .map_err(|problem| problem.clone())
        .and_then(|checks| checks.answer(&answer).map_err(|bad| bad.to_string()));
    match checked {
        Ok(()) => answer,
        Err(problem) => {
            tracing::error!(
                operation_id = operation.id(),
                problem,
                "a bug in the sandbox"
            );
            Answer::error(
                500,
                "sandbox_bug",
                "The sandbox was about to answer what the spec does not allow.",
            )
            .with_reason(problem)
        }
    }
}

/// Bends the answer as the faults ask for, and puts it on the wire.
fn send(
    shared: &Arc<Shared>,
    operation: Option<&'static Operation>,
    hit: &Hit,
    mut answer: Answer,
    ticket: Ticket,
    reset: &Reset,
) -> Response<Body> {
    let catalogue = shared.catalogue;
    if let Content::Events(after) = answer.content {
        // What bends a document has no document here; the rest breaks the stream itself.
        if !matches!(
            hit.fault,
            None | Some(FaultKind::ResetAfter | FaultKind::CutBody)
        ) {
            shared.state().faults.give_back(hit);
        }
        shared.state().journal.close(ticket, answer.status.as_u16());
        return events::response(shared, after, hit, reset);
    }
    if let Some(operation) = operation {
        let bent = match &hit.fault {
            Some(FaultKind::ResetAfter) => return vanish(reset),
            Some(FaultKind::UnknownEnum) => shape::unknown_enum(catalogue, operation, &mut answer),
            Some(FaultKind::UnknownField) => {
                shape::unknown_field(catalogue, operation, &mut answer)
            }
            Some(FaultKind::StringNumbers) => shape::string_numbers(&mut answer),
            Some(FaultKind::AlternateShape) => {
                let quota = shared.with_world(|context| {
                    let plan = context.world.subscription.plan_type();
                    context.world.ledger.quota(plan, UPGRADE_URL)
                });
                shape::alternate(catalogue, operation, quota, &mut answer)
            }
            Some(FaultKind::BrokenJson) => matches!(answer.content, Content::Json(_)),
            _ => true,
        };
        if !bent {
            shared.state().faults.give_back(hit);
        }
    }
    shared.state().journal.close(ticket, answer.status.as_u16());
    let cut = hit.fault == Some(FaultKind::CutBody);
    let broken = hit.fault == Some(FaultKind::BrokenJson);
    let mut response = bytes(&answer, broken);
    if cut && response.body().is_empty() {
        return vanish(reset);
    }
    // A body in pieces would have no length by itself.
    if !response.body().is_empty() {
        let length = HeaderValue::from(response.body().len());
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length);
    }
    response.map(|body| match (cut, hit.slow_body) {
        (true, pause) => Body::from_stream(Trickle::cut(&body, pause)),
        (false, Some(pause)) => Body::from_stream(Trickle::slow(&body, pause)),
        (false, None) => Body::from(body),
    })
}

const UPGRADE_URL: &str = "https://kallyai.com/pricing";

/// The bytes of an answer.
pub(crate) fn bytes(answer: &Answer, broken: bool) -> Response<Bytes> {
    let body = match &answer.content {
        Content::Empty | Content::Events(_) => Bytes::new(),
        Content::Json(body) => {
            // There is nothing in a value that could not be written.
            let mut text = serde_json::to_vec(body).unwrap_or_default();
            if broken {
                text.truncate(text.len() / 2);
            }
            Bytes::from(text)
        }
        Content::Text { text, .. } => Bytes::from(text.clone().into_bytes()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(content_type) = answer.content.content_type()
        && let Ok(value) = HeaderValue::from_str(content_type)
    {
        headers.insert(header::CONTENT_TYPE, value);
    }
    for (name, value) in &answer.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(*name, value);
        }
    }
    response
}

/// Resets the connection; what is returned is never written.
fn vanish(reset: &Reset) -> Response<Body> {
    reset.now();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
