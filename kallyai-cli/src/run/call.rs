//! Placing a call, and waiting for its end.

use std::future::poll_fn;
use std::pin::Pin;

use futures_core::Stream as _;
use kallyai_sdk::place::{MemoryPlaceLog, PlaceLog, PlacedCall, Sighting};
use kallyai_sdk::types::{Call, CallRequest};
use kallyai_sdk::{Client, Error, WasSent};
use serde_json::{Map, Value};

use super::consent::{self, Planned};
use super::request::{hints, print};
use super::{Failure, Session, dry_run};
use crate::output::{ErrorShown, Exit};
use crate::setup::Settings;
use crate::surface::Wanted;

/// The argument that is a header.
const KEY: &str = "idempotency_key";

pub(crate) async fn run(
    session: &Session,
    wanted: &Wanted,
    wait: Option<bool>,
) -> Result<Exit, Failure> {
    let client = session.client()?;
    let mut arguments = wanted.arguments.clone();
    let key = key(&mut arguments);
    let mut whole = arguments.clone();
    whole.insert(KEY.to_owned(), key.as_str().into());
    let request = client.operation(wanted.command.operation, Value::Object(whole))?;
    request.check()?;
    if session.options.dry_run {
        return dry_run::show(session, &request.preview().await?);
    }
    let operation = request.info();
    consent::ask(session, &Planned::of(wanted, operation)).await?;
    if !wait.unwrap_or_else(|| session.output.is_watched()) {
        let spinner = session.output.spinner("calling");
        let answer = tokio::select! {
            answer = request => answer,
            _ = tokio::signal::ctrl_c() => return Err(interrupted(None, &key)),
        };
        spinner.finish();
        let answer = answer?;
        print(session, operation, wanted.command.columns, &answer)?;
        let status: Option<Value> = answer.value.json().ok();
        let status = status
            .as_ref()
            .and_then(|call| call.get("status")?.as_str());
        return Ok(ended(session, status));
    }
    let call: CallRequest = serde_json::from_value(Value::Object(arguments))
        .map_err(|_| Failure::usage("the call is not complete", "see kallyai calls make --help"))?;
    let placed = place(session, &client, call, &key).await?;
    let call = follow(session, &placed, &key).await?;
    let body = serde_json::to_vec(&call).unwrap_or_default();
    session
        .output
        .answer(&hints(operation, wanted.command.columns), &body)?;
    Ok(ended(session, Some(call.status.as_str())))
}

/// The key that was given, or a new one.
fn key(arguments: &mut Map<String, Value>) -> String {
    match arguments.remove(KEY) {
        Some(Value::String(key)) => key,
        _ => uuid::Uuid::new_v4().to_string(),
    }
}

/// Places it, and writes it down where another run of the command can find it.
async fn place(
    session: &Session,
    client: &Client,
    call: CallRequest,
    key: &str,
) -> Result<PlacedCall, Failure> {
    let place = client.calls().place(call).idempotency_key(key);
    let log = Settings::place_log().filter(|log| log.entries().is_ok());
    let place = match log {
        Some(log) => place.log(log),
        None => {
            session
                .output
                .warning("the call cannot be written down: there is no place for its log");
            place.log(MemoryPlaceLog::new())
        }
    };
    Ok(place.await?)
}

/// Shows what becomes of a call until it is over.
pub(super) async fn follow(
    session: &Session,
    placed: &PlacedCall,
    key: &str,
) -> Result<Call, Failure> {
    let spinner = session.output.spinner("calling");
    let mut states = Box::pin(placed.states());
    loop {
        let next = poll_fn(|context| Pin::new(&mut states).poll_next(context));
        let state = tokio::select! {
            state = next => state,
            _ = tokio::signal::ctrl_c() => {
                spinner.finish();
                return Err(interrupted(placed.call_id().as_deref(), key));
            }
        };
        match state {
            Some(Ok(Sighting::Call(call))) => spinner.set_state(call.status.as_str()),
            Some(Ok(Sighting::IdUnknown)) => {}
            // What it failed with is the outcome.
            Some(Err(_)) => {}
            None => break,
        }
    }
    spinner.finish();
    placed.outcome().await.map_err(|error| lost(&error, key))
}

/// Ctrl-C does not hang up.
fn interrupted(id: Option<&str>, key: &str) -> Failure {
    let known = id.map(|id| format!(", id {id}")).unwrap_or_default();
    let shown = ErrorShown::new(
        "interrupted",
        format!("interrupted: the call may go on (key {key}{known})"),
    );
    let find = match id {
        Some(id) => format!("kallyai calls watch {id}"),
        None => format!("kallyai calls watch {key}"),
    };
    let hint = format!("`{find}` finds it again; `kallyai calls stop ID` hangs up");
    Failure::Shown(Box::new(shown.with_hint(hint)), Exit::Interrupted)
}

/// With the key by which it can be found again, where that may be needed.
fn lost(error: &Error, key: &str) -> Failure {
    let mut shown = ErrorShown::from(error);
    if error.was_sent() == WasSent::Maybe {
        shown.message = format!("{} (key {key})", shown.message);
        shown.hint = Some(format!(
            "it may have been dialled: look with `kallyai calls watch {key}` before you call again"
        ));
    }
    Failure::Shown(Box::new(shown), Exit::from(error))
}

/// How the command ends with a call of this status.
pub(super) fn ended(session: &Session, status: Option<&str>) -> Exit {
    let status = status.unwrap_or("");
    Exit::of_call(status).unwrap_or_else(|| {
        session
            .output
            .warning("the status of the call is not one that is known");
        Exit::Done
    })
}
