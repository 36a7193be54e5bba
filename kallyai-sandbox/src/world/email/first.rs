//! What lies in a mailbox when it is connected.

use chrono::{DateTime, Utc};

use super::{Attachment, Class, Mail, Provider};

struct First {
    class: Class,
    from: &'static str,
    subject: &'static str,
    body: &'static str,
    /// Name, type and size.
    attachment: Option<(&'static str, &'static str, u32)>,
}

const GMAIL: &[First] = &[
    First {
        class: Class::Spam,
        from: "prizes@example.net",
        subject: "You have won",
        body: "Claim your prize today.",
        attachment: None,
    },
    First {
        class: Class::Informational,
        from: "no-reply@books.example.com",
        subject: "New books this month",
        body: "Twelve new books are on our shelves.",
        attachment: None,
    },
    First {
        class: Class::Actionable,
        from: "billing@cable.example.com",
        subject: "Your bill",
        body: "Your bill of 89.99 for internet is due on the first of the month.",
        attachment: Some(("bill.pdf", "application/pdf", 48_213)),
    },
    First {
        class: Class::Actionable,
        from: "grace@example.com",
        subject: "Dinner on Saturday?",
        body: "Shall we meet at Italian Bistro at eight?",
        attachment: None,
    },
    First {
        class: Class::Important,
        from: "clinic@example.com",
        subject: "Appointment confirmed",
        body: "Your appointment is confirmed for Friday at 10.",
        attachment: Some(("appointment.ics", "text/calendar", 612)),
    },
];

const OUTLOOK: &[First] = &[
    First {
        class: Class::Informational,
        from: "no-reply@travel.example.com",
        subject: "Your journey in pictures",
        body: "Look back on a year of travel.",
        attachment: None,
    },
    First {
        class: Class::Important,
        from: "office@example.com",
        subject: "The meeting has moved",
        body: "We meet on Thursday at 14:00 instead.",
        attachment: None,
    },
];

/// Oldest first. Their ids are those of nobody yet.
pub(super) fn mails(provider: Provider, now: DateTime<Utc>) -> impl Iterator<Item = Mail> {
    let mails = match provider {
        Provider::Gmail => GMAIL,
        Provider::Outlook => OUTLOOK,
    };
    mails.iter().map(move |first| Mail {
        id: String::new(),
        provider,
        class: first.class,
        from: first.from.to_owned(),
        subject: first.subject.to_owned(),
        body: first.body.to_owned(),
        attachments: first
            .attachment
            .into_iter()
            .map(|(filename, content_type, size)| Attachment {
                filename: filename.to_owned(),
                content_type: content_type.to_owned(),
                size,
            })
            .collect(),
        at: now,
    })
}
