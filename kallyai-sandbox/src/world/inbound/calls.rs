//! Calls that come in, and their life.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::events::Name;
use super::rules::Fate;
use crate::clock::{delta, later, stamp};

/// Somebody who calls.
pub(crate) struct Ring {
    pub(crate) from: String,
    /// What the caller says, one turn each. Who says nothing hangs up before anybody answers.
    pub(crate) script: Vec<String>,
    /// Where the number is forwarded to that was called.
    pub(crate) forwarding: Option<String>,
    /// The phone of the user to which a rule hands calls off that names none.
    pub(crate) hand_off: Option<String>,
    pub(crate) life: Duration,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Ringing,
    /// The assistant talks.
    Assistant,
    Human,
    Transferred,
    /// The caller leaves a message.
    Voicemail,
    Completed,
    Missed,
    Rejected,
}

impl State {
    /// As the published command reads it.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Missed => "missed",
            Self::Rejected => "rejected",
            Self::Ringing | Self::Assistant | Self::Human | Self::Transferred | Self::Voicemail => {
                "active"
            }
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::Assistant => "assistant",
            Self::Human => "human",
            Self::Transferred => "transferred",
            Self::Voicemail => "voicemail",
            Self::Completed | Self::Missed | Self::Rejected => "over",
        }
    }

    fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Missed | Self::Rejected)
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) id: Uuid,
    pub(crate) from: String,
    pub(crate) vip: bool,
    script: Vec<String>,
    pub(crate) created_at: DateTime<Utc>,
    /// When somebody answers, or the caller gives up.
    answered_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    fate: Fate,
    pub(crate) state: State,
    ended_at: Option<DateTime<Utc>>,
    transferred: Option<(String, DateTime<Utc>)>,
    reason: Option<String>,
    /// The status of each action item.
    items: Vec<String>,
}

/// A turn takes this many seconds of talk.
const TURN: usize = 5;

impl Call {
    pub(super) fn new(id: Uuid, vip: bool, fate: Fate, ring: Ring, now: DateTime<Utc>) -> Self {
        let life = delta(ring.life);
        let mut call = Self {
            id,
            from: ring.from,
            vip,
            script: ring.script,
            created_at: now,
            answered_at: later(now, life / 3),
            ends_at: later(now, life),
            fate,
            state: State::Ringing,
            ended_at: None,
            transferred: None,
            reason: None,
            items: Vec::new(),
        };
        call.items = call.wishes().map(|_| "pending".to_owned()).collect();
        call
    }

    pub(crate) fn script(&self) -> &[String] {
        &self.script
    }

    pub(crate) fn is_over(&self) -> bool {
        self.state.is_over()
    }

    pub(crate) fn ended_at(&self) -> Option<DateTime<Utc>> {
        self.ended_at
    }

    /// When it changes next by itself.
    pub(super) fn due(&self) -> Option<DateTime<Utc>> {
        match self.state {
            State::Ringing => Some(self.answered_at),
            state if state.is_over() => None,
            _ => Some(self.ends_at),
        }
    }

    /// What happens when its time has come.
    pub(super) fn go_on(&mut self, at: DateTime<Utc>) -> Name {
        match (self.state, &self.fate) {
            (State::Ringing, _) if self.script.is_empty() => {
                self.finish(State::Missed, at);
                Name::Missed
            }
            (State::Ringing, Fate::Transfer(to)) => {
                self.transferred = Some((to.clone(), at));
                self.state = State::Transferred;
                Name::Transferred
            }
            (State::Ringing, Fate::Voicemail) => {
                self.state = State::Voicemail;
                Name::Recording
            }
            (State::Ringing, Fate::Answer | Fate::Reject) => {
                self.state = State::Assistant;
                Name::Answered
            }
            (State::Voicemail, _) => {
                self.finish(State::Missed, at);
                Name::Voicemail
            }
            _ => {
                self.finish(State::Completed, at);
                Name::Completed
            }
        }
    }

    fn finish(&mut self, state: State, at: DateTime<Utc>) {
        self.state = state;
        self.ended_at = Some(at);
    }

    /// Sends a live call on; only once.
    pub(crate) fn transfer(&mut self, to: &str, now: DateTime<Utc>) -> bool {
        let possible = matches!(
            self.state,
            State::Ringing | State::Assistant | State::Human | State::Voicemail
        );
        if possible {
            self.transferred = Some((to.to_owned(), now));
            self.state = State::Transferred;
        }
        possible
    }

    pub(crate) fn take_over(&mut self) -> bool {
        let possible = matches!(self.state, State::Ringing | State::Assistant);
        if possible {
            self.state = State::Human;
        }
        possible
    }

