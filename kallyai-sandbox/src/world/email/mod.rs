//! The user's own e-mail: accounts, their e-mails, and how the user writes.

mod first;
mod voice;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::inbox::{Arrival, Channel, Inbox};
use crate::clock::stamp;

pub(crate) use voice::Voice;

/// Ids begin behind these, as in the references.
const ACCOUNTS: usize = 1001;
const MAILS: usize = 2001;

/// Who keeps e-mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Provider {
    Gmail,
    Outlook,
}

impl Provider {
    pub(crate) fn address(self) -> &'static str {
        match self {
            Self::Gmail => "ada@example.com",
            Self::Outlook => "ada@example.org",
        }
    }
}

/// How the service sorts an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Class {
    Important,
    Actionable,
    Informational,
    Spam,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Self::Important => "important",
            Self::Actionable => "actionable",
            Self::Informational => "informational",
            Self::Spam => "spam",
        }
    }
}

/// An account that is or was connected.
#[derive(Clone, Serialize, Deserialize)]
struct Account {
    id: String,
    provider: Provider,
    connected_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Attachment {
    filename: String,
    content_type: String,
    size: u32,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) provider: Provider,
    class: Class,
    pub(crate) from: String,
    pub(crate) subject: String,
    body: String,
    attachments: Vec<Attachment>,
    at: DateTime<Utc>,
}

/// What comes back for an e-mail that was sent.
pub(crate) struct Incoming<'a> {
    pub(crate) from: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) body: &'a str,
}

/// A mailbox stays with its provider when it is disconnected; it is not seen then.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Email {
    accounts: Vec<Account>,
    /// Oldest first.
    mails: Vec<Mail>,
    pub(crate) voice: Option<Voice>,
}

/// What e-mails of one exchange have in common.
pub(crate) fn thread(other: &str, subject: &str) -> String {
    format!("{}\n{}", other.to_lowercase(), topic(subject))
}

fn topic(subject: &str) -> &str {
    let mut topic = subject.trim();
    while let Some(behind) = topic.get(3..).filter(|_| is_reply(topic)) {
        topic = behind.trim_start();
    }
    topic
}

fn is_reply(subject: &str) -> bool {
    let mark = subject.get(..3);
    mark.is_some_and(|mark| mark.eq_ignore_ascii_case("re:"))
}

pub(crate) fn reply_subject(subject: &str) -> String {
    if is_reply(subject) {
        subject.to_owned()
    } else {
        format!("Re: {subject}")
    }
}

/// Addresses that nobody reads.
pub(crate) fn never_answers(address: &str) -> bool {
    let address = address.to_lowercase();
    address.starts_with("no-reply@") || address.starts_with("noreply@")
}

impl Mail {
    /// As it stands in a list.
    pub(crate) fn view(&self, inbox: &Inbox) -> Value {
        let mut view = json!({
            "id": self.id,
            "from": self.from,
            "to": self.provider.address(),
            "subject": self.subject,
            "classification": self.class.name(),
            "received_at": stamp(self.at),
        });
        // What is spam stands in no thread.
        let thread = thread(&self.from, &self.subject);
        if let (Some(id), Value::Object(view)) = (inbox.conversation(&thread), &mut view) {
            view.insert("conversation_id".to_owned(), json!(id));
        }
        view
    }

    /// With headers, body and attachments.
    pub(crate) fn detail(&self, inbox: &Inbox) -> Value {
        let attachments: Vec<Value> = (1..)
            .zip(&self.attachments)
            .map(|(number, attachment): (u32, _)| {
                json!({
                    "id": format!("at_{number}"),
                    "filename": attachment.filename,
                    "content_type": attachment.content_type,
                    "size": attachment.size,
                })
            })
            .collect();
        let mut view = self.view(inbox);
        if let Value::Object(view) = &mut view {
            let headers = json!({
                "From": self.from,
                "To": self.provider.address(),
                "Subject": self.subject,
                "Date": self.at.to_rfc2822(),
                "Message-ID": format!("<{}@example.com>", self.id),
            });
            view.insert("headers".to_owned(), headers);
            view.insert("body".to_owned(), json!(self.body));
            view.insert("attachments".to_owned(), json!(attachments));
        }
        view
    }

