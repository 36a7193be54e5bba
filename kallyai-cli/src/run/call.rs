//! Placing a call, and waiting for its end.

use kallyai_sdk::dynamic::DynamicRequest;
use kallyai_sdk::place::{FilePlaceLog, MemoryPlaceLog, Place, PlaceLog, PlacedCall};
use kallyai_sdk::types::CallRequest;
use kallyai_sdk::{Client, Error};
use serde_json::Value;

use super::consent::{self, Planned};
use super::interrupt::{self, Interrupted};
use super::request::{self, hints, print};
use super::watch::{self, Watching};
use super::{Failure, Session, dry_run};
use crate::output::{ErrorShown, Exit};
use crate::setup::Settings;
use crate::surface::Wanted;

/// The argument that is a header.
pub(super) const KEY: &str = "idempotency_key";

/// What to do about a call of which nothing was written down here.
pub(super) const MAY_RING: &str =
    "it may have been dialled: look with `kallyai calls history` before you call again";

/// With a key or a wait it is written down on this machine before it is placed, so that another run finds it again.
pub(crate) async fn run(
    session: &Session,
    wanted: &Wanted,
    wait: Option<bool>,
    given: Option<String>,
) -> Result<Exit, Failure> {
    let client = session.client()?;
    let has_key = given.is_some();
    let written = has_key || wait.unwrap_or_else(|| session.output.is_watched());
    let key = given.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let mut arguments = wanted.arguments.clone();
    arguments.insert(KEY.to_owned(), key.as_str().into());
    let request = request::checked(&client, wanted, arguments)?;
    if session.options.dry_run {
        return dry_run::show(session, &request.preview().await?);
    }
    let operation = request.info();
    let log = if written { usable_log(has_key)? } else { None };
    consent::ask(session, &Planned::of(wanted, operation)).await?;
    // From here on it may ring.
    let caught = interrupt::caught().await;
    if written {
        let place = place(&client, wanted, &key)?;
        let placed = logged(session, place, log).await?;
        let watching = Watching::new(session, &client, caught);
        let call = watch::placed_call(watching, &placed).await?;
        let body = serde_json::to_vec(&call).unwrap_or_default();
        let hints = hints(operation, wanted.command.columns);
        let printed = session.output.answer(&hints, &body);
        shown(printed.map_err(Failure::from), Some(&call.call_id))?;
        Ok(ended(session, Some(call.status.as_str())))
    } else {
        first_answer(session, wanted, request, caught).await
    }
}

/// Places it, and ends with what the service answers.
async fn first_answer(
    session: &Session,
    wanted: &Wanted,
    request: DynamicRequest,
    caught: Interrupted,
) -> Result<Exit, Failure> {
    let operation = request.info();
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
    let answer = answer.map_err(|error| lost(&error, None))?;
    let call: Option<Value> = answer.value.json().ok();
    let field = |name| call.as_ref().and_then(|call| call.get(name)?.as_str());
    let printed = print(session, operation, wanted.command.columns, &answer);
    shown(printed, field("call_id"))?;
    Ok(ended(session, field("status")))
}

/// A call that cannot be printed was placed all the same; and where the reader has gone, its end is still told.
fn shown(printed: Result<(), Failure>, id: Option<&str>) -> Result<(), Failure> {
    match printed {
        Err(Failure::Unprinted(why)) if why.is_unread() => Ok(()),
        Err(Failure::Unprinted(why)) => {
            let message = format!("the call was placed, but {why}");
            let show = match id {
                Some(id) => format!("`kallyai calls info {id}` shows it"),
                None => "`kallyai calls history` shows it".to_owned(),
            };
            Err(Failure::other("output", message, show))
        }
        printed => printed,
    }
}

/// The call, of which nothing is sent yet.
fn place(client: &Client, wanted: &Wanted, key: &str) -> Result<Place, Failure> {
    let call: CallRequest = serde_json::from_value(Value::Object(wanted.arguments.clone()))
        .map_err(|_| Failure::usage("the call is not complete", "see kallyai calls make --help"))?;
    Ok(client.calls().place(call).idempotency_key(key))
}

/// The log in which another run of the command can find the call. A key of one's own needs it: without the log nobody
/// knows whether that call was placed before.
fn usable_log(has_key: bool) -> Result<Option<FilePlaceLog>, Failure> {
    let Some(log) = Settings::place_log() else {
        return if has_key {
            Err(Failure::other(
                "call_log",
                "there is no place to write the call down: its key could not keep it from being placed twice",
                "set XDG_STATE_HOME to a directory that can be written, or leave --idempotency-key out",
            ))
        } else {
            Ok(None)
        };
    };
    match log.entries() {
        Ok(_) => Ok(Some(log)),
        Err(error) if has_key => Err(Error::from(error).into()),
        Err(_) => Ok(None),
    }
}

/// Places it, written down where that can be.
async fn logged(
    session: &Session,
    place: Place,
    log: Option<FilePlaceLog>,
) -> Result<PlacedCall, Failure> {
    let place = if let Some(log) = log {
        place.log(log)
    } else {
        session.output.warning(
            "the call cannot be written down: there is no place for its log, or it cannot be used",
        );
        place.log(MemoryPlaceLog::new())
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
        None => "kallyai calls history".to_owned(),
    };
    let stop = id.unwrap_or("ID");
    let hint = format!("`{find}` finds it again; `kallyai calls stop {stop}` hangs up");
    Failure::Shown(Box::new(shown.with_hint(hint)), Exit::Interrupted)
}

/// With what finds it again, where that may be needed. `key`: the key under which the call is written down here.
pub(super) fn lost(error: &Error, key: Option<&str>) -> Failure {
    let mut shown = ErrorShown::from(error);
    let is_unknown = error.is_outcome_unknown();
    match key {
        Some(key) if is_unknown => {
            shown.message = format!("{} (key {key})", shown.message);
            shown.hint = Some(format!(
                "it may have been dialled: look with `kallyai calls watch {key}` before you call again"
            ));
        }
        None if is_unknown => shown.hint = Some(MAY_RING.to_owned()),
        _ => {}
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
