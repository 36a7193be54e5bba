//! The task of a placement: it writes down, sends, and settles.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};

use super::dials::Party;
use super::live::{Live, Phase};
use super::log::Begun;
use super::placement::{Entry, Placement, Settled};
use super::search::{Others, Search};
use crate::check::Problems;
use crate::client::Client;
use crate::error::{Error, WasSent};
use crate::generated;
use crate::index::Operation;
use crate::operations::calls::Create;
use crate::request::{self, Arrived, Request, Written};
use crate::retry::{Machine, Timeouts};
use crate::types::Call;
use crate::wire::Answered;

/// How long a service that is trusted with idempotency keys is trusted to remember one.
const REMEMBERED: TimeDelta = TimeDelta::days(1);
/// How long asking for a call may take whose id is known, tries included.
const FOLLOW: Duration = Duration::from_secs(90);
/// How often an entry is read again that others change at the same moment.
const CHANGES: u32 = 8;
/// How far a clock may have gone back since.
const TURNED_BACK: TimeDelta = TimeDelta::minutes(1);

/// What is to be done for a placement.
#[derive(Clone)]
pub(super) struct Job {
    pub(super) what: What,
    pub(super) timeouts: Timeouts,
    /// Whether it may have been dialled before: only a key that was made just now is surely new.
    pub(super) is_doubtful: bool,
}

#[derive(Clone)]
pub(super) enum What {
    Place(Box<Create>),
    /// Without the request, a call can only be looked for.
    Find(Placement),
}

/// How to go on with what the log says.
enum Next {
    Send {
        again: bool,
    },
    /// The call is known.
    Follow(String),
    Look,
    /// There is no call.
    Nothing,
}

pub(super) async fn run(ended: Ended, job: Job) {
    let live = &*ended.0;
    let (placement, next) = match begin(live, &job).await {
        Ok(begun) => begun,
        Err(error) if error.is_place_log() && live.is_doubtful() => {
            return live.end(Phase::Refused(error.after_unknown()));
        }
        Err(error) => return live.end(Phase::Refused(error)),
    };
    if let Next::Send { again } = next
        && live.state.receiver_count() == 0
    {
        if !again {
            live.settle(&placement, Settled::NotDialled).await;
        }
        return live.end(Phase::Abandoned);
    }
    let under_way = Phase::UnderWay(placement.clone());
    live.state.send_modify(|state| state.phase = under_way);
    let work = Work::new(live, &placement, job.timeouts);
    let outcome = match (next, job.what) {
        (Next::Send { again }, What::Place(create)) => work.send(*create, again).await,
        (Next::Follow(id), _) => work.follow(id).await,
        (Next::Nothing, _) => Err(Error::not_dialled_before()),
        (Next::Look | Next::Send { .. }, _) => work.find(None).await,
    };
    let outcome = outcome.map_err(|error| {
        error
            .of(<Create as request::Call>::info())
            .with_idempotency_key(Some(&live.key))
    });
    live.end(Phase::Done(placement, outcome.map(Box::new)));
}

/// Writes the placement down, or finds it there.
async fn begin(live: &Live, job: &Job) -> Result<(Placement, Next), Error> {
    match &job.what {
        What::Place(_) => begin_or_join(live).await,
        What::Find(placement) => {
            let entries = live.with_log(|log| log.entries()).await?;
            let mut entries = entries.into_iter();
            match entries.find(|entry| entry.placement.key() == live.key) {
                Some(entry) => Ok((placement.clone(), known(live, &entry)?)),
                None => Ok((placement.clone(), Next::Look)),
            }
        }
    }
}

