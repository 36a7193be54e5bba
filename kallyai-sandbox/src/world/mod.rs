//! What a world knows. Everything here is plain data that is dumped and loaded as one JSON document.

pub(crate) mod actions;
pub(crate) mod calls;
pub(crate) mod channels;
pub(crate) mod conversations;
pub(crate) mod credits;
pub(crate) mod email;
pub(crate) mod goals;
pub(crate) mod idempotency;
pub(crate) mod inbound;
pub(crate) mod inbox;
pub(crate) mod links;
pub(crate) mod log;
pub(crate) mod outreach;
pub(crate) mod phone;
pub(crate) mod places;
pub(crate) mod plans;
pub(crate) mod prices;
pub(crate) mod referrals;
pub(crate) mod search;
pub(crate) mod sent;
pub(crate) mod sign_in;
pub(crate) mod subscription;
mod tell;
pub(crate) mod tokens;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::clock::{Clock, LONGEST, Time};
use crate::ids::Ids;
use actions::Actions;
use calls::Calls;
use channels::Channels;
use conversations::Conversations;
use credits::{Credits, Ledger};
use email::{Email, Provider};
use goals::{Goals, Means};
use idempotency::Keys;
use inbound::Inbound;
use inbox::Inbox;
use links::Links;
use log::ActionLog;
use outreach::Outreach;
use phone::Phones;
use referrals::Referrals;
use search::Searches;
use sent::Sent;
use sign_in::SignIns;
use subscription::Subscription;
use tokens::{Grant, Holder, Tokens};

/// The state of one world.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct World {
    advanced_ns: i64,
    pub(crate) ids: Ids,
    pub(crate) credentials: Credentials,
    pub(crate) tokens: Tokens,
    pub(crate) sign_ins: SignIns,
    pub(crate) calls: Calls,
    pub(crate) subscription: Subscription,
    pub(crate) ledger: Ledger,
    pub(crate) keys: Keys,
    #[serde(default)]
    pub(crate) conversations: Conversations,
    #[serde(default)]
    pub(crate) goals: Goals,
    #[serde(default)]
    pub(crate) inbound: Inbound,
    #[serde(default)]
    pub(crate) inbox: Inbox,
    #[serde(default)]
    pub(crate) log: ActionLog,
    #[serde(default)]
    pub(crate) sent: Sent,
    #[serde(default)]
    pub(crate) referrals: Referrals,
    #[serde(default)]
    pub(crate) links: Links,
    #[serde(default)]
    pub(crate) phones: Phones,
    #[serde(default)]
    pub(crate) channels: Channels,
    #[serde(default)]
    pub(crate) outreach: Outreach,
    #[serde(default)]
    pub(crate) actions: Actions,
    #[serde(default)]
    pub(crate) email: Email,
    #[serde(default)]
    pub(crate) searches: Searches,
    #[serde(skip, default = "real_time")]
    time: Time,
}

/// What a client is given to begin with.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World")
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

fn real_time() -> Time {
    Time::new(Clock::Real)
}

