//! How the assistant reaches the user: contact e-mails, and channels that are connected.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::stamp;
use crate::ids::{Ids, fingerprint};

/// Where the assistant takes mail for the user.
pub(crate) const MAILBOX: &str = "ada@kally.example";

/// What a new account has.
const FIRST: (&str, &str) = ("ada@example.com", "Home");

/// A channel that is connected with credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Webhook {
    Whatsapp,
    Telegram,
}

/// The channels that are published and cannot be connected.
const OTHERS: &[&str] = &["linkedin", "instagram", "twitter"];

impl Webhook {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Whatsapp, Self::Telegram]
            .into_iter()
            .find(|channel| channel.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
        }
    }

    /// The fields of its credentials.
    fn credentials(self) -> &'static [&'static str] {
        match self {
            Self::Whatsapp => &["phone_number_id", "access_token", "business_account_id"],
            Self::Telegram => &["bot_token"],
        }
    }

    /// Whose credentials these are; nobody's where one is missing or begins with `invalid`. The name
    /// tells nothing of them.
    pub(crate) fn account(self, credentials: &Value) -> Option<String> {
        let mut all = String::new();
        for name in self.credentials() {
            let secret = credentials.get(name)?.as_str()?;
            if secret.is_empty() || secret.starts_with("invalid") {
                return None;
            }
            all.push_str(secret);
            all.push('\n');
        }
        let tail: String = fingerprint(all.as_bytes()).chars().take(8).collect();
        Some(format!("{}_{tail}", self.name()))
    }
}

