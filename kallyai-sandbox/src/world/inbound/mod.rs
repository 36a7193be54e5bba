//! What comes in: calls, what the rules make of them, voicemails, contacts and events.

pub(crate) mod calls;
pub(crate) mod events;
pub(crate) mod people;
pub(crate) mod rules;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::stamp;
use crate::ids::Ids;
use calls::{Call, Ring};
use events::{Events, Name};
use people::Contacts;
use rules::{Caller, Fate, Rules};

#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Inbound {
    /// Oldest first.
    pub(crate) calls: Vec<Call>,
    pub(crate) rules: Rules,
    pub(crate) contacts: Contacts,
    /// Oldest first.
    pub(crate) voicemails: Vec<Voicemail>,
    pub(crate) events: Events,
    /// The calls whose end was not told yet.
    #[serde(skip)]
    ended: Vec<Uuid>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Voicemail {
    pub(crate) id: Uuid,
    call: Uuid,
    from: String,
    text: String,
    at: DateTime<Utc>,
}

impl Voicemail {
    pub(crate) fn view(&self) -> Value {
        json!({
            "id": self.id,
            "call_id": self.call,
            "caller_number": self.from,
            "transcript": self.text,
            "created_at": stamp(self.at),
        })
    }
}

impl Inbound {
    /// Rings the account's number.
    pub(crate) fn ring(&mut self, ring: Ring, now: DateTime<Utc>, ids: &mut Ids) -> Uuid {
        let caller = Caller {
            number: &ring.from,
            known: self.contacts.is_known(&ring.from),
            vip: self.contacts.is_vip(&ring.from),
        };
        // Without a rule, the number is forwarded or the assistant answers.
        let forwarded = || ring.forwarding.clone().map(Fate::Transfer);
        let ruled = self.rules.fate(&caller, ring.hand_off.as_deref());
        let fate = ruled.or_else(forwarded).unwrap_or(Fate::Answer);
        let rejected = fate == Fate::Reject;
        let mut call = Call::new(ids.uuid(), caller.vip, fate, ring, now);
        let id = call.id;
        self.events.note(Name::Ringing, &call, now);
        if rejected {
            call.reject(None, now);
            self.events.note(Name::Rejected, &call, now);
            self.ended.push(id);
        }
        self.calls.push(call);
        id
    }

    pub(crate) fn call(&self, id: &str) -> Option<&Call> {
        self.find(Uuid::parse_str(id).ok()?)
    }

    pub(crate) fn voicemail(&self, id: &str) -> Option<&Voicemail> {
        let id = Uuid::parse_str(id).ok()?;
        self.voicemails.iter().find(|voicemail| voicemail.id == id)
    }

    /// Does something with a call, and notes it when it was possible.
    pub(crate) fn steer(
        &mut self,
        id: &str,
        name: Name,
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Call) -> bool,
    ) -> Option<bool> {
        let id = Uuid::parse_str(id).ok()?;
        let call = self.calls.iter_mut().find(|call| call.id == id)?;
        let done = change(call);
        if done {
            self.events.note(name, call, now);
            if call.is_over() {
                self.ended.push(id);
            }
        }
        Some(done)
    }

    /// The calls that have ended since this was asked last.
    pub(crate) fn take_ended(&mut self) -> Vec<Uuid> {
        std::mem::take(&mut self.ended)
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<&Call> {
        self.calls.iter().find(|call| call.id == id)
    }

    /// When the next call changes by itself.
    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        self.calls.iter().filter_map(Call::due).min()
    }

    pub(crate) fn settle(&mut self, at: DateTime<Utc>, ids: &mut Ids) {
        for call in &mut self.calls {
            while let Some(due) = call.due().filter(|due| *due <= at) {
                let change = call.go_on(due);
                if change == Name::Voicemail {
                    self.voicemails.push(Voicemail {
                        id: ids.uuid(),
                        call: call.id,
                        from: call.from.clone(),
                        text: call.script().join(" "),
                        at: due,
                    });
                }
                self.events.note(change, call, due);
                if call.is_over() {
                    self.ended.push(call.id);
                }
            }
        }
    }

    /// The numbers that were rung because a call was transferred.
    pub(crate) fn transfers(&self) -> impl Iterator<Item = (&Call, &str, DateTime<Utc>)> {
        self.calls.iter().filter_map(|call| {
            let (to, at) = call.transferred()?;
            Some((call, to, at))
        })
    }
}
