//! The control plane under `/_sandbox/`: for tests in any language what [`crate::Sandbox`] is in Rust.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State as AppState};
use axum::http::{HeaderValue, Response, header};
use axum::routing::{get, post};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::consent;
use crate::dispatch::{BODY_LIMIT, bytes, unreadable};
use crate::document;
use crate::faults::input::FaultInput;
use crate::journal::Kept;
use crate::links;
use crate::live;
use crate::recording;
use crate::shared::{NotRung, Shared};
use crate::wire::Answer;
use crate::world::World;
use crate::world::sent::Letter;
use crate::world::tokens::{Grant, Holder, LIFETIME};

type App = AppState<Arc<Shared>>;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/journal", get(journal).delete(clear_journal))
        .route("/reset", post(reset))
        .route("/clock", post(clock))
        .route("/faults", get(faults).post(inject).delete(clear_faults))
        .route("/coverage", get(coverage))
        .route("/calls", get(calls))
        .route("/inbound", post(ring))
        .route("/live", get(live::feed))
        .route("/tokens", post(tokens))
        .route("/seed", post(seed))
        .route("/state", get(dump).put(load))
        .route("/openapi.json", get(document::serve))
        .route(
            "/consent/{ticket}",
            get(consent::page).post(consent::decide),
        )
        .route("/links/{ticket}", get(links::page).post(links::decide))
        .route("/sent", get(sent))
        .route("/recordings/{file}", get(audio))
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        // A dumped world is as long as what happened in it.
        .layer(DefaultBodyLimit::max(BODY_LIMIT.saturating_mul(10)))
}

pub(crate) fn respond(answer: &Answer) -> Response<Body> {
    bytes(answer, false).map(Body::from)
}

fn ok(body: Value) -> Response<Body> {
    respond(&Answer::ok(body))
}

fn done() -> Response<Body> {
    respond(&Answer::empty(204))
}

fn refuse(reason: impl Into<String>) -> Response<Body> {
    respond(
        &Answer::error(400, "validation_error", "The request is not valid.").with_reason(reason),
    )
}

pub(crate) async fn nowhere() -> Response<Body> {
    respond(&Answer::error(
        404,
        "not_found",
        "The control plane has nothing at this path.",
    ))
}

async fn wrong_method() -> Response<Body> {
    respond(&Answer::error(
        405,
        "method_not_allowed",
        "The path does not take this method.",
    ))
}

/// A body; one that cannot be read is refused like everything else.
pub(crate) struct Sent(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Response<Body>;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        Bytes::from_request(request, state)
            .await
            .map(Self)
            .map_err(|rejection| respond(&unreadable(&rejection)))
    }
}

/// A body in JSON, whatever its content type says: this is a tool.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| format!("{}: {}", error.path(), error.inner()))
}

async fn journal(AppState(shared): App) -> Response<Body> {
    let kept = shared.state().journal.snapshot();
    // It can be long; meanwhile others are served.
    match tokio::task::spawn_blocking(move || write_journal(&kept)).await {
        Ok(Ok(text)) => {
            let mut response = Response::new(Body::from(text));
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            response
        }
        Ok(Err(error)) => bug(&error.to_string()),
        Err(error) => bug(&error.to_string()),
    }
}

/// One after another: parsed, they take many times the place.
fn write_journal(kept: &[Kept]) -> serde_json::Result<Vec<u8>> {
    let mut text = br#"{"requests":["#.to_vec();
    for (index, kept) in kept.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, &kept.entry())?;
    }
    text.extend_from_slice(b"]}");
    Ok(text)
}

fn bug(problem: &str) -> Response<Body> {
    respond(&Answer::error(500, "sandbox_bug", problem))
}

async fn clear_journal(AppState(shared): App) -> Response<Body> {
    shared.state().journal.clear();
    done()
}

async fn reset(AppState(shared): App) -> Response<Body> {
    shared.reset();
    done()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: f64,
}

async fn clock(AppState(shared): App, Sent(body): Sent) -> Response<Body> {
    let advance: Advance = match parse(&body) {
        Ok(advance) => advance,
        Err(problem) => return refuse(problem),
    };
    let Ok(by) = Duration::try_from_secs_f64(advance.advance_seconds) else {
        return refuse("advance_seconds: is not a length of time");
    };
    shared.advance(by);
    let now = shared.state().world.now();
    ok(json!({ "now": crate::clock::stamp(now) }))
}

async fn faults(AppState(shared): App) -> Response<Body> {
    let state = shared.state();
    let waiting: Vec<_> = state
        .faults
        .waiting()
        .iter()
        .map(FaultInput::from)
        .collect();
    drop(state);
    ok(json!({ "faults": waiting }))
}

async fn inject(AppState(shared): App, Sent(body): Sent) -> Response<Body> {
    let fault = parse::<FaultInput>(&body)
        .and_then(|input| input.fault().map_err(str::to_owned))
        .and_then(|fault| {
            fault
                .possible(shared.catalogue)
                .map(|()| fault)
                .map_err(str::to_owned)
        });
    match fault {
        Ok(fault) => {
            shared.state().faults.inject(fault);
            done()
        }
        Err(problem) => refuse(problem),
    }
}

