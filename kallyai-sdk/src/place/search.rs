//! Looking for a call in the list of the service.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::fingerprint::Fingerprint;
use crate::client::Client;
use crate::error::Error;
use crate::error::retry_after::service_time;
use crate::request::Response;
use crate::retry::{Backoff, Machine, Surroundings};
use crate::types::Call;

/// How often the list is read: the service may show a call only after a while.
const LOOKS: u32 = 3;
/// As many as the service answers with at once.
const PAGE: u32 = 200;
/// How many pages are read: whether new calls come first is assumed.
const PAGES: u32 = 5;
/// How far the clocks may differ beyond what the service's own time tells, which comes in seconds.
const MARGIN: TimeDelta = TimeDelta::seconds(5);
/// How long one look may take.
const LOOK: Duration = Duration::from_secs(10);
/// Between two looks at a call that is going on.
pub(super) const SHORTEST: Duration = Duration::from_millis(100);

/// What else a listed call could be.
pub(super) trait Others: Sync {
    /// The calls that are others'; none where that cannot be told.
    fn others(&self) -> impl Future<Output = Option<HashSet<String>>> + Send;
}

/// A call that is looked for.
pub(super) struct Search<'a> {
    pub(super) client: &'a Client,
    pub(super) fingerprint: Fingerprint,
    pub(super) around: &'a Machine,
    /// How long before the time of `around` began the call was first sent.
    pub(super) age: TimeDelta,
    /// When to give up, by the time of `around`.
    pub(super) deadline: Duration,
}

pub(super) enum Looked {
    /// It is not there.
    None,
    /// It can be no other.
    One(Box<Response<Call>>),
    /// There are several, or a single one that could be another's.
    Doubtful,
}

impl Search<'_> {
    /// Reads the list until it shows the call, but not often. Otherwise why the last look failed, if it
    /// did.
    pub(super) async fn find(
        &self,
        others: &impl Others,
    ) -> Result<Box<Response<Call>>, Option<Error>> {
        let backoff = Backoff::default();
        let mut looks = 0;
        let mut failed = None;
        loop {
            if self.left().is_zero() {
                return Err(failed);
            }
            failed = match self.look(others).await {
                Ok(Looked::One(found)) => {
                    tracing::info!("a call whose answer was lost has been found");
                    return Ok(found);
                }
                Ok(Looked::Doubtful) => return Err(None),
                Ok(Looked::None) => None,
                Err(error) => Some(error),
            };
            looks += 1;
            let wait = backoff.jittered(looks, self.around.fraction());
            if looks >= LOOKS || self.around.now() + wait >= self.deadline {
                return Err(failed);
            }
            self.around.sleep(wait).await;
        }
    }

    /// How much time there is still.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_sub(self.around.now())
    }

    /// Reads the list once.
    pub(super) async fn look(&self, others: &impl Others) -> Result<Looked, Error> {
        let mut found: Vec<Response<Call>> = Vec::new();
        for page in 0..PAGES {
            let list = self
                .client
                .calls()
                .list()
                .limit(PAGE)
                .offset(page * PAGE)
                .timeout(self.left().min(LOOK))
                .max_attempts(1)
                .with_response();
            let list = list.await?;
            let now = service_time(&list.headers).unwrap_or_else(Utc::now);
            let since = self.since(now);
            let calls = list.value.calls();
            for call in calls.iter().filter(|call| self.is_alike(call, since)) {
                // A list that grows while it is read shows entries again.
                if found
                    .iter()
                    .all(|before| before.value.call_id != call.call_id)
                {
                    found.push(Response {
                        value: call.clone(),
                        status: list.status,
                        headers: list.headers.clone(),
                        mended: list.mended,
                    });
                }
            }
            if calls.len() < PAGE as usize {
                break;
            }
        }
        if found.is_empty() {
            return Ok(Looked::None);
        }
        // Asked afterwards: whose calls were answered meanwhile is known by now.
        let Some(others) = others.others().await else {
            return Ok(Looked::Doubtful);
        };
        found.retain(|call| !others.contains(&call.value.call_id));
        Ok(match (found.pop(), found.is_empty()) {
            (None, _) => Looked::None,
            (Some(one), true) => Looked::One(Box::new(one)),
            (Some(_), false) => Looked::Doubtful,
        })
    }

    /// When the call can have been placed at the earliest, by the service's clock.
    fn since(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.around.now()).unwrap_or(TimeDelta::MAX);
        self.age
            .checked_add(&passed)
            .and_then(|age| age.checked_add(&MARGIN))
            .and_then(|age| now.checked_sub_signed(age))
            .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    fn is_alike(&self, call: &Call, since: DateTime<Utc>) -> bool {
        // One without an id cannot be told from others, or asked for.
        !call.call_id.is_empty()
            && Fingerprint::of_call(call) == Some(self.fingerprint)
            && call.placed_at().is_some_and(|at| at >= since)
    }

    /// The call when it is over, or as it is when the time is up.
    pub(super) async fn until_over(&self, found: Box<Response<Call>>) -> Box<Response<Call>> {
        let backoff = Backoff::default();
        let id = found.value.call_id.clone();
        let mut latest = found;
        let mut looks = 0;
        while !latest.value.is_over() {
            let wait = backoff
                .jittered(looks, self.around.fraction())
                .max(SHORTEST);
            if self.around.now() + wait >= self.deadline {
                break;
            }
            self.around.sleep(wait).await;
            let get = self.client.calls().get(id.clone());
            let get = get.timeout(self.left().min(LOOK)).with_response();
            if let Ok(call) = get.await {
                latest = Box::new(call);
            }
            looks += 1;
        }
        latest
    }
}