async fn begin_or_join(live: &Live) -> Result<(Placement, Next), Error> {
    let mut changes = 0;
    loop {
        let placement = Placement::of(live.key.clone(), live.fingerprint, Utc::now());
        let written = placement.clone();
        let entry = match live.with_log(move |log| log.begin(&written)).await? {
            Begun::New => {
                live.is_written_first();
                return Ok((placement, Next::Send { again: false }));
            }
            Begun::Existing(entry) => entry,
        };
        let next = known(live, &entry)?;
        let placement = entry.placement;
        let trusted = live.client.retries().trusts_idempotency_key;
        if !matches!(next, Next::Look) || !trusted || !is_remembered(&placement) {
            return Ok((placement, next));
        }
        // From here on, what the other is refused proves nothing.
        let again = placement.clone();
        if live.with_log(move |log| log.send_again(&again)).await? {
            return Ok((placement, Next::Send { again: true }));
        }
        // Somebody has settled it meanwhile, or begun anew.
        changes += 1;
        if changes == CHANGES {
            return Ok((placement, Next::Look));
        }
    }
}

fn known(live: &Live, entry: &Entry) -> Result<Next, Error> {
    if entry.placement.fingerprint() != live.fingerprint {
        return Err(another_call());
    }
    Ok(match &entry.settled {
        // An empty id tells nothing.
        Some(Settled::Dialled(id)) if id.is_empty() => Next::Look,
        Some(Settled::Dialled(id)) => Next::Follow(id.clone()),
        Some(Settled::NotDialled) => Next::Nothing,
        None => Next::Look,
    })
}

/// One key is one call.
pub(super) fn another_call() -> Error {
    Error::invalid_input(
        "idempotency_key",
        "another call, with another number or task, was placed with this key",
    )
    .with_remedy("use a key of its own for each call")
}

fn is_remembered(placement: &Placement) -> bool {
    let age = Utc::now().signed_duration_since(placement.started_at());
    -TURNED_BACK < age && age < REMEMBERED
}

/// The work for a placement that is written down.
struct Work<'a> {
    live: &'a Live,
    placement: &'a Placement,
    timeouts: Timeouts,
    around: Machine,
    age: TimeDelta,
}

impl<'a> Work<'a> {
    fn new(live: &'a Live, placement: &'a Placement, timeouts: Timeouts) -> Self {
        Self {
            live,
            placement,
            timeouts,
            around: Machine::new(),
            age: age(placement),
        }
    }

    fn client(&self) -> &Client {
        &self.live.client
    }

    fn search(&self) -> Search<'_> {
        let timeouts = self.timeouts.or(self.client().timeouts());
        Search {
            client: self.client(),
            fingerprint: self.live.fingerprint,
            around: &self.around,
            age: self.age,
            deadline: timeouts.overall(<Create as request::Call>::info()),
        }
    }

    async fn send(&self, create: Create, again: bool) -> Result<Call, Error> {
        let party = Party::of_key(&self.live.key);
        let dial = self.client().dials().open(self.live.fingerprint, party);
        let mut request = Request::new(self.client().clone(), Placing(create));
        if let Some(timeout) = self.timeouts.overall {
            request = request.timeout(timeout);
        }
        if let Some(timeout) = self.timeouts.attempt {
            request = request.attempt_timeout(timeout);
        }
        let error = match request.with_response().await {
            Ok(response) if response.value.call_id.is_empty() => Error::placed_without_id(),
            Ok(response) => {
                self.live
                    .is_call(self.placement, &response.value.call_id)
                    .await;
                dial.answered(&response.value.call_id);
                return Ok(self.search().until_over(Box::new(response)).await.value);
            }
            Err(error) => error,
        };
        if !again && is_proof(&error) {
            if self.live.call_id().is_none() {
                self.live.settle(self.placement, Settled::NotDialled).await;
            }
            dial.not_dialled();
            return Err(error);
        }
        let found = self.find(Some(error)).await?;
        dial.answered(&found.call_id);
        Ok(found)
    }

    /// Asks for a call whose id is known, until it is over.
    async fn follow(&self, id: String) -> Result<Call, Error> {
        let known = Some(id.clone());
        self.live.state.send_modify(|state| state.call_id = known);
        let search = self.search();
        let get = self.client().calls().get(id);
        let get = get.timeout(search.left().min(FOLLOW)).with_response();
        let found = get.await.map_err(Error::placed_but_not_read)?;
        Ok(search.until_over(Box::new(found)).await.value)
    }

    /// Looks for the call in the list, and follows it.
    async fn find(&self, error: Option<Error>) -> Result<Call, Error> {
        let others = Known {
            live: self.live,
            placement: self.placement,
        };
        let search = self.search();
        match search.find(&others).await {
            Ok(found) => {
                self.live
                    .is_call(self.placement, &found.value.call_id)
                    .await;
                Ok(search.until_over(found).await.value)
            }
            Err(failed) => Err(error
                .unwrap_or_else(|| {
                    Error::lost("what became of this call cannot be told").caused_by(failed)
                })
                .not_found_again()),
        }
    }
}

