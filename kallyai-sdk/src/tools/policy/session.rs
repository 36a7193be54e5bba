//! What a session has spent and placed: in memory, or in a file that several processes share.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::error::ToolError;
use super::file::{SessionFile, in_file};
use crate::types::Decimal;

/// The bounds of a session.
#[derive(Debug, Clone, Default)]
pub(in crate::tools) struct Limits {
    pub(in crate::tools) credits: Option<Decimal>,
    pub(in crate::tools) calls_per_hour: Option<u32>,
}

/// What a session knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    /// Makes the keys of this session's calls its own.
    id: String,
    spent: Decimal,
    /// Set aside for what is under way. What a process has left behind when it was killed stays set aside.
    reserved: BTreeMap<String, Held>,
    /// When which calls were placed, in the last hour.
    calls: BTreeMap<String, DateTime<Utc>>,
    /// Every call that was placed, or may have been.
    placed: BTreeMap<String, Known>,
}

/// An amount that is set aside, and by how many.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Held {
    amount: Decimal,
    holders: u32,
}

/// A call as it was first asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Known {
    /// A hash of the request.
    details: String,
    at: DateTime<Utc>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            spent: Decimal::from(0),
            reserved: BTreeMap::new(),
            calls: BTreeMap::new(),
            placed: BTreeMap::new(),
        }
    }
}

pub(in crate::tools) struct Session {
    memory: Mutex<State>,
    /// The calls that were first asked for here, and not by another process.
    own: Mutex<BTreeSet<String>>,
    file: Option<SessionFile>,
}

/// What something is set aside for.
pub(in crate::tools) enum Subject<'a> {
    /// The call of this key, asked for with these details.
    Call { key: &'a str, details: String },
    /// A request that may ring a phone.
    Dialling,
    /// A request that only costs.
    Request,
}

/// What was set aside for something under way.
#[derive(Debug)]
pub(in crate::tools) struct Reservation {
    id: String,
    /// When another process has asked for this call.
    pub(in crate::tools) elsewhere: Option<DateTime<Utc>>,
}

impl Session {
    pub(in crate::tools) fn new(file: Option<SessionFile>) -> Self {
        Self {
            memory: Mutex::default(),
            own: Mutex::default(),
            file,
        }
    }

    /// What makes keys this session's own.
    pub(in crate::tools) fn id(&self) -> Result<String, ToolError> {
        self.change(|state| Ok(state.id.clone()))
    }

    /// What was spent, and what is set aside.
    pub(in crate::tools) fn spent(&self) -> Result<(Decimal, Decimal), ToolError> {
        self.change(|state| Ok((state.spent.clone(), state.set_aside()?)))
    }

    /// Sets aside what something may cost, and counts a call, if both are within the limits. A call that is
    /// known already is the same call: it neither costs nor counts again.
    pub(in crate::tools) fn reserve(
        &self,
        limits: &Limits,
        amount: Decimal,
        subject: Subject<'_>,
        now: DateTime<Utc>,
    ) -> Result<Reservation, ToolError> {
        let (key, details) = match subject {
            Subject::Call { key, details } => (key.to_owned(), Some(details)),
            Subject::Dialling => (Uuid::new_v4().to_string(), Some(String::new())),
            Subject::Request => (Uuid::new_v4().to_string(), None),
        };
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let first = self.change(|state| {
            if let (Some(known), Some(details)) = (state.placed.get(&key), &details) {
                if known.details != *details {
                    return Err(other_details());
                }
                let at = known.at;
                if let Some(held) = state.reserved.get_mut(&key) {
                    held.holders = held.holders.saturating_add(1);
                }
                return Ok(Some(at));
            }
            state.within(limits, &amount, details.is_some(), now)?;
            state
                .reserved
                .insert(key.clone(), Held { amount, holders: 1 });
            if let Some(details) = details {
                state.calls.insert(key.clone(), now);
                state.placed.insert(key.clone(), Known { details, at: now });
            }
            Ok(None)
        })?;
        if first.is_none() {
            own.insert(key.clone());
        }
        Ok(Reservation {
            elsewhere: first.filter(|_| !own.contains(&key)),
            id: key,
        })
    }

