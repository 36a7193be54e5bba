//! Looking for a call whose outcome nobody knows.

use std::collections::HashSet;
use std::time::Duration;

use chrono::TimeDelta;

use super::dials::{Dial, Party};
use super::fingerprint::Fingerprint;
use super::search::{Others, Search};
use crate::client::Client;
use crate::error::Error;
use crate::request::Arrived;
use crate::retry::Machine;
use crate::types::{Call, CallRequest};

/// Places a call; where the outcome is unknown, looks for it, and waits until it is over.
pub(crate) async fn or_look_up(
    client: &Client,
    request: &CallRequest,
    key: Option<&str>,
    deadline: Duration,
    placing: impl Future<Output = Arrived<Call>>,
) -> Arrived<Call> {
    let fingerprint = Fingerprint::of_request(request);
    let dial = client
        .dials()
        .open(fingerprint, key.map_or_else(Party::new, Party::of_key));
    // Its time begins when the call is first sent.
    let around = Machine::new();
    let error = match placing.await {
        Ok(response) if response.value.call_id.is_empty() => Error::placed_without_id(),
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
        fingerprint,
        around: &around,
        age: TimeDelta::zero(),
        deadline,
    };
    match search.find(&dial).await {
        Ok(found) => {
            let found = search.until_over(found).await;
            dial.answered(&found.value.call_id);
            Ok(found)
        }
        Err(_) => Err(error.not_found_again()),
    }
}

impl Others for Dial {
    async fn others(&self) -> Option<HashSet<String>> {
        Dial::others(self)
    }
}