    pub(crate) fn reject(&mut self, reason: Option<&str>, now: DateTime<Utc>) -> bool {
        let possible = self.state == State::Ringing;
        if possible {
            self.reason = reason.map(str::to_owned);
            self.finish(State::Rejected, now);
        }
        possible
    }

    pub(crate) fn transferred(&self) -> Option<(&str, DateTime<Utc>)> {
        self.transferred.as_ref().map(|(to, at)| (to.as_str(), *at))
    }

    /// The lines in which the caller asks for something.
    fn wishes(&self) -> impl Iterator<Item = &String> {
        self.script
            .iter()
            .filter(|line| line.to_lowercase().contains("please"))
    }

    /// Who has said what until now; nothing before somebody answers.
    fn turns(&self, now: DateTime<Utc>) -> Vec<(&'static str, &str)> {
        let was_answered = match self.state {
            State::Ringing | State::Rejected => false,
            State::Missed => !self.script.is_empty(),
            _ => true,
        };
        if !was_answered {
            return Vec::new();
        }
        let mut turns = Vec::new();
        if self.fate == Fate::Voicemail {
            turns.push(("AI", "Please leave a message after the tone."));
            turns.extend(self.script.iter().map(|line| ("HUMAN", line.as_str())));
        } else {
            turns.push(("AI", "Good day, how can I help?"));
            for line in &self.script {
                turns.push(("HUMAN", line));
                turns.push(("AI", "I have made a note of it."));
            }
        }
        let span = |until: DateTime<Utc>| {
            let span = (until - self.answered_at).num_milliseconds().max(0);
            usize::try_from(span).unwrap_or_default()
        };
        let whole = span(self.ends_at);
        let until = self.ended_at.unwrap_or(now);
        if until < self.ends_at && whole > 0 {
            let said = turns.len().saturating_mul(span(until)) / whole;
            turns.truncate(said.max(1));
        }
        turns
    }

    /// The body of `inbound_transcript`: what was said until now.
    pub(crate) fn transcript(&self, now: DateTime<Utc>) -> Option<Value> {
        let entries: Vec<Value> = self
            .turns(now)
            .into_iter()
            .enumerate()
            .map(|(turn, (speaker, content))| {
                let second = turn * TURN;
                json!({
                    "speaker": speaker,
                    "content": content,
                    "timestamp":
                        format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60),
                })
            })
            .collect();
        (!entries.is_empty()).then(|| json!({ "entries": entries }))
    }

    /// Of the talk until now.
    pub(crate) fn seconds(&self, now: DateTime<Utc>) -> usize {
        self.turns(now).len() * TURN
    }

    /// Sets the status of an action item, counted from 0; there are none before the call is over.
    pub(crate) fn set_item(&mut self, index: usize, status: &str) -> bool {
        let over = self.state == State::Completed;
        match self.items.get_mut(index).filter(|_| over) {
            Some(item) => {
                status.clone_into(item);
                true
            }
            None => false,
        }
    }

    /// As lists show it.
    pub(crate) fn view(&self) -> Map<String, Value> {
        let mut view = Map::new();
        let mut set = |name: &str, value: Value| view.insert(name.to_owned(), value);
        set("id", json!(self.id));
        set("caller_number", json!(self.from));
        set("status", json!(self.state.status()));
        set("live_state", json!(self.state.name()));
        set("is_vip", json!(self.vip));
        set("created_at", json!(stamp(self.created_at)));
        if let Some(ended_at) = self.ended_at {
            set("ended_at", json!(stamp(ended_at)));
        }
        if let Some((to, _)) = &self.transferred {
            set("transferred_to", json!(to));
        }
        if let Some(reason) = &self.reason {
            set("reject_reason", json!(reason));
        }
        view
    }

    /// With summary and action items, when it is over.
    pub(crate) fn detail(&self, now: DateTime<Utc>) -> Value {
        let mut view = self.view();
        let items: Vec<Value> = if self.state == State::Completed {
            self.wishes()
                .zip(&self.items)
                .map(|(line, status)| json!({ "description": line, "status": status }))
                .collect()
        } else {
            Vec::new()
        };
        view.insert("action_items".to_owned(), json!(items));
        if self.is_over() {
            let summary = match (self.state, self.script.first()) {
                (State::Completed, Some(first)) => format!("The caller said: {first}"),
                (State::Missed, Some(_)) => "The caller left a message.".to_owned(),
                (State::Rejected, _) => "The call was rejected.".to_owned(),
                _ => "The caller hung up.".to_owned(),
            };
            view.insert("summary".to_owned(), json!(summary));
            view.insert("duration_seconds".to_owned(), json!(self.seconds(now)));
        }
        Value::Object(view)
    }
}
