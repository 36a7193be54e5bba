//! A call until it is over: its state, and what is said.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::time::Duration;

use futures_core::Stream as _;
use kallyai_sdk::place::{FilePlaceLog, PlaceLog, PlacedCall, Placement, Sighting};
use kallyai_sdk::types::{Call, Transcript};
use kallyai_sdk::{Client, Error, ErrorKind};
use serde_json::json;

use super::call::{ended, interrupted, lost};
use super::interrupt::{self, Interrupted};
use super::{Failure, Session, dry_run, goal};
use crate::output::{Exit, Format, Hints, Output, Spinner};
use crate::setup::Settings;
use crate::surface::own::WatchCall;

/// How often is looked at what has been said.
const LISTEN: Duration = Duration::from_secs(2);

/// What is shown of a call where a line has to do.
const COLUMNS: &[&str] = &["call_id", "status", "duration_seconds", "highlights"];

pub(crate) async fn run(session: &Session, wanted: &WatchCall) -> Result<Exit, Failure> {
    dry_run::refuse(session)?;
    let client = session.client()?;
    let caught = interrupt::caught().await;
    let output = &session.output;
    let mut watching = Watching::new(session, &client, caught);
    // People see the call once, when it is over.
    watching.tells = output.format() != Format::Human;
    let id = wanted.call_id.as_str();
    let call = match written_down(session, id) {
        Some((log, placement)) => {
            let resumed = client.calls().resume(&placement).log(log);
            let placed = resumed.timeout(goal::FOREVER).await?;
            placed_call(watching, &placed).await?
        }
        None => known_call(watching, id).await?,
    };
    if output.format() == Format::Human {
        output.answer(&Hints::default(), &as_body(&call))?;
    }
    Ok(ended(session, Some(call.status.as_str())))
}

/// The placement that has this key, where this machine has written one down.
fn written_down(session: &Session, key: &str) -> Option<(FilePlaceLog, Placement)> {
    let log = Settings::place_log()?;
    match log.entries() {
        Ok(entries) => {
            let mut entries = entries.into_iter();
            let entry = entries.find(|entry| entry.placement.key() == key)?;
            Some((log, entry.placement))
        }
        Err(error) => {
            let warning = format!("the log of placed calls cannot be read: {error}");
            session.output.warning(&warning);
            None
        }
    }
}

/// Follows a call that was placed here until its outcome is known.
pub(super) async fn placed_call(
    mut watching: Watching<'_>,
    placed: &PlacedCall,
) -> Result<Call, Failure> {
    let key = placed.idempotency_key();
    let stopped = || interrupted(placed.call_id().as_deref(), Some(key));
    let mut states = Box::pin(placed.states());
    loop {
        let next = poll_fn(|context| states.as_mut().poll_next(context));
        match watching.until(next).await.ok_or_else(stopped)? {
            Some(Ok(Sighting::Call(call))) => watching.see(&call)?,
            // What it failed with is the outcome.
            Some(Ok(Sighting::IdUnknown) | Err(_)) => {}
            None => break,
        }
    }
    let outcome = watching.until(placed.outcome()).await.ok_or_else(stopped)?;
    watching.end().await?;
    outcome.map_err(|error| lost(&error, Some(key)))
}

/// Follows a call of which the id is known.
async fn known_call(mut watching: Watching<'_>, id: &str) -> Result<Call, Failure> {
    let settling = watching.client.calls().get(id).until_settled();
    let mut states = settling.deadline(goal::FOREVER).states();
    let mut last: Option<Call> = None;
    loop {
        let next = watching.until(states.next()).await;
        match next.ok_or_else(|| interrupted(Some(id), None))? {
            Some(state) => {
                let call = state?;
                watching.see(&call)?;
                last = Some(call);
            }
            None => break,
        }
    }
    watching.end().await?;
    // A stream of states has one at least, or fails.
    last.ok_or_else(|| Failure::other("unreadable_answer", "the call was not shown", "look again"))
}

/// Somebody who looks at a call that goes on.
pub(super) struct Watching<'a> {
    session: &'a Session,
    client: &'a Client,
    spinner: Spinner,
    caught: Interrupted,
    /// Whether each change is an item of the output.
    tells: bool,
    /// Whether what is said is shown: to people, and as long as the service lets it be heard.
    listens: bool,
    /// The call, as soon as it is known.
    id: Option<String>,
    /// How many turns have been shown.
    heard: usize,
}

impl<'a> Watching<'a> {
    pub(super) fn new(session: &'a Session, client: &'a Client, caught: Interrupted) -> Self {
        Self {
            spinner: session.output.spinner("calling"),
            listens: session.output.format() == Format::Human,
            session,
            client,
            caught,
            tells: false,
            id: None,
            heard: 0,
        }
    }

    /// Waits for something, and shows meanwhile what is said; nothing on Ctrl-C.
    async fn until<T>(&mut self, something: impl Future<Output = T>) -> Option<T> {
        let mut something = pin!(something);
        loop {
            let transcript = tokio::select! {
                biased;
                () = &mut self.caught => {
                    self.spinner.hide();
                    return None;
                }
                came = &mut something => return Some(came),
                transcript = said(self.client, self.id.as_deref(), LISTEN), if self.listens => transcript,
            };
            // What cannot be printed now fails with the call itself.
            let _ = self.show(transcript);
        }
    }

    fn see(&mut self, call: &Call) -> Result<(), Failure> {
        self.id = Some(call.call_id.clone());
        self.spinner.set_state(call.status.as_str());
        if self.tells {
            let hints = Hints {
                columns: COLUMNS,
                ..Hints::default()
            };
            self.session.output.item(&hints, &as_body(call))?;
        }
        Ok(())
    }

    /// Shows the turns that are new.
    fn show(&mut self, transcript: Result<Transcript, Error>) -> Result<(), Failure> {
        let transcript = match transcript {
            Ok(transcript) => transcript,
            Err(error) => {
                // There is none yet, or the network is to blame.
                let passes = error.status().is_some_and(|status| status.as_u16() == 404)
                    || matches!(
                        error.kind(),
                        ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::RateLimit
                    );
                self.listens &= passes;
                return Ok(());
            }
        };
        let Some(new @ [_, ..]) = transcript.entries().get(self.heard..) else {
            return Ok(());
        };
        let body = json!({ "entries": new }).to_string();
        let hints = Hints {
            items: Some("entries"),
            ..Hints::default()
        };
        let mut printed = Ok(());
        self.spinner.above(|| {
            printed = self.session.output.answer(&hints, body.as_bytes());
        });
        self.heard = transcript.entries().len();
        Ok(printed?)
    }

    /// Shows the rest of what was said, where it was shown so far.
    async fn end(mut self) -> Result<(), Failure> {
        if self.listens && self.heard > 0 {
            let transcript = said(self.client, self.id.as_deref(), Duration::ZERO).await;
            self.show(transcript)?;
            // The call follows below it.
            self.spinner.hide();
            Output::lines("")?;
        }
        self.spinner.finish();
        Ok(())
    }
}

/// What has been said in a call, a while from now.
async fn said(client: &Client, id: Option<&str>, wait: Duration) -> Result<Transcript, Error> {
    tokio::time::sleep(wait).await;
    match id {
        Some(id) => {
            let transcript = client.calls().transcript(id);
            transcript.timeout(Duration::from_secs(10)).await
        }
        None => pending().await,
    }
}

fn as_body(call: &Call) -> Vec<u8> {
    serde_json::to_vec(call).unwrap_or_default()
}
