//! Outreach tasks: whom the assistant contacts, on which channel, and what came of each attempt.

mod list;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::calls::{Call, Calls, Dial};
use super::channels::{Channels, Webhook};
use super::credits::{Credits, Ledger};
use super::log::{ActionLog, Deed, Kind};
use super::prices::price;
use super::sent::{Carrier, Letter, Sent};
use crate::clock::{delta, later, stamp};
use crate::numbers;
use crate::outcome;

pub(crate) use list::Outreach;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channel {
    Call,
    Email,
    Whatsapp,
    Telegram,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Published; no task of the sandbox is, because each begins at once or waits.
    Pending,
    InProgress,
    Completed,
    Failed,
    Cancelled,
    /// Until it is retried.
    Awaiting,
}

/// What is to be done.
pub(crate) struct Order {
    pub(crate) goal: String,
    pub(crate) recipient: String,
    pub(crate) name: Option<String>,
    pub(crate) urgency: Option<String>,
    pub(crate) channel: Channel,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    id: String,
    goal: String,
    recipient: String,
    name: Option<String>,
    urgency: Option<String>,
    pub(crate) channel: Channel,
    pub(crate) status: Status,
    summary: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Oldest first.
    attempts: Vec<Attempt>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Attempt {
    channel: Channel,
    status: Status,
    started_at: DateTime<Utc>,
    /// When it ends by itself; with a call, when that does.
    ends_at: DateTime<Utc>,
    call: Option<Uuid>,
    ended_at: Option<DateTime<Utc>>,
}

/// What a task works with.
pub(crate) struct Means<'a> {
    pub(crate) calls: &'a Calls,
    pub(crate) channels: &'a Channels,
    pub(crate) ledger: &'a mut Ledger,
    pub(crate) log: &'a mut ActionLog,
    pub(crate) sent: &'a mut Sent,
    /// Whether the assistant can write e-mail.
    pub(crate) mailbox: bool,
}

impl Channel {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Call, Self::Email, Self::Whatsapp, Self::Telegram]
            .into_iter()
            .find(|channel| channel.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Email => "email",
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
        }
    }

    /// What a message costs; a call says that by itself. Of chats no price is published.
    pub(crate) fn price(self) -> Credits {
        match self {
            Self::Email => price("email_send", "per_email"),
            Self::Call | Self::Whatsapp | Self::Telegram => Credits::default(),
        }
    }
}

impl Status {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        serde_json::from_value(json!(name)).ok()
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Awaiting => "awaiting",
        }
    }
}

impl Attempt {
    /// When it is over, as long as it is not.
    fn due(&self, calls: &Calls) -> Option<DateTime<Utc>> {
        match (self.ended_at, self.call) {
            (Some(_), _) => None,
            (None, Some(call)) => calls.find(call)?.ended_at(),
            (None, None) => Some(self.ends_at),
        }
    }

    fn end(&mut self, status: Status, at: DateTime<Utc>) {
        self.status = status;
        self.ended_at = Some(at);
    }

    fn view(&self) -> Value {
        let mut view = json!({
            "channel": self.channel.name(),
            "status": self.status.name(),
            "started_at": stamp(self.started_at),
        });
        if let (Some(at), Value::Object(view)) = (self.ended_at, &mut view) {
            view.insert("completed_at".to_owned(), json!(stamp(at)));
        }
        view
    }
}