async fn clear_faults(AppState(shared): App) -> Response<Body> {
    shared.state().faults.clear();
    done()
}

async fn coverage(AppState(shared): App) -> Response<Body> {
    ok(json!({ "operations": shared.coverage() }))
}

async fn calls(AppState(shared): App) -> Response<Body> {
    let calls: Vec<Value> = shared.with_world(|context| {
        context
            .world
            .calls
            .iter()
            .map(|call| call.dialled(context.now))
            .chain(context.world.inbound.transfers().map(|(call, to, at)| {
                json!({
                    "call_id": call.id,
                    "to": to,
                    "idempotency_key": null,
                    "dialled_at": crate::clock::stamp(at),
                    "status": TRANSFERRED,
                })
            }))
            .collect()
    });
    ok(json!({ "calls": calls }))
}

async fn sent(AppState(shared): App) -> Response<Body> {
    let sent: Vec<Value> =
        shared.with_world(|context| context.world.sent.iter().map(Letter::view).collect());
    ok(json!({ "sent": sent }))
}

/// How a number was rung that a call was transferred to.
pub(crate) const TRANSFERRED: &str = "transferred";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ringing {
    from: String,
    /// Which number of the account; the oldest where none is named.
    to: Option<String>,
    #[serde(default)]
    script: Vec<String>,
}

async fn ring(AppState(shared): App, Sent(body): Sent) -> Response<Body> {
    let ringing: Ringing = match parse(&body) {
        Ok(ringing) => ringing,
        Err(problem) => return refuse(problem),
    };
    match shared.ring(ringing.from, ringing.to.as_deref(), ringing.script) {
        Ok(id) => ok(shared.with_world(|context| {
            let call = context.world.inbound.call(&id.to_string());
            call.map_or(Value::Null, |call| call.detail(context.now))
        })),
        Err(problem @ NotRung::NoNumber) => respond(
            &Answer::error(409, "invalid_state", "Nobody can call the account.")
                .with_reason(problem.reason()),
        ),
        Err(problem) => refuse(problem.reason()),
    }
}

/// Ten years, in seconds.
const LONGEST_LIFETIME: u64 = 315_360_000;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    scopes: Option<Vec<String>>,
    expires_in: Option<u64>,
}

async fn tokens(AppState(shared): App, Sent(body): Sent) -> Response<Body> {
    let wanted: Tokens = if body.is_empty() {
        Tokens::default()
    } else {
        match parse(&body) {
            Ok(wanted) => wanted,
            Err(problem) => return refuse(problem),
        }
    };
    let known = shared.catalogue.scopes();
    let scopes = wanted.scopes.unwrap_or_else(|| known.clone());
    if scopes
        .iter()
        .any(|scope| !known.contains(&scope.replace('.', ":")))
    {
        return refuse("scopes: one of them is not in the spec");
    }
    if wanted.expires_in > Some(LONGEST_LIFETIME) {
        return refuse(format!("expires_in: is at most {LONGEST_LIFETIME}"));
    }
    let lifetime = wanted.expires_in.map_or(LIFETIME, Duration::from_secs);
    let issued = shared.with_world(|context| {
        let world = &mut *context.world;
        let grant = Grant {
            holder: Holder::Anybody,
            scopes,
            lifetime,
        };
        world.tokens.issue(&mut world.ids, grant, context.now)
    });
    ok(json!({
        "access_token": issued.access_token,
        "refresh_token": issued.refresh_token,
        "expires_in": issued.expires_in,
        "scope": issued.scopes.join(" "),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    seed: u64,
}

async fn seed(AppState(shared): App, Sent(body): Sent) -> Response<Body> {
    match parse::<Seed>(&body) {
        Ok(Seed { seed }) => {
            shared.reseed(seed);
            done()
        }
        Err(problem) => refuse(problem),
    }
}

async fn dump(AppState(shared): App) -> Response<Body> {
    match shared.dump() {
        Ok(world) => ok(world),
        Err(error) => bug(&error.to_string()),
    }
}

async fn load(AppState(shared): App, Sent(body): Sent) -> Response<Body> {
    match parse::<World>(&body) {
        Ok(world) => {
            shared.load(world);
            done()
        }
        Err(problem) => refuse(problem),
    }
}

async fn audio(AppState(shared): App, file: Result<Path<String>, PathRejection>) -> Response<Body> {
    let known = file
        .as_ref()
        .ok()
        .and_then(|Path(file)| file.strip_suffix(".mp3"))
        .is_some_and(|id| {
            shared.with_world(|context| {
                let world = &context.world;
                world.calls.get(id).is_some()
                    || world.inbound.call(id).is_some()
                    || world.inbound.voicemail(id).is_some()
            })
        });
    if known {
        recording::response()
    } else {
        nowhere().await
    }
}
