//! Which calls of this client a listed call could be.
//!
//! A lost call is recognised by number and task. Where two alike are under way, or one was given up a
//! moment ago, that proves nothing.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::fingerprint::Fingerprint;

/// How long a call that is over can still turn up as another one.
const AFTERWARDS: Duration = Duration::from_secs(600);
/// How many answered calls are remembered at most: far more than a client has in that time.
const REMEMBERED: usize = 100_000;

/// The calls of a client that are under way or just over.
#[derive(Debug, Default)]
pub(crate) struct Dials(Mutex<Known>);

/// Whose call it is: the one of a key, whoever asks for it and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Party {
    Key(Arc<str>),
    Only(u64),
}

#[derive(Debug, Default)]
struct Known {
    open: Vec<(Fingerprint, Party, Instant)>,
    given_up: Vec<(Fingerprint, Party, Instant)>,
    answered: HashMap<String, Party>,
    /// When each was answered, oldest first.
    order: VecDeque<(Instant, String)>,
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
        Self::Key(key.into())
    }

    /// One that nobody else is.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self::Only(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Dials {
    pub(crate) fn open(self: &Arc<Self>, fingerprint: Fingerprint, party: Party) -> Dial {
        let now = Instant::now();
        self.known().open.push((fingerprint, party.clone(), now));
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
        let open = known.open.iter().map(|(of, whose, _)| (of, whose));
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

impl Known {
    fn remember(&mut self, call_id: &str, party: Party, now: Instant) {
        if self.answered.insert(call_id.to_owned(), party).is_none() {
            self.order.push_back((now, call_id.to_owned()));
        }
        let is_old = |at: Instant| now.saturating_duration_since(at) > AFTERWARDS;
        if self.order.len() <= REMEMBERED && !self.order.front().is_some_and(|(at, _)| is_old(*at))
        {
            return;
        }
        // What has been open since before a call was answered could be taken for that one.
        let oldest = self.open.iter().map(|(_, _, since)| *since).min();
        let is_needed = |at: Instant| !is_old(at) || oldest.is_some_and(|since| at >= since);
        while let Some((at, _)) = self.order.front()
            && (self.order.len() > REMEMBERED || !is_needed(*at))
            && let Some((_, forgotten)) = self.order.pop_front()
        {
            self.answered.remove(&forgotten);
        }
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
        known.remember(call_id, self.party.clone(), Instant::now());
    }

    /// There is none: the service refused, or was never asked.
    pub(crate) fn not_dialled(mut self) {
        self.closed = true;
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        let mut known = self.dials.known();
        let is_this = |(of, whose, _): &(Fingerprint, Party, Instant)| {
            *of == self.fingerprint && *whose == self.party
        };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::CallRequest;

    fn fingerprint() -> Fingerprint {
        let number = "+12025550199".parse().unwrap();
        Fingerprint::of_request(&CallRequest::general(number, "Ask when they open"))
    }

    #[test]
    fn ten_thousand_calls_in_flight_are_told_apart() {
        let dials = Arc::new(Dials::default());
        let open = |n: usize| dials.open(fingerprint(), Party::of_key(&n.to_string()));
        let mut all: Vec<Dial> = (0..10_000).map(open).collect();
        let last = all.pop().unwrap();
        for (n, dial) in all.into_iter().enumerate() {
            dial.answered(&format!("call-{n}"));
        }
        // Whose call the first one is, is known while the last one looks.
        let others = last.others().unwrap();
        assert_eq!(others.len(), 9_999);
        assert!(others.contains("call-0"));
    }

    #[test]
    fn what_nobody_can_take_for_another_is_forgotten() {
        let start = Instant::now();
        let minutes = |n: u64| start + Duration::from_secs(60 * n);
        let mut known = Known::default();
        let remembered = |known: &Known| {
            assert_eq!(known.order.len(), known.answered.len());
            known.answered.len()
        };
        known.remember("a", Party::new(), start);
        known.remember("b", Party::new(), minutes(9));
        assert_eq!(remembered(&known), 2);
        known.remember("c", Party::new(), minutes(11));
        assert_eq!(remembered(&known), 2);
        assert!(!known.answered.contains_key("a"));

        // One that is open that long needs them all.
        known.open.push((fingerprint(), Party::new(), minutes(9)));
        known.remember("d", Party::new(), minutes(60));
        assert_eq!(remembered(&known), 3);
        known.open.clear();
        known.remember("e", Party::new(), minutes(61));
        assert_eq!(remembered(&known), 2);

        // There is a bound to it.
        for n in 0..=REMEMBERED {
            known.remember(&n.to_string(), Party::new(), minutes(61));
        }
        assert_eq!(remembered(&known), REMEMBERED);
    }
}