impl Task {
    fn new(id: String, order: Order, now: DateTime<Utc>) -> Self {
        Self {
            id,
            goal: order.goal,
            recipient: order.recipient,
            name: order.name,
            urgency: order.urgency,
            channel: order.channel,
            status: Status::Awaiting,
            summary: None,
            created_at: now,
            updated_at: now,
            attempts: Vec::new(),
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.status == Status::InProgress
    }

    pub(crate) fn can_be_retried(&self) -> bool {
        matches!(self.status, Status::Failed | Status::Awaiting)
    }

    /// The call that it is to make.
    pub(crate) fn dial(&self, id: Uuid, life: Duration) -> Dial {
        let mut submission = Map::new();
        let mut set = |name: &str, value: String| submission.insert(name.to_owned(), json!(value));
        set("task_category", "general".to_owned());
        // It has 10 to 1000 characters, and a name up to 200.
        let task = format!("Outreach: {}", self.goal);
        set("task_description", task.chars().take(1000).collect());
        set("respondent_phone", self.recipient.clone());
        if let Some(name) = &self.name {
            set("business_name", name.chars().take(200).collect());
        }
        Dial {
            id,
            to: self.recipient.clone(),
            submission,
            idempotency_key: None,
            outcome: numbers::outcome(&self.recipient),
            life,
            goal: None,
        }
    }

    /// Begins an attempt, with the call that was dialled for it.
    pub(crate) fn begin(&mut self, call: Option<Uuid>, life: Duration, now: DateTime<Utc>) {
        self.status = Status::InProgress;
        self.updated_at = now;
        self.attempts.push(Attempt {
            channel: self.channel,
            status: Status::InProgress,
            started_at: now,
            ends_at: later(now, delta(life)),
            call,
            ended_at: None,
        });
    }

    pub(crate) fn can_be_cancelled(&self) -> bool {
        matches!(
            self.status,
            Status::Pending | Status::InProgress | Status::Awaiting
        )
    }

    /// Ends it, and answers with the call that is to be hung up.
    pub(crate) fn cancel(&mut self, now: DateTime<Utc>) -> Option<Uuid> {
        let running = self.attempts.last_mut().filter(|a| a.ended_at.is_none());
        let call = running.and_then(|attempt| {
            attempt.end(Status::Cancelled, now);
            attempt.call
        });
        self.status = Status::Cancelled;
        self.updated_at = now;
        call
    }

    /// When the attempt under way is over.
    fn due(&self, calls: &Calls) -> Option<DateTime<Utc>> {
        self.attempts.last()?.due(calls)
    }

    /// What it will cost beside its call.
    fn reserved(&self) -> Credits {
        self.channel.price()
    }

    /// The attempt under way is over.
    fn end_attempt(&mut self, at: DateTime<Utc>, means: &mut Means<'_>) {
        let call = self.attempts.last().and_then(|attempt| attempt.call);
        let summary = match call.and_then(|call| means.calls.find(call)) {
            Some(call) => said(call, at),
            None => self.write(at, means),
        };
        self.status = match summary {
            Some(_) => Status::Completed,
            None => Status::Failed,
        };
        self.summary = summary;
        self.updated_at = at;
        let status = self.status;
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.end(status, at);
        }
    }

    /// Writes to the recipient, if it can, and says so.
    fn write(&self, at: DateTime<Utc>, means: &mut Means<'_>) -> Option<String> {
        let (carrier, can, kind, what) = match self.channel {
            Channel::Call => return None,
            Channel::Email => (Carrier::Email, means.mailbox, Kind::Email, "An e-mail"),
            Channel::Whatsapp => {
                let connected = means.channels.is_connected(Webhook::Whatsapp);
                (Carrier::Whatsapp, connected, Kind::Errand, "A message")
            }
            Channel::Telegram => {
                let connected = means.channels.is_connected(Webhook::Telegram);
                (Carrier::Telegram, connected, Kind::Errand, "A message")
            }
        };
        if !can {
            return None;
        }
        let whom = self.name.as_ref().unwrap_or(&self.recipient);
        let description = format!("{what} to {whom}");
        means.sent.send(Letter {
            carrier,
            to: self.recipient.clone(),
            subject: (carrier == Carrier::Email).then(|| self.goal.clone()),
            text: self.goal.clone(),
            at,
        });
        let cost = self.channel.price();
        if cost > Credits::default() {
            let text = description.clone();
            means.ledger.debit("email_send", text, cost, at, None);
        }
        let summary = format!("{description} was sent.");
        let deed = Deed {
            kind,
            description,
            status: "completed",
            undo: None,
        };
        means.log.note(deed, at);
        Some(summary)
    }

    /// As lists show it.
    pub(crate) fn view(&self) -> Map<String, Value> {
        let mut view = Map::new();
        let mut set = |name: &str, value: Value| view.insert(name.to_owned(), value);
        set("id", json!(self.id));
        set("goal", json!(self.goal));
        set("recipient_identifier", json!(self.recipient));
        if let Some(name) = &self.name {
            set("recipient_name", json!(name));
        }
        if let Some(urgency) = &self.urgency {
            set("urgency", json!(urgency));
        }
        set("status", json!(self.status.name()));
        set("selected_channel", json!(self.channel.name()));
        set("created_at", json!(stamp(self.created_at)));
        set("updated_at", json!(stamp(self.updated_at)));
        if let Some(summary) = &self.summary {
            set("completed_via_channel", json!(self.channel.name()));
            set("completion_summary", json!(summary));
            set("completed_at", json!(stamp(self.updated_at)));
        }
        view
    }

    /// With its attempts.
    pub(crate) fn detail(&self) -> Value {
        let mut view = self.view();
        let attempts: Vec<Value> = self.attempts.iter().map(Attempt::view).collect();
        view.insert("attempts".to_owned(), json!(attempts));
        Value::Object(view)
    }
}

/// What a call has brought that has reached somebody.
fn said(call: &Call, at: DateTime<Utc>) -> Option<String> {
    call.succeeded().then(|| outcome::of(call, at).highlights)
}
