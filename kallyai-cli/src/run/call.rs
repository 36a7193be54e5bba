//! Placing a call, and waiting for its end.

use kallyai_sdk::place::{MemoryPlaceLog, PlaceLog, PlacedCall};
use kallyai_sdk::types::CallRequest;
use kallyai_sdk::{Client, Error, WasSent};
use serde_json::{Map, Value};

use super::consent::{self, Planned};
use super::request::{hints, print};
use super::watch::{self, Watching};
use super::{Failure, Session, dry_run, interrupt};
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
    // From here on it may ring.
    let caught = interrupt::caught().await;
    if !wait.unwrap_or_else(|| session.output.is_watched()) {
        let spinner = session.output.spinner("calling");
        let answer = tokio::select! {
            biased;
            () = caught => {
                spinner.finish();
                return Err(interrupted(None, None));
            }
            answer = request => answer,
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
    let watching = Watching::new(session, &client, caught);
    let call = watch::placed_call(watching, &placed).await?;
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

/// Ctrl-C does not hang up. `key`: the key under which the call is written down here.
pub(super) fn interrupted(id: Option<&str>, key: Option<&str>) -> Failure {
    let known = [("key", key), ("id", id)];
    let known = known.map(|(name, value)| value.map(|value| format!("{name} {value}")));
    let known: Vec<String> = known.into_iter().flatten().collect();
    let known = match known.join(", ") {
        known if known.is_empty() => known,
        known => format!(" ({known})"),
    };
    let shown = ErrorShown::new(
        "interrupted",
        format!("interrupted: the call may go on{known}"),
    );
    let find = match id.or(key) {
        Some(name) => format!("kallyai calls watch {name}"),
        None => "kallyai calls list".to_owned(),
    };
    let stop = id.unwrap_or("ID");
    let hint = format!("`{find}` finds it again; `kallyai calls stop {stop}` hangs up");
    Failure::Shown(Box::new(shown.with_hint(hint)), Exit::Interrupted)
}

/// With the key by which it can be found again, where that may be needed.
pub(super) fn lost(error: &Error, key: &str) -> Failure {
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