    /// It has cost this; where nobody says, what was set aside.
    pub(in crate::tools) fn settle(
        &self,
        id: &str,
        cost: Option<Decimal>,
    ) -> Result<(), ToolError> {
        self.change(|state| {
            if let Some(held) = state.reserved.get(id) {
                let cost = cost.unwrap_or_else(|| held.amount.clone());
                state.spent = state.spent.checked_add(&cost).ok_or_else(uncountable)?;
                state.reserved.remove(id);
            }
            Ok(())
        })
    }

    /// It goes on without whoever has asked for it: what was set aside stays so.
    pub(in crate::tools) fn leave(&self, reservation: &Reservation) -> Result<(), ToolError> {
        self.change(|state| {
            if let Some(held) = state.reserved.get_mut(&reservation.id) {
                held.holders = held.holders.saturating_sub(1);
            }
            Ok(())
        })
    }

    /// Nothing was done; a call that was not placed does not count, unless others still ask for it.
    pub(in crate::tools) fn give_back(&self, reservation: &Reservation) -> Result<(), ToolError> {
        let id = &reservation.id;
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = self.change(|state| {
            let Some(held) = state.reserved.get_mut(id) else {
                return Ok(false);
            };
            held.holders = held.holders.saturating_sub(1);
            if held.holders > 0 {
                return Ok(false);
            }
            state.reserved.remove(id);
            state.calls.remove(id);
            state.placed.remove(id);
            Ok(true)
        })?;
        if gone {
            own.remove(id);
        }
        Ok(())
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, ToolError>,
    ) -> Result<T, ToolError> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.file {
            None => change(&mut memory),
            Some(file) => in_file(file, change),
        }
    }
}

impl Reservation {
    pub(in crate::tools) fn id(&self) -> &str {
        &self.id
    }
}

impl State {
    fn set_aside(&self) -> Result<Decimal, ToolError> {
        self.reserved
            .values()
            .try_fold(Decimal::from(0), |sum, held| sum.checked_add(&held.amount))
            .ok_or_else(uncountable)
    }

    /// Whether this much more, and one call more, are within the limits.
    fn within(
        &mut self,
        limits: &Limits,
        amount: &Decimal,
        calls: bool,
        now: DateTime<Utc>,
    ) -> Result<(), ToolError> {
        let an_hour_ago = now - TimeDelta::hours(1);
        self.calls.retain(|_, at| *at > an_hour_ago);
        if let (true, Some(most)) = (calls, limits.calls_per_hour)
            && self.calls.len() >= usize::try_from(most).unwrap_or(usize::MAX)
        {
            return Err(ToolError::refused(
                format!("{most} calls were placed in the last hour, and no more may be"),
                "wait, or ask the user",
            ));
        }
        let Some(credits) = &limits.credits else {
            return Ok(());
        };
        let all = self
            .spent
            .checked_add(&self.set_aside()?)
            .and_then(|sum| sum.checked_add(amount))
            .ok_or_else(uncountable)?;
        // What cannot be compared is not within.
        if all <= *credits {
            return Ok(());
        }
        Err(ToolError::refused(
            format!(
                "the session may spend {credits} credits, has spent {}, and this may cost {amount}",
                self.spent
            ),
            "do without it, or ask the user for a larger budget",
        ))
    }
}

fn other_details() -> ToolError {
    ToolError::refused(
        "this number was called with this task already, and with other details",
        "ask with the same details for that call, or ask the user, and give a higher attempt to call again",
    )
}

fn uncountable() -> ToolError {
    ToolError::refused(
        "what the session has spent cannot be counted any more",
        "tell the user that the session must begin anew",
    )
}