    fn show(&self, inbox: &mut Inbox) {
        let arrival = Arrival {
            channel: Channel::Email,
            thread: &thread(&self.from, &self.subject),
            from: &self.from,
            subject: &self.subject,
            content: &self.body,
        };
        inbox.receive(&arrival, self.at);
    }
}

impl Email {
    /// Connects an account. What lies in its mailbox comes with it, the first time into the inbox too.
    pub(crate) fn connect(&mut self, provider: Provider, inbox: &mut Inbox, now: DateTime<Utc>) {
        let known = self
            .accounts
            .iter_mut()
            .find(|account| account.provider == provider);
        if let Some(account) = known {
            account.connected_at.get_or_insert(now);
            return;
        }
        self.accounts.push(Account {
            id: format!("ea_{}", self.accounts.len().saturating_add(ACCOUNTS)),
            provider,
            connected_at: Some(now),
        });
        for mail in first::mails(provider, now) {
            let mail = Mail {
                id: self.next_id(),
                ..mail
            };
            if mail.class != Class::Spam {
                mail.show(inbox);
            }
            self.mails.push(mail);
        }
    }

    pub(crate) fn disconnect(&mut self, id: &str) -> bool {
        let account = self.accounts.iter_mut().find(|account| account.id == id);
        account.is_some_and(|account| account.connected_at.take().is_some())
    }

    fn next_id(&self) -> String {
        format!("em_{}", self.mails.len().saturating_add(MAILS))
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.first().is_some()
    }

    /// The account that e-mails go out of.
    pub(crate) fn first(&self) -> Option<Provider> {
        self.accounts
            .iter()
            .find(|account| account.connected_at.is_some())
            .map(|account| account.provider)
    }

    fn sees(&self, provider: Provider) -> bool {
        self.accounts
            .iter()
            .any(|account| account.provider == provider && account.connected_at.is_some())
    }

    /// Takes in what came back, in the mailbox of an account, and answers with its id. Where the account is
    /// not connected, the inbox does not hear of it.
    pub(crate) fn receive(
        &mut self,
        provider: Provider,
        incoming: &Incoming<'_>,
        inbox: &mut Inbox,
        at: DateTime<Utc>,
    ) -> String {
        let mail = Mail {
            id: self.next_id(),
            provider,
            class: Class::Important,
            from: incoming.from.to_owned(),
            subject: incoming.subject.to_owned(),
            body: incoming.body.to_owned(),
            attachments: Vec::new(),
            at,
        };
        if self.sees(mail.provider) {
            mail.show(inbox);
        }
        let id = mail.id.clone();
        self.mails.push(mail);
        id
    }

    /// The e-mails of connected accounts, newest first.
    pub(crate) fn mails<'a>(&'a self, class: Option<&'a str>) -> impl Iterator<Item = &'a Mail> {
        self.mails
            .iter()
            .rev()
            .filter(move |mail| class.is_none_or(|class| class == mail.class.name()))
            .filter(|mail| self.sees(mail.provider))
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Mail> {
        self.mails(None).find(|mail| mail.id == id)
    }

    /// The body of `email_list_accounts`.
    pub(crate) fn accounts(&self) -> Value {
        let accounts: Vec<Value> = self
            .accounts
            .iter()
            .filter_map(|account| {
                Some(json!({
                    "id": account.id,
                    "provider": account.provider,
                    "email": account.provider.address(),
                    "connected_at": stamp(account.connected_at?),
                    "status": "active",
                }))
            })
            .collect();
        json!({ "accounts": accounts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_has_one_thread() {
        let first = thread("Clinic@example.com", "Friday");
        for subject in ["Re: Friday", "RE: re:Friday", " Friday "] {
            assert_eq!(thread("clinic@example.com", subject), first, "{subject}");
        }
        assert_ne!(thread("clinic@example.com", "Monday"), first);
        assert_ne!(thread("bob@example.com", "Friday"), first);
        assert_eq!(reply_subject("re: Friday"), "re: Friday");
        // No character is cut in two.
        assert_eq!(topic("é€"), "é€");
    }
}
