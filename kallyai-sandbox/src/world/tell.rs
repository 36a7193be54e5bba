//! What is over in one place is told in the others: in the inbox and in the action log.

use chrono::{DateTime, Utc};

use super::World;
use super::calls::{Call, Status};
use super::goals::{Goal, News};
use super::inbound::calls as inbound;
use super::inbox::{Arrival, Channel};
use super::log::{Deed, Kind};
use crate::outcome;

/// Who writes about goals.
const ASSISTANT: &str = "KallyAI";

impl World {
    /// Tells what has ended. It costs nothing where nothing has.
    pub(super) fn tell(&mut self, at: DateTime<Utc>) {
        for call in self.calls.take_ended() {
            self.log.note(deed(call, at), call.ended_at().unwrap_or(at));
            // Who has ended a call knows that.
            if !matches!(
                call.status(at),
                Status::Cancelled | Status::Terminated | Status::Queued
            ) {
                let arrival = Arrival {
                    channel: Channel::Call,
                    thread: &call.to,
                    from: call.text("business_name").unwrap_or(&call.to),
                    subject: &format!("Your call: {}", call.status(at).name()),
                    content: &outcome::of(call, at).highlights,
                };
                self.inbox.receive(&arrival, call.ended_at().unwrap_or(at));
            }
        }
        for id in self.inbound.take_ended() {
            let Some(call) = self.inbound.find(id) else {
                continue;
            };
            let (subject, content) = summary(call);
            let name = self.inbound.contacts.name(&call.from);
            let arrival = Arrival {
                channel: Channel::Call,
                thread: &call.from,
                from: name.unwrap_or(&call.from),
                subject,
                content: &content,
            };
            self.inbox.receive(&arrival, call.ended_at().unwrap_or(at));
        }
    }

    /// Tells how goals stand that have come to something.
    pub(super) fn tell_of_goals(&mut self, at: DateTime<Utc>) {
        for goal in self.goals.iter_mut() {
            if let Some(news) = goal.news() {
                let conversation = goal.conversation.to_string();
                let arrival = Arrival {
                    channel: Channel::Chat,
                    thread: &conversation,
                    from: ASSISTANT,
                    subject: &goal.title,
                    content: &report(goal, news),
                };
                self.inbox.receive(&arrival, at);
            }
        }
    }
}

/// A call is no published kind of action: it is taken for what it was to arrange.
fn deed(call: &Call, now: DateTime<Utc>) -> Deed {
    let kind = match call.text("task_category") {
        Some("restaurant" | "clinic" | "hotel") => Kind::Booking,
        _ => Kind::Errand,
    };
    Deed {
        kind,
        description: call.description(),
        status: match call.status(now) {
            Status::Success => "completed",
            other => other.name(),
        },
        undo: None,
    }
}

fn summary(call: &inbound::Call) -> (&'static str, String) {
    match call.state {
        inbound::State::Completed => ("The assistant took a call", call.script().join(" ")),
        inbound::State::Missed if !call.script().is_empty() => {
            ("A message on the voicemail", call.script().join(" "))
        }
        inbound::State::Rejected => ("A call was rejected", "The call was rejected.".to_owned()),
        _ => ("A missed call", "The caller hung up.".to_owned()),
    }
}

fn report(goal: &Goal, news: News) -> String {
    match news {
        News::Completed => format!("It is done: {}", goal.title),
        News::Waits(gate) => format!("I need you ({}): {}", gate.name(), goal.title),
    }
}
