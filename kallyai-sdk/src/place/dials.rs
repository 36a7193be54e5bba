//! Which calls of this client a listed call could be.
//!
//! A lost call is recognised by number and task. Where two alike are under way, or one was given up a
//! moment ago, that proves nothing.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::fingerprint::Fingerprint;

/// How long a call that was given up can still turn up as another one.
const AFTERWARDS: Duration = Duration::from_secs(600);
/// How many answered calls are remembered.
const REMEMBERED: usize = 1000;

/// The calls of a client that are under way or just over.
#[derive(Debug, Default)]
pub(crate) struct Dials(Mutex<Known>);

/// Whose call it is: the one of a key, whoever asks for it and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Party(Arc<str>);

#[derive(Debug, Default)]
struct Known {
    open: Vec<(Fingerprint, Party)>,
    given_up: Vec<(Fingerprint, Party, Instant)>,
    answered: HashMap<String, Party>,
    order: VecDeque<String>,
}

/// One call under way.
#[derive(Debug)]
pub(crate) struct Dial {
    dials: Arc<Dials>,
    fingerprint: Fingerprint,
    party: Party,
    closed: bool,
}

impl Party {
    /// That of an idempotency key.
    pub(crate) fn of_key(key: &str) -> Self {
        Self(key.into())
    }

    /// One that nobody else is.
    pub(crate) fn new() -> Self {
        Self(uuid::Uuid::new_v4().to_string().into())
    }
}

impl Dials {
    pub(crate) fn open(self: &Arc<Self>, fingerprint: Fingerprint, party: Party) -> Dial {
        self.known().open.push((fingerprint, party.clone()));
        Dial {
            dials: Arc::clone(self),
            fingerprint,
            party,
            closed: false,
        }
    }

    /// The calls that are known to be others'; none where a call of this fingerprint could be another's
    /// than this party's, and nobody knows.
    pub(crate) fn others(
        &self,
        fingerprint: Fingerprint,
        party: &Party,
    ) -> Option<HashSet<String>> {
        let known = self.known();
        let is_other = |(of, whose): (&Fingerprint, &Party)| *of == fingerprint && whose != party;
        let open = known.open.iter().map(|(of, whose)| (of, whose));
        let given_up = known.given_up.iter();
        let given_up = given_up.filter(|(_, _, since)| since.elapsed() <= AFTERWARDS);
        let given_up = given_up.map(|(of, whose, _)| (of, whose));
        if open.chain(given_up).any(is_other) {
            return None;
        }
        let answered = known.answered.iter();
        let others = answered.filter(|(_, whose)| *whose != party);
        Some(others.map(|(id, _)| id.clone()).collect())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dial {
    /// As [`Dials::others`].
    pub(crate) fn others(&self) -> Option<HashSet<String>> {
        self.dials.others(self.fingerprint, &self.party)
    }

    /// It is this call.
    pub(crate) fn answered(mut self, call_id: &str) {
        self.closed = true;
        let mut known = self.dials.known();
        let party = self.party.clone();
        if known.answered.insert(call_id.to_owned(), party).is_none() {
            known.order.push_back(call_id.to_owned());
        }
        if known.order.len() > REMEMBERED
            && let Some(oldest) = known.order.pop_front()
        {
            known.answered.remove(&oldest);
        }
    }

    /// There is none: the service refused, or was never asked.
    pub(crate) fn not_dialled(mut self) {
        self.closed = true;
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        let mut known = self.dials.known();
        let is_this =
            |(of, whose): &(Fingerprint, Party)| *of == self.fingerprint && *whose == self.party;
        if let Some(place) = known.open.iter().position(is_this) {
            known.open.swap_remove(place);
        }
        if !self.closed {
            known
                .given_up
                .retain(|(_, _, since)| since.elapsed() <= AFTERWARDS);
            let now = Instant::now();
            known
                .given_up
                .push((self.fingerprint, self.party.clone(), now));
        }
    }
}
