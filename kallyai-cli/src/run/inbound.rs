//! Inbound events as they come, until Ctrl-C.

use kallyai_sdk::{Error, ServerEvent};
use serde_json::{Value, json};

use super::{Failure, Session, dry_run, interrupt};
use crate::output::{ErrorShown, Exit, Format, Hints};

/// The fields that an event is recognised by, where it has them. No source names any.
const COLUMNS: &[&str] = &["created_at", "type", "caller_number", "status", "call_id"];

pub(crate) async fn watch(session: &Session) -> Result<Exit, Failure> {
    dry_run::refuse(session)?;
    let client = session.client()?;
    let mut interrupted = interrupt::caught().await;
    let mut events = client.inbound().events().stream();
    let spinner = session.output.spinner("listening");
    // The last failure: one after which nothing comes is the end.
    let mut failed: Option<Error> = None;
    loop {
        let event = tokio::select! {
            biased;
            () = &mut interrupted => return Ok(Exit::Interrupted),
            event = events.next() => event,
        };
        let before = failed.take();
        match event {
            Some(Ok(event)) => {
                let mut printed = Ok(());
                spinner.above(|| {
                    if let Some(error) = before {
                        warn(session, &error);
                    }
                    printed = print(session, &event);
                });
                printed?;
            }
            Some(Err(error)) => {
                if let Some(error) = before {
                    spinner.above(|| warn(session, &error));
                }
                failed = Some(error);
            }
            None => {
                spinner.finish();
                return match before {
                    Some(error) => Err(error.into()),
                    None => Err(ended()),
                };
            }
        }
    }
}

fn print(session: &Session, event: &ServerEvent) -> Result<(), Failure> {
    let data: Value = serde_json::from_str(event.data()).unwrap_or_default();
    let Some(fields) = data.as_object() else {
        // What is no object stands in one, as all others do.
        let data = if data.is_null() {
            event.data().into()
        } else {
            data
        };
        let body = json!({ "event": event.name(), "data": data }).to_string();
        return Ok(session.output.item(&Hints::default(), body.as_bytes())?);
    };
    let is_known = COLUMNS.iter().any(|name| fields.contains_key(*name));
    let columns = match session.output.format() {
        Format::Human if !is_known => &[],
        _ => COLUMNS,
    };
    let hints = Hints {
        columns,
        ..Hints::default()
    };
    Ok(session.output.item(&hints, event.data().as_bytes())?)
}

fn warn(session: &Session, error: &Error) {
    session.output.warning(&ErrorShown::from(error).message);
}

fn ended() -> Failure {
    Failure::other(
        "ended",
        "the service has ended the stream of events",
        "`kallyai inbound watch` listens again; `kallyai inbound events` shows the log",
    )
}
