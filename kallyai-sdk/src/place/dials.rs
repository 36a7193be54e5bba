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

#[derive(Debug, Default)]
struct Known {
    open: HashMap<Fingerprint, u32>,
    given_up: HashMap<Fingerprint, Instant>,
    answered: HashSet<String>,
    order: VecDeque<String>,
}

/// One call under way.
#[derive(Debug)]
pub(crate) struct Dial {
    dials: Arc<Dials>,
    fingerprint: Fingerprint,
    closed: bool,
}

impl Dials {
    pub(crate) fn open(self: &Arc<Self>, fingerprint: Fingerprint) -> Dial {
        *self.known().open.entry(fingerprint).or_default() += 1;
        Dial {
            dials: Arc::clone(self),
            fingerprint,
            closed: false,
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dial {
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Whether a listed call of this fingerprint can be no other than this one.
    pub(crate) fn is_alone(&self) -> bool {
        let known = self.dials.known();
        let given_up = known.given_up.get(&self.fingerprint);
        known.open.get(&self.fingerprint) == Some(&1)
            && given_up.is_none_or(|since| since.elapsed() > AFTERWARDS)
    }

    /// Whether a call is known to be another one's.
    pub(crate) fn is_anothers(&self, call_id: &str) -> bool {
        self.dials.known().answered.contains(call_id)
    }

    /// It is this call.
    pub(crate) fn answered(mut self, call_id: &str) {
        self.closed = true;
        let mut known = self.dials.known();
        if known.answered.insert(call_id.to_owned()) {
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
        if let Some(open) = known.open.get_mut(&self.fingerprint) {
            *open -= 1;
            if *open == 0 {
                known.open.remove(&self.fingerprint);
            }
        }
        if !self.closed {
            known
                .given_up
                .retain(|_, since| since.elapsed() <= AFTERWARDS);
            known.given_up.insert(self.fingerprint, Instant::now());
        }
    }
}