fn is_long_before(one: &Placement, other: &Placement) -> bool {
    let between = other.started_at().signed_duration_since(one.started_at());
    between > REMEMBERED
}

/// How long ago a placement was begun, by this machine's clock.
pub(super) fn age(placement: &Placement) -> TimeDelta {
    let age = Utc::now().signed_duration_since(placement.started_at());
    age.max(TimeDelta::zero())
}

/// A search for one look, outside of the task.
pub(super) fn one_look<'a>(
    live: &'a Live,
    placement: &Placement,
    around: &'a Machine,
) -> Search<'a> {
    Search {
        client: &live.client,
        fingerprint: live.fingerprint,
        around,
        age: age(placement),
        deadline: Duration::MAX,
    }
}

/// Whether an error proves that there is no call.
pub(crate) fn is_proof(error: &Error) -> bool {
    let refused = error
        .status()
        .is_some_and(|status| status.is_client_error() && status != http::StatusCode::CONFLICT);
    error.was_sent() == WasSent::No || refused && !error.is_outcome_unknown()
}

/// What else a listed call could be, as this client and the log know.
pub(super) struct Known<'a> {
    pub(super) live: &'a Live,
    pub(super) placement: &'a Placement,
}

impl Others for Known<'_> {
    async fn others(&self) -> Option<HashSet<String>> {
        let fingerprint = self.live.fingerprint;
        let party = Party::of_key(&self.live.key);
        let mut others = self.live.client.dials().others(fingerprint, &party)?;
        let entries = self.live.with_log(|log| log.entries()).await.ok()?;
        for entry in entries {
            let placement = &entry.placement;
            if placement.key() == self.live.key || placement.fingerprint() != fingerprint {
                continue;
            }
            match entry.settled {
                Some(Settled::Dialled(id)) => {
                    others.insert(id);
                }
                Some(Settled::NotDialled) => {}
                // It can have been sent for as long as its key is trusted.
                None if is_long_before(placement, self.placement) => {}
                None => return None,
            }
        }
        Some(others)
    }
}

/// `calls_create` as it is, without the looking for lost calls that others get: here the log helps.
struct Placing(Create);

impl request::Call for Placing {
    type Answer = Call;

    fn info() -> &'static Operation {
        <Create as request::Call>::info()
    }

    fn check(&self, problems: &mut Problems) {
        self.0.check(problems);
    }

    fn idempotency_key(&self) -> Option<&str> {
        self.0.idempotency_key()
    }

    fn write(&self, writer: &generated::Client) -> Written {
        request::Call::write(&self.0, writer)
    }

    fn read(answered: Answered) -> Arrived<Call> {
        <Create as request::Call>::read(answered)
    }
}

/// The task can end before its work, or before it begins: with its runtime, or because a log panics.
pub(super) struct Ended(pub(super) Arc<Live>);

impl Drop for Ended {
    fn drop(&mut self) {
        let phase = match &self.0.state.borrow().phase {
            Phase::Beginning if self.0.is_doubtful() => {
                Phase::Refused(Error::unknown_before_the_end())
            }
            Phase::Beginning => Phase::Refused(Error::not_sent_before_the_end()),
            Phase::UnderWay(placement) => Phase::Done(
                placement.clone(),
                Err(Error::lost("the runtime has ended before the call")
                    .of(<Create as request::Call>::info())
                    .with_idempotency_key(Some(&self.0.key))
                    .not_found_again()),
            ),
            _ => return,
        };
        self.0.end(phase);
    }
}
