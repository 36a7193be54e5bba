//! Looking for a call whose outcome nobody knows.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::dials::Dial;
use super::fingerprint::Fingerprint;
use crate::client::Client;
use crate::error::Error;
use crate::error::retry_after::service_time;
use crate::request::Response;
use crate::retry::{Backoff, Machine, Surroundings};
use crate::types::{Call, CallRequest};

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

/// Places a call; where the outcome is unknown, looks for it, and waits until it is over.
pub(crate) async fn or_look_up(
    client: &Client,
    request: &CallRequest,
    deadline: Duration,
    placing: impl Future<Output = Result<Response<Call>, Error>>,
) -> Result<Response<Call>, Error> {
    let dial = client.dials().open(Fingerprint::of_request(request));
    let around = Machine::new();
    let error = match placing.await {
        Ok(response) => {
            dial.answered(&response.value.call_id);
            return Ok(response);
        }
        Err(error) if error.is_outcome_unknown() => error,
        Err(error) => {
            dial.not_dialled();
            return Err(error);
        }
    };
    let search = Search {
        client,
        dial: &dial,
        around: &around,
        deadline,
    };
    match search.run().await {
        Some(found) => {
            dial.answered(&found.value.call_id);
            Ok(found)
        }
        None => Err(error.not_found_again()),
    }
}

struct Search<'a> {
    client: &'a Client,
    dial: &'a Dial,
    /// Its time began when the call was first sent.
    around: &'a Machine,
    deadline: Duration,
}

impl Search<'_> {
    async fn run(&self) -> Option<Response<Call>> {
        let backoff = Backoff::default();
        let mut resent = 0;
        let found = loop {
            if !self.dial.is_alone() {
                return None;
            }
            match self.look().await {
                Looked::One(found) => break found,
                Looked::Several => return None,
                Looked::None => {}
            }
            resent += 1;
            let wait = backoff.jittered(resent, self.around.fraction());
            if resent >= LOOKS || self.around.now() + wait >= self.deadline {
                return None;
            }
            self.around.sleep(wait).await;
        };
        tracing::info!("a call whose answer was lost has been found");
        Some(self.until_over(*found).await)
    }

    /// Reads the list once. What cannot be read shows nothing.
    async fn look(&self) -> Looked {
        let mut found = Looked::None;
        for page in 0..PAGES {
            let list = self
                .client
                .calls()
                .list()
                .limit(PAGE)
                .offset(page * PAGE)
                .timeout(LOOK)
                .max_attempts(1)
                .with_response();
            let Ok(list) = list.await else {
                return Looked::None;
            };
            let now = service_time(&list.headers).unwrap_or_else(Utc::now);
            let age = TimeDelta::from_std(self.around.now()).unwrap_or(TimeDelta::MAX);
            let since = now
                .checked_sub_signed(age + MARGIN)
                .unwrap_or(DateTime::<Utc>::MIN_UTC);
            let calls = list.value.calls();
            for call in calls.iter().filter(|call| self.is_it(call, since)) {
                match &found {
                    // A list that grows while it is read shows entries again.
                    Looked::One(before) if before.value.call_id == call.call_id => continue,
                    Looked::One(_) => return Looked::Several,
                    _ => {}
                }
                found = Looked::One(Box::new(Response {
                    value: call.clone(),
                    status: list.status,
                    headers: list.headers.clone(),
                }));
            }
            if calls.len() < PAGE as usize {
                break;
            }
        }
        found
    }

    fn is_it(&self, call: &Call, since: DateTime<Utc>) -> bool {
        Fingerprint::of_call(call) == Some(self.dial.fingerprint())
            && call.placed_at().is_some_and(|at| at >= since)
            && !self.dial.is_anothers(&call.call_id)
    }

    /// The call when it is over, or as it is when the time is up.
    async fn until_over(&self, found: Response<Call>) -> Response<Call> {
        let backoff = Backoff::default();
        let mut latest = found;
        let mut resent = 0;
        while !latest.value.is_over() {
            let wait = backoff
                .jittered(resent, self.around.fraction())
                .max(SHORTEST);
            if self.around.now() + wait >= self.deadline {
                break;
            }
            self.around.sleep(wait).await;
            let id = latest.value.call_id.clone();
            if let Ok(call) = self.client.calls().get(id).with_response().await {
                latest = call;
            }
            resent += 1;
        }
        latest
    }
}

/// Between two looks at a call that is going on.
const SHORTEST: Duration = Duration::from_millis(100);

enum Looked {
    None,
    One(Box<Response<Call>>),
    Several,
}
