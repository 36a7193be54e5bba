//! The inbox over all channels: what has come for the user, and was not said in an answer.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::stamp;

/// How much of a message its preview shows, in characters.
const PREVIEW: usize = 80;

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channel {
    Email,
    Sms,
    Call,
    Chat,
}

impl Channel {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Call => "call",
            Self::Chat => "chat",
        }
    }
}

/// What comes in.
pub(crate) struct Arrival<'a> {
    pub(crate) channel: Channel,
    /// What belongs together has the same word here. Of a chat it is the conversation; of all else it
    /// is never shown.
    pub(crate) thread: &'a str,
    pub(crate) from: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) content: &'a str,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    channel: Channel,
    conversation: String,
    from: String,
    subject: String,
    content: String,
    unread: bool,
    /// What the user has written: it stands in its thread only.
    #[serde(default)]
    own: bool,
    at: DateTime<Utc>,
}

/// Oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Inbox {
    messages: Vec<Message>,
    /// The ids of the threads.
    threads: BTreeMap<String, String>,
}

impl Message {
    pub(crate) fn is(&self, channel: Option<&str>, only_unread: bool) -> bool {
        !self.own
            && channel.is_none_or(|channel| channel == self.channel.name())
            && (self.unread || !only_unread)
    }

    fn preview(&self) -> String {
        self.content.chars().take(PREVIEW).collect()
    }

    pub(crate) fn view(&self) -> Value {
        json!({
            "id": self.id,
            "conversation_id": self.conversation,
            "from": self.from,
            "subject": self.subject,
            "channel": self.channel.name(),
            "preview": self.preview(),
            "unread": self.unread,
            "received_at": stamp(self.at),
        })
    }

    /// With its full content.
    pub(crate) fn detail(&self) -> Value {
        let mut view = self.view();
        if let Value::Object(view) = &mut view {
            view.insert("content".to_owned(), json!(self.content));
        }
        view
    }

    /// As it stands among what waits for the user.
    pub(crate) fn pending(&self) -> Value {
        json!({ "id": self.id, "channel": self.channel.name(), "preview": self.preview() })
    }
}

impl Inbox {
    /// Takes a message in, and answers with its id.
    pub(crate) fn receive(&mut self, arrival: &Arrival<'_>, at: DateTime<Utc>) -> String {
        self.keep(arrival, false, at)
    }

    /// Keeps what the user has written beside what it belongs to.
    pub(crate) fn file(&mut self, arrival: &Arrival<'_>, at: DateTime<Utc>) {
        self.keep(arrival, true, at);
    }

    /// The id of a thread, if anything stands in it.
    pub(crate) fn conversation(&self, thread: &str) -> Option<&str> {
        self.threads.get(thread).map(String::as_str)
    }

    fn keep(&mut self, arrival: &Arrival<'_>, own: bool, at: DateTime<Utc>) -> String {
        let next = self.threads.len().saturating_add(1);
        let conversation = match arrival.channel {
            Channel::Chat => arrival.thread.to_owned(),
            _ => self
                .threads
                .entry(arrival.thread.to_owned())
                .or_insert_with(|| format!("cv_{next}"))
                .clone(),
        };
        let id = format!("ms_{}", self.messages.len().saturating_add(1));
        self.messages.push(Message {
            id: id.clone(),
            channel: arrival.channel,
            conversation,
            from: arrival.from.to_owned(),
            subject: arrival.subject.to_owned(),
            content: arrival.content.to_owned(),
            unread: !own,
            own,
            at,
        });
        id
    }

    /// Newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().rev()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    /// The messages of a conversation, oldest first.
    pub(crate) fn thread(&self, conversation: &str) -> impl Iterator<Item = &Message> {
        self.messages
            .iter()
            .filter(move |message| message.conversation == conversation)
    }

    /// Marks all of these, or none where one is not known.
    pub(crate) fn mark_read(&mut self, ids: &[&str]) -> bool {
        if ids.iter().any(|id| self.get(id).is_none()) {
            return false;
        }
        for message in &mut self.messages {
            if ids.contains(&message.id.as_str()) {
                message.unread = false;
            }
        }
        true
    }
}
