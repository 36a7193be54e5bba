//! What is known of a placed call without the service.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;

/// A call that was to be placed: its key, what it is recognised by, and when. It holds neither number nor
/// task, and can be encoded with serde.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    key: String,
    fingerprint: Fingerprint,
    started_at: DateTime<Utc>,
}

impl Placement {
    pub(crate) fn of(key: String, fingerprint: Fingerprint, started_at: DateTime<Utc>) -> Self {
        Self {
            key,
            fingerprint,
            started_at,
        }
    }

    /// The idempotency key: it is what makes the call this one and no other.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What the call is recognised by in the service's list.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// When it was written down, before anything was sent, by this machine's clock.
    pub fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }
}

impl fmt::Debug for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Placement")
            .field("key", &self.key)
            .field("started_at", &self.started_at)
            .finish_non_exhaustive()
    }
}

/// What became of a placement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// It is the call of this id, over or not.
    Dialled(String),
    /// Proven: there is no call. The service refused, or nothing was sent.
    NotDialled,
}

/// An entry of a [`PlaceLog`](super::PlaceLog).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// What was to be placed.
    pub placement: Placement,
    /// What became of it; none while nobody knows.
    pub settled: Option<Settled>,
    /// Whether another process than the one that began it was about to send it too: what the one is refused,
    /// the other may be given. Only while it is not settled.
    #[serde(default)]
    pub sent_again: bool,
}

impl Entry {
    /// One of which nobody knows yet what becomes of it.
    pub fn begun(placement: Placement) -> Self {
        Self {
            placement,
            settled: None,
            sent_again: false,
        }
    }

    /// Takes in what somebody says became of a placement; whether that changes the entry, and is to be
    /// written.
    ///
    /// A call that was dialled stays so. That it was not is believed of the very placement that is here, and
    /// as long as nobody else [sends it too](Self::send_again).
    pub fn settle(&mut self, placement: &Placement, settled: &Settled) -> bool {
        let is_believed = match settled {
            Settled::Dialled(_) => true,
            Settled::NotDialled => {
                self.settled.is_none() && !self.sent_again && self.placement == *placement
            }
        };
        if !is_believed || self.settled.as_ref() == Some(settled) {
            return false;
        }
        self.settled = Some(settled.clone());
        self.sent_again = false;
        true
    }

    /// Somebody who did not begin it is about to send it. False where it is settled, or another placement,
    /// by now: then nothing is to be sent for it.
    pub fn send_again(&mut self, placement: &Placement) -> bool {
        let is_open = self.settled.is_none() && self.placement == *placement;
        self.sent_again |= is_open;
        is_open
    }

    /// Whether the same call may be placed again under its key: it is proven that it was not dialled.
    pub fn gives_way_to(&self, placement: &Placement) -> bool {
        self.settled == Some(Settled::NotDialled)
            && self.placement.fingerprint == placement.fingerprint
    }
}
