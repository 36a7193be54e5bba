//! The e-mails that the assistant has written, and what came back for them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::without_nulls;
use crate::clock::stamp;
use crate::world::email::Provider;
use crate::world::log;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    PendingApproval,
    Sent,
    Cancelled,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::PendingApproval => log::PENDING,
            Self::Sent => "sent",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What is written.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Draft {
    pub(crate) to: String,
    pub(crate) cc: Option<String>,
    pub(crate) subject: String,
    pub(crate) body: String,
    /// The account that it goes out of. Where nobody says, it is known when it is sent.
    pub(crate) account: Option<Provider>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Email {
    pub(crate) id: String,
    pub(crate) draft: Draft,
    state: State,
    created_at: DateTime<Utc>,
    /// Those of the e-mails that came back.
    pub(super) replies: Vec<String>,
}

/// Oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outbox(Vec<Email>);

impl Email {
    pub(crate) fn is_pending(&self) -> bool {
        self.state == State::PendingApproval
    }

    pub(crate) fn status(&self) -> &'static str {
        self.state.name()
    }

    pub(crate) fn replies(&self) -> impl Iterator<Item = &str> {
        self.replies.iter().map(String::as_str)
    }

    pub(crate) fn view(&self) -> Value {
        without_nulls(json!({
            "id": self.id,
            "to": self.draft.to,
            "cc": self.draft.cc,
            "subject": self.draft.subject,
            "status": self.status(),
            "created_at": stamp(self.created_at),
        }))
    }
}

impl Outbox {
    pub(crate) fn write(&mut self, draft: Draft, now: DateTime<Utc>) -> Email {
        let email = Email {
            id: format!("em_{}", self.0.len().saturating_add(1)),
            draft,
            state: State::PendingApproval,
            created_at: now,
            replies: Vec::new(),
        };
        self.0.push(email.clone());
        email
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Email> {
        self.0.iter().find(|email| email.id == id)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Email> {
        self.0.iter_mut().find(|email| email.id == id)
    }

    /// Newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Email> {
        self.0.iter().rev()
    }

    /// Takes an e-mail that waits out of the waiting ones.
    fn turn(&mut self, id: &str, to: State) -> Option<&mut Email> {
        let email = self.get_mut(id).filter(|email| email.is_pending())?;
        email.state = to;
        Some(email)
    }

    /// Sends an e-mail out of its account, or out of this one; answers with which, and with the e-mail.
    pub(super) fn send(&mut self, id: &str, account: Provider) -> Option<(Provider, Draft)> {
        let draft = &mut self.turn(id, State::Sent)?.draft;
        let account = *draft.account.get_or_insert(account);
        Some((account, draft.clone()))
    }

    pub(crate) fn cancel(&mut self, id: &str) -> bool {
        self.turn(id, State::Cancelled).is_some()
    }
}
