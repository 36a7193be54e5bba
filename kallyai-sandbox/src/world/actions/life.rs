//! What becomes of what was done, and where else it is seen.

use chrono::{DateTime, TimeDelta, Utc};

use super::outbox::Draft;
use super::tasks::State;
use super::{Change, Entry};
use crate::world::World;
use crate::world::email::{Incoming, never_answers, reply_subject, thread};
use crate::world::inbox::{Arrival, Channel};
use crate::world::log::Undo;
use crate::world::sent::{Carrier, Letter};

impl World {
    /// Lets happen what was arranged until this time.
    pub(in crate::world) fn settle_actions(&mut self, until: DateTime<Utc>) {
        for Entry { at, change } in self.actions.take_due(until) {
            match change {
                Change::Confirm(id) => {
                    if self.actions.bookings.confirm(&id) {
                        self.log.mark(&Undo::Booking(id), "completed", false);
                    }
                }
                Change::Begin(id) => self.turn(&id, State::InProgress),
                Change::Finish(id) => self.turn(&id, State::Completed),
                Change::Reply(id) => self.reply(&id, at),
            }
        }
    }

    fn turn(&mut self, task: &str, state: State) {
        if let Some(entry) = self.actions.tasks.turn(task, state) {
            self.log.set(entry, state.name());
        }
    }

    /// Sends an e-mail of the outbox that waits; it is answered after this time. Answers with whether
    /// there was one, and an account to send it from.
    pub(crate) fn send_email(&mut self, id: &str, life: TimeDelta, now: DateTime<Utc>) -> bool {
        let Some(account) = self.email.first() else {
            return false;
        };
        let Some((sender, draft)) = self.actions.outbox.send(id, account) else {
            return false;
        };
        let Draft {
            to,
            cc,
            subject,
            body,
            ..
        } = draft;
        let arrival = Arrival {
            channel: Channel::Email,
            thread: &thread(&to, &subject),
            from: sender.address(),
            subject: &subject,
            content: &body,
        };
        self.inbox.file(&arrival, now);
        if !never_answers(&to) {
            self.actions.reply_later(id, now, life);
        }
        for recipient in [Some(to), cc].into_iter().flatten() {
            self.sent.send(Letter {
                carrier: Carrier::Email,
                to: recipient,
                subject: Some(subject.clone()),
                text: body.clone(),
                at: now,
            });
        }
        true
    }

    /// The recipient of an e-mail answers.
    fn reply(&mut self, id: &str, at: DateTime<Utc>) {
        let Some(email) = self.actions.outbox.get_mut(id) else {
            return;
        };
        let draft = &email.draft;
        let Some(account) = draft.account else {
            return;
        };
        let incoming = Incoming {
            from: &draft.to,
            subject: &reply_subject(&draft.subject),
            body: &format!(
                "Thank you for your e-mail about \"{}\". That is fine with us.",
                draft.subject
            ),
        };
        let reply = self.email.receive(account, &incoming, &mut self.inbox, at);
        email.replies.push(reply);
    }
}
