//! Looking for a call whose outcome nobody knows.

use std::collections::HashSet;
use std::time::Duration;

use chrono::TimeDelta;

use super::dials::{Dial, Party};
use super::fingerprint::Fingerprint;
use super::run::is_proof;
use super::search::{Others, Search};
use crate::client::Client;
use crate::error::Error;
use crate::request::{Arrived, Response};
use crate::retry::Machine;
use crate::types::{Call, CallRequest};

/// An answer to a request that places a call.
pub(crate) trait OfCall: Sized {
    fn call_id(&self) -> Option<&str>;

    /// What is made of an answer that names no call.
    fn without_id(response: Box<Response<Self>>) -> Arrived<Self>;

    /// The answer that the call would have had.
    fn of_call(call: Call) -> Result<Self, Error>;
}

impl OfCall for Call {
    fn call_id(&self) -> Option<&str> {
        Some(self.call_id.as_str()).filter(|id| !id.is_empty())
    }

    fn without_id(_: Box<Response<Self>>) -> Arrived<Self> {
        Err(Error::placed_without_id())
    }

    fn of_call(call: Call) -> Result<Self, Error> {
        Ok(call)
    }
}

/// Places a call; where the outcome is unknown, looks for it, and waits until it is over.
pub(crate) async fn or_look_up<T: OfCall>(
    client: &Client,
    request: &CallRequest,
    key: Option<&str>,
    deadline: Duration,
    placing: impl Future<Output = Arrived<T>>,
) -> Arrived<T> {
    let fingerprint = Fingerprint::of_request(request);
    let dial = client
        .dials()
        .open(fingerprint, key.map_or_else(Party::new, Party::of_key));
    // Its time begins when the call is first sent.
    let around = Machine::new();
    let error = match placing.await {
        Ok(response) => {
            if let Some(id) = response.value.call_id() {
                dial.answered(id);
                return Ok(response);
            }
            match T::without_id(response) {
                Ok(response) => return Ok(response),
                Err(error) => error,
            }
        }
        Err(error) if is_proof(&error) => {
            dial.not_dialled();
            return Err(error);
        }
        Err(error) => error,
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
            found.try_map(T::of_call).map(Box::new)
        }
        Err(_) => Err(error.not_found_again()),
    }
}

impl Others for Dial {
    async fn others(&self) -> Option<HashSet<String>> {
        Dial::others(self)
    }
}