/// Credentials are not kept.
#[derive(Clone, Serialize, Deserialize)]
struct Connection {
    account_name: String,
    connected_at: DateTime<Utc>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ContactEmail {
    id: String,
    address: String,
    label: Option<String>,
    copies: bool,
    notifications: bool,
    verified_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// What stands in the link of the verification e-mail, until it is used.
    token: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Channels {
    /// Oldest first.
    emails: Vec<ContactEmail>,
    /// The id of the primary one, as long as there are any.
    primary: String,
    /// How many there were.
    emails_made: usize,
    connections: BTreeMap<Webhook, Connection>,
}

impl ContactEmail {
    fn view(&self, is_primary: bool) -> Value {
        let mut view = json!({
            "id": self.id,
            "email_address": self.address,
            "is_primary": is_primary,
            "receives_copies": self.copies,
            "receives_notifications": self.notifications,
            "verified": self.verified_at.is_some(),
            "verified_at": self.verified_at.map(stamp),
            "created_at": stamp(self.created_at),
        });
        if let (Some(label), Value::Object(view)) = (&self.label, &mut view) {
            view.insert("label".to_owned(), json!(label));
        }
        view
    }

    /// Takes over what is said of it; two names of the label are published.
    fn set(&mut self, fields: &Value) {
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        if let Some(label) = text("label").or_else(|| text("display_name")) {
            self.label = Some(label.to_owned());
        }
        let switch = |name: &str, into: &mut bool| {
            if let Some(value) = fields.get(name).and_then(Value::as_bool) {
                *into = value;
            }
        };
        switch("receives_copies", &mut self.copies);
        switch("receives_notifications", &mut self.notifications);
    }
}

/// Of a world that was dumped before there were channels.
impl Default for Channels {
    fn default() -> Self {
        Self::new(DateTime::UNIX_EPOCH)
    }
}

impl Channels {
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let (address, label) = FIRST;
        let mut channels = Self {
            emails: Vec::new(),
            primary: String::new(),
            emails_made: 0,
            connections: BTreeMap::new(),
        };
        let fields = json!({ "email_address": address, "label": label });
        let mut first = channels.make(&fields, now);
        first.verified_at = Some(now);
        channels.primary.clone_from(&first.id);
        channels.emails.push(first);
        channels
    }

    fn make(&mut self, fields: &Value, now: DateTime<Utc>) -> ContactEmail {
        self.emails_made = self.emails_made.saturating_add(1);
        let address = fields.get("email_address").and_then(Value::as_str);
        let mut email = ContactEmail {
            id: format!("ce_{}", self.emails_made.saturating_add(3000)),
            address: address.unwrap_or_default().to_owned(),
            label: None,
            copies: true,
            notifications: true,
            verified_at: None,
            created_at: now,
            token: None,
        };
        email.set(fields);
        email
    }

    /// Registers an address, and answers with it and the token that verifies it; nothing where it is
    /// registered already.
    pub(crate) fn add(
        &mut self,
        fields: &Value,
        now: DateTime<Utc>,
        ids: &mut Ids,
    ) -> Option<(Value, String)> {
        let address = fields.get("email_address")?.as_str()?;
        let known = |email: &ContactEmail| email.address.to_lowercase() == address.to_lowercase();
        if self.emails.iter().any(known) {
            return None;
        }
        let mut email = self.make(fields, now);
        let token = ids.secret("email");
        email.token = Some(token.clone());
        let id = email.id.clone();
        self.emails.push(email);
        self.choose(&id, fields);
        Some((self.show(&id)?, token))
    }

    fn show(&self, id: &str) -> Option<Value> {
        let email = self.emails.iter().find(|email| email.id == id)?;
        Some(email.view(id == self.primary))
    }

    pub(crate) fn change(&mut self, id: &str, fields: &Value) -> Option<Value> {
        let email = self.emails.iter_mut().find(|email| email.id == id)?;
        email.set(fields);
        self.choose(id, fields);
        self.show(id)
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        let before = self.emails.len();
        self.emails.retain(|email| email.id != id);
        if self.primary == id {
            self.primary = self.successor(id).unwrap_or_default();
        }
        self.emails.len() < before
    }

    /// Makes an address the primary one or not, if that is said. The only one is it in any case.
    fn choose(&mut self, id: &str, fields: &Value) {
        let wanted = fields.get("is_primary").and_then(Value::as_bool);
        if wanted == Some(true) || self.primary.is_empty() {
            id.clone_into(&mut self.primary);
        } else if wanted == Some(false) && self.primary == id {
            self.primary = self.successor(id).unwrap_or_else(|| id.to_owned());
        }
    }

    /// The oldest verified one but this, or else the oldest.
    fn successor(&self, but: &str) -> Option<String> {
        let others = || self.emails.iter().filter(|email| email.id != but);
        let verified = others().find(|email| email.verified_at.is_some());
        verified
            .or_else(|| others().next())
            .map(|email| email.id.clone())
    }

    /// Verifies the address to which this token was sent, once.
    pub(crate) fn verify(&mut self, token: &str, now: DateTime<Utc>) -> bool {
        let email = self
            .emails
            .iter_mut()
            .find(|email| email.token.as_deref() == Some(token));
        email.is_some_and(|email| {
            email.token = None;
            email.verified_at = Some(now);
            true
        })
    }

    /// The body of `channels_list_emails`: oldest first.
    pub(crate) fn emails(&self) -> Value {
        let emails: Vec<Value> = self
            .emails
            .iter()
            .map(|email| email.view(email.id == self.primary))
            .collect();
        json!({ "total": emails.len(), "emails": emails, "kally_mailbox": MAILBOX })
    }

    pub(crate) fn connect(&mut self, channel: Webhook, account_name: String, now: DateTime<Utc>) {
        let connection = Connection {
            account_name,
            connected_at: now,
        };
        self.connections.insert(channel, connection);
    }

    pub(crate) fn disconnect(&mut self, channel: Webhook) -> bool {
        self.connections.remove(&channel).is_some()
    }

    pub(crate) fn is_connected(&self, channel: Webhook) -> bool {
        self.connections.contains_key(&channel)
    }

    /// The body of `channels_statuses`.
    pub(crate) fn statuses(&self) -> Value {
        let primary = self.emails.iter().find(|email| email.id == self.primary);
        let status = |channel: &str, account: Option<(&str, DateTime<Utc>)>| {
            json!({
                "channel": channel,
                "connected": account.is_some(),
                "account_name": account.map(|(name, _)| name),
                "connected_at": account.map(|(_, at)| stamp(at)),
            })
        };
        let email = primary.map(|email| (email.address.as_str(), email.created_at));
        let webhooks = [Webhook::Whatsapp, Webhook::Telegram].map(|channel| {
            let connection = self.connections.get(&channel);
            let account = connection.map(|c| (c.account_name.as_str(), c.connected_at));
            status(channel.name(), account)
        });
        let channels: Vec<Value> = std::iter::once(status("email", email))
            .chain(webhooks)
            .chain(OTHERS.iter().map(|channel| status(channel, None)))
            .collect();
        let mut overview = json!({
            "connected": primary.is_some(),
            "contact_count": self.emails.len(),
            "kally_mailbox": MAILBOX,
        });
        if let (Some(primary), Value::Object(overview)) = (primary, &mut overview) {
            overview.insert("primary_email".to_owned(), json!(primary.address));
        }
        json!({ "channels": channels, "email": overview })
    }
}