impl World {
    pub(crate) fn new(clock: Clock, seed: u64, secret_seed: &str, scopes: &[String]) -> Self {
        let time = Time::new(clock);
        let mut ids = Ids::new(seed, secret_seed);
        let mut tokens = Tokens::default();
        let grant = Grant::new(Holder::Anybody, scopes.to_vec());
        let now = time.now();
        let issued = tokens.issue(&mut ids, grant, now);
        let subscription = Subscription::new(now);
        let mut inbox = Inbox::default();
        let mut email = Email::default();
        email.connect(Provider::Gmail, &mut inbox, now);
        Self {
            advanced_ns: 0,
            credentials: Credentials {
                access_token: issued.access_token,
                refresh_token: issued.refresh_token,
                client_id: ids.secret("client"),
                client_secret: ids.secret("secret"),
            },
            ids,
            tokens,
            sign_ins: SignIns::default(),
            calls: Calls::default(),
            ledger: Ledger::new(subscription.period, subscription.credits()),
            subscription,
            keys: Keys::default(),
            conversations: Conversations::default(),
            goals: Goals::default(),
            inbound: Inbound::default(),
            inbox,
            log: ActionLog::default(),
            sent: Sent::default(),
            referrals: Referrals::default(),
            links: Links::default(),
            phones: Phones::new(now),
            channels: Channels::new(now),
            outreach: Outreach::default(),
            actions: Actions::default(),
            email,
            searches: Searches::default(),
            time,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.time.now()
    }

    /// How far the clock was advanced.
    pub(crate) fn advanced(&self) -> TimeDelta {
        self.time.advanced
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.time.advance(by);
        self.advanced_ns = self.time.advanced.num_nanoseconds().unwrap_or_default();
        self.settle();
    }

    /// A loaded world goes on with the clock of this one, as far as it was advanced.
    pub(crate) fn resume(&mut self, clock: Clock) {
        self.time = Time {
            clock,
            advanced: TimeDelta::nanoseconds(self.advanced_ns).clamp(TimeDelta::zero(), LONGEST),
        };
        self.advanced_ns = self.time.advanced.num_nanoseconds().unwrap_or_default();
        self.settle();
    }

    /// Lets in whoever was given the credentials of another world.
    pub(crate) fn adopt(&mut self, own: &Self) {
        self.tokens.adopt(&own.tokens, self.time.now());
        self.credentials = own.credentials.clone();
    }

    /// Lets everything happen whose time has come, in the order of time: the end of a call is what a
    /// goal waits for. Every look at the world begins with this, so that nothing has to run in the
    /// background.
    pub(crate) fn settle(&mut self) {
        let now = self.now();
        while let Some(at) = self.due().filter(|at| *at <= now) {
            self.calls.settle(at, &mut self.ledger);
            self.stir(at);
            self.reach_out(at);
            self.inbound.settle(at, &mut self.ids);
            self.referrals.settle(at, &mut self.ledger);
            if self.subscription.settle(at) {
                self.follow_subscription();
            }
            self.settle_actions(at);
            self.tell(at);
        }
        self.tell(now);
    }

    /// The credits are those of the plan and its period.
    pub(crate) fn follow_subscription(&mut self) {
        let allocated = self.subscription.credits();
        self.ledger.enter(self.subscription.period, allocated);
    }

    /// Lets the goals go on that no longer wait for anything.
    fn stir(&mut self, at: DateTime<Utc>) {
        let mut means = Means {
            calls: &mut self.calls,
            ledger: &mut self.ledger,
            log: &mut self.log,
            ids: &mut self.ids,
        };
        self.goals.settle(at, &mut means);
        self.tell_of_goals(at);
    }

    /// Ends the attempts of outreach tasks that are over.
    fn reach_out(&mut self, at: DateTime<Utc>) {
        let mut means = outreach::Means {
            mailbox: self.email.is_connected(),
            calls: &self.calls,
            channels: &self.channels,
            ledger: &mut self.ledger,
            log: &mut self.log,
            sent: &mut self.sent,
        };
        self.outreach.settle(at, &mut means);
    }

    /// What somebody has changed takes effect: goals go on from here.
    pub(crate) fn go_on(&mut self) {
        self.stir(self.now());
        self.settle();
    }

    fn due(&self) -> Option<DateTime<Utc>> {
        let others = [self.calls.due(), self.subscription.due()];
        others.into_iter().chain(self.due_dates()).flatten().min()
    }

    /// When something happens in a domain that only ever changes then.
    fn due_dates(&self) -> [Option<DateTime<Utc>>; 5] {
        [
            self.goals.due(&self.calls),
            self.outreach.due(&self.calls),
            self.inbound.due(),
            self.referrals.due(),
            self.actions.due(),
        ]
    }

    /// The credits that are left, and are not set aside for what is under way.
    pub(crate) fn free(&self) -> Credits {
        self.ledger
            .remaining()
            .minus(self.calls.reserved())
            .minus(self.goals.reserved())
            .minus(self.outreach.reserved())
    }

    /// When something happens next by itself that somebody may wait for.
    pub(crate) fn next_event(&self) -> Option<DateTime<Utc>> {
        let calls = self.calls.next_event(self.now());
        self.due_dates().into_iter().chain([calls]).flatten().min()
    }
}
