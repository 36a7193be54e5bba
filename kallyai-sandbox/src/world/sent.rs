//! What was written and has really left: e-mails, text messages and chats. What [`super::calls`] are for
//! phones, this is for everything else: nothing is sent anywhere, and all of it can be read here.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::stamp;

/// How a letter left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Carrier {
    Email,
    Sms,
    Whatsapp,
    Telegram,
}

impl Carrier {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Letter {
    pub(crate) carrier: Carrier,
    pub(crate) to: String,
    pub(crate) subject: Option<String>,
    pub(crate) text: String,
    pub(crate) at: DateTime<Utc>,
}

impl Letter {
    /// As the control plane shows it.
    pub(crate) fn view(&self) -> Value {
        json!({
            "channel": self.carrier.name(),
            "to": self.to,
            "subject": self.subject,
            "text": self.text,
            "sent_at": stamp(self.at),
        })
    }
}

/// Oldest first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Sent(Vec<Letter>);

impl Sent {
    pub(crate) fn send(&mut self, letter: Letter) {
        self.0.push(letter);
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Letter> {
        self.0.iter()
    }
}
