//! All calls, so that those that are not over are found without looking at the others.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Map;
use uuid::Uuid;

use super::{Call, Credits, Dial, Ledger};

/// In the order in which they were dialled.
#[derive(Clone, Default)]
pub(crate) struct Calls {
    all: Vec<Call>,
    by_id: HashMap<Uuid, usize>,
    /// Where those stand that are not over.
    open: Vec<usize>,
    /// Where those stand whose end was not told yet.
    ended: Vec<usize>,
}

impl From<Vec<Call>> for Calls {
    fn from(all: Vec<Call>) -> Self {
        let mut calls = Self {
            by_id: HashMap::new(),
            open: Vec::new(),
            ended: Vec::new(),
            all,
        };
        for (index, call) in calls.all.iter().enumerate() {
            calls.by_id.insert(call.id, index);
            if !call.over {
                calls.open.push(index);
            }
        }
        calls
    }
}

impl Serialize for Calls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Calls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

impl Calls {
    pub(crate) fn dial(&mut self, dial: Dial, now: DateTime<Utc>) {
        let index = self.all.len();
        self.by_id.insert(dial.id, index);
        self.open.push(index);
        self.all.push(Call::new(dial, now));
    }

    /// What a call would cost, before it is dialled.
    pub(crate) fn quote(dial: &Dial, now: DateTime<Utc>) -> Credits {
        let probe = Dial {
            to: String::new(),
            submission: Map::new(),
            idempotency_key: None,
            ..*dial
        };
        Call::new(probe, now).cost()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Call> + ExactSizeIterator {
        self.all.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Call> {
        self.find(Uuid::parse_str(id).ok()?)
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<&Call> {
        self.all.get(*self.by_id.get(&id)?)
    }

    pub(crate) fn contains(&self, id: Uuid) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Those that are not over, oldest first.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Call> {
        self.open.iter().filter_map(|index| self.all.get(*index))
    }

    /// Does something with a call, and notices when that ends it.
    pub(crate) fn change<T>(&mut self, id: Uuid, change: impl FnOnce(&mut Call) -> T) -> Option<T> {
        let index = *self.by_id.get(&id)?;
        let call = self.all.get_mut(index)?;
        let was_over = call.over;
        let said = change(call);
        if call.over && !was_over {
            self.open.retain(|open| *open != index);
            self.ended.push(index);
        }
        Some(said)
    }

    /// The calls that have ended since this was asked last, in the order in which they did.
    pub(crate) fn take_ended(&mut self) -> Vec<&Call> {
        std::mem::take(&mut self.ended)
            .into_iter()
            .filter_map(|index| self.all.get(index))
            .collect()
    }

    /// What the calls that are not over will cost.
    pub(crate) fn reserved(&self) -> Credits {
        self.open()
            .fold(Credits::default(), |sum, call| sum.plus(call.cost()))
    }

    pub(crate) fn settle(&mut self, now: DateTime<Utc>, ledger: &mut Ledger) {
        let mut due: Vec<(DateTime<Utc>, Uuid)> = self
            .open()
            .filter(|call| call.end.at <= now)
            .map(|call| (call.end.at, call.id))
            .collect();
        due.sort_by_key(|(at, _)| *at);
        for (_, id) in due {
            self.change(id, |call| call.finish(call.end, ledger));
        }
    }

    /// When the next call ends by itself.
    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        self.open().map(|call| call.end.at).min()
    }

    pub(crate) fn next_event(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.open()
            .flat_map(|call| [call.rings_at, call.answered_at, call.end.at])
            .filter(|time| *time - now > TimeDelta::zero())
            .min()
    }
}
