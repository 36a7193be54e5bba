//! What a session has spent and placed: in memory, or in a file that several processes share.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::error::ToolError;
use crate::private_file::{self, Access};
use crate::types::Decimal;

/// How long another process may hold the file.
const WAIT: Duration = Duration::from_secs(5);

/// The bounds of a session.
#[derive(Debug, Clone, Default)]
pub(in crate::tools) struct Limits {
    pub(in crate::tools) credits: Option<Decimal>,
    pub(in crate::tools) calls_per_hour: Option<u32>,
}

/// A file that holds what a session has spent and placed, for all who name it: JSON, which only its owner can
/// open. Removing it begins a new session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFile(PathBuf);

impl SessionFile {
    /// A session in this file, which is made when it is first used; its directory must be there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self(std::path::absolute(&path).unwrap_or(path))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// What a session knows.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct State {
    /// Makes the keys of this session's calls its own.
    id: String,
    spent: Decimal,
    /// Set aside for what is under way. What a process has left behind when it was killed stays set aside.
    reserved: BTreeMap<String, Decimal>,
    /// When calls were placed, in the last hour.
    calls: VecDeque<DateTime<Utc>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            spent: Decimal::from(0),
            reserved: BTreeMap::new(),
            calls: VecDeque::new(),
        }
    }
}

pub(in crate::tools) struct Session {
    memory: Mutex<State>,
    file: Option<SessionFile>,
}

/// What was set aside for something under way.
#[derive(Debug)]
pub(in crate::tools) struct Reservation {
    id: String,
    amount: Decimal,
}

impl Session {
    pub(in crate::tools) fn new(file: Option<SessionFile>) -> Self {
        Self {
            memory: Mutex::default(),
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

    /// Sets aside what something may cost, and counts a call, if both are within the limits.
    pub(in crate::tools) fn reserve(
        &self,
        limits: &Limits,
        amount: Decimal,
        calls: bool,
        now: DateTime<Utc>,
    ) -> Result<Reservation, ToolError> {
        self.change(|state| {
            let an_hour_ago = now - TimeDelta::hours(1);
            state.calls.retain(|at| *at > an_hour_ago);
            if let (true, Some(most)) = (calls, limits.calls_per_hour)
                && state.calls.len() >= usize::try_from(most).unwrap_or(usize::MAX)
            {
                return Err(ToolError::refused(
                    format!("{most} calls were placed in the last hour, and no more may be"),
                    "wait, or ask the user",
                ));
            }
            if let Some(credits) = &limits.credits {
                let all = state
                    .spent
                    .checked_add(&state.set_aside()?)
                    .and_then(|sum| sum.checked_add(&amount))
                    .ok_or_else(uncountable)?;
                if all > *credits {
                    return Err(ToolError::refused(
                        format!(
                            "the session may spend {credits} credits, has spent {}, and this may cost {amount}",
                            state.spent
                        ),
                        "do without it, or ask the user for a larger budget",
                    ));
                }
            }
            let id = Uuid::new_v4().to_string();
            state.reserved.insert(id.clone(), amount.clone());
            if calls {
                state.calls.push_back(now);
            }
            Ok(Reservation { id, amount })
        })
    }

    /// It has cost this; where nobody says, what was set aside.
    pub(in crate::tools) fn settle(
        &self,
        reservation: Reservation,
        cost: Option<Decimal>,
    ) -> Result<(), ToolError> {
        let cost = cost.unwrap_or(reservation.amount);
        self.change(|state| {
            if state.reserved.remove(&reservation.id).is_some() {
                state.spent = state.spent.checked_add(&cost).ok_or_else(uncountable)?;
            }
            Ok(())
        })
    }

    /// Nothing was done; a call that was not placed does not count.
    pub(in crate::tools) fn give_back(
        &self,
        reservation: &Reservation,
        call: bool,
    ) -> Result<(), ToolError> {
        self.change(|state| {
            let known = state.reserved.remove(&reservation.id).is_some();
            if known && call {
                state.calls.pop_back();
            }
            Ok(())
        })
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

impl State {
    fn set_aside(&self) -> Result<Decimal, ToolError> {
        self.reserved
            .values()
            .try_fold(Decimal::from(0), |sum, amount| sum.checked_add(amount))
            .ok_or_else(uncountable)
    }
}

fn uncountable() -> ToolError {
    ToolError::refused(
        "what the session has spent cannot be counted any more",
        "tell the user that the session must begin anew",
    )
}

/// Changes what stands in the file, while no other process does. What cannot be read or written permits nothing.
fn in_file<T>(
    file: &SessionFile,
    change: impl FnOnce(&mut State) -> Result<T, ToolError>,
) -> Result<T, ToolError> {
    let failed = |what: &str, error: &io::Error| {
        ToolError::refused(
            format!("the file of the session cannot be {what}: {}", error.kind()),
            "tell the user: nothing is done while it is so",
        )
    };
    let mut open = match private_file::existing(file.path(), Access::Write) {
        Ok(open) => open,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = private_file::create(file.path(), false);
            let made = made.map_err(|error| failed("made", &error))?;
            private_file::private(&made).map_err(|error| failed("made", &error))?;
            made
        }
        Err(error) => return Err(failed("opened", &error)),
    };
    let locked = private_file::lock_until(&open, Instant::now() + WAIT);
    if !locked.map_err(|error| failed("locked", &error))? {
        return Err(failed("locked", &io::ErrorKind::TimedOut.into()));
    }
    if private_file::is_exposed(&open).map_err(|error| failed("read", &error))? {
        return Err(ToolError::refused(
            "the file of the session can be opened by others",
            "tell the user to give it the mode 0600",
        ));
    }
    let mut text = String::new();
    open.read_to_string(&mut text)
        .map_err(|error| failed("read", &error))?;
    let mut state: State = if text.trim().is_empty() {
        State::default()
    } else {
        serde_json::from_str(&text)
            .map_err(|_| failed("understood", &io::ErrorKind::InvalidData.into()))?
    };
    let answer = change(&mut state)?;
    let text = serde_json::to_vec(&state)
        .map_err(|_| failed("written", &io::ErrorKind::InvalidData.into()))?;
    // In place: the lock is the file's own. A torn file permits nothing until somebody removes it.
    open.seek(SeekFrom::Start(0))
        .and_then(|_| open.write_all(&text))
        .and_then(|()| open.set_len(u64::try_from(text.len()).unwrap_or(u64::MAX)))
        .and_then(|()| open.sync_data())
        .map_err(|error| failed("written", &error))?;
    Ok(answer)
}
