//! Placing a call, and waiting for its end.

use kallyai_sdk::dynamic::DynamicRequest;
use kallyai_sdk::place::{MemoryPlaceLog, Place, PlaceLog};
use kallyai_sdk::types::CallRequest;
use kallyai_sdk::{Client, Error, WasSent};
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
const KEY: &str = "idempotency_key";

/// With a key or a wait it is written down on this machine before it is placed, so that another run finds it again.
pub(crate) async fn run(
    session: &Session,
    wanted: &Wanted,
    wait: Option<bool>,
    given: Option<String>,
) -> Result<Exit, Failure> {
    let client = session.client()?;
    let is_own_key = given.is_some();
    let written = is_own_key || wait.unwrap_or_else(|| session.output.is_watched());
    let key = given.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let mut arguments = wanted.arguments.clone();
    arguments.insert(KEY.to_owned(), key.as_str().into());
    let request = request::checked(&client, wanted, arguments)?;
    if session.options.dry_run {
        return dry_run::show(session, &request.preview().await?);
    }
    let operation = request.info();
    consent::ask(session, &Planned::of(wanted, operation)).await?;
    // From here on it may ring.
    let caught = interrupt::caught().await;
    if written {
        let place = place(&client, wanted, &key)?;
        let placed = logged(session, place, is_own_key)?.await?;
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
    let answer = answer?;
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

/// With a log where another run of the command can find it. A key of one's own needs it: without the log nobody knows
/// whether that call was placed before.
fn logged(session: &Session, place: Place, is_own_key: bool) -> Result<Place, Failure> {
    let log = Settings::place_log();
    if is_own_key {
        return log.map(|log| place.log(log)).ok_or_else(|| {
            Failure::other(
                "call_log",
                "there is no place for the log of placed calls: nothing was sent",
                "without --idempotency-key the call is placed all the same",
            )
        });
    }
    if let Some(log) = log.filter(|log| log.entries().is_ok()) {
        return Ok(place.log(log));
    }
    session.output.warning(
        "the call cannot be written down: there is no place for its log, or it cannot be used",
    );
    Ok(place.log(MemoryPlaceLog::new()))
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
