//! The builders that place a call, or find one again.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tracing::Instrument;

use super::fingerprint::Fingerprint;
use super::handle::PlacedCall;
use super::live::{Live, Phase};
use super::log::PlaceLog;
use super::placement::Placement;
use super::run::{Ended, Job, What, another_call, run};
use crate::client::Client;
use crate::error::Error;
use crate::idempotency_key::IdempotencyKey;
use crate::operations::calls::{Calls, Create};
use crate::request::{self, Call};
use crate::retry::Timeouts;
use crate::types::CallRequest;

impl Calls {
    /// Places a phone call, and gives a handle at once: the call can be awaited, observed, and found again
    /// after a crash. [`create`](Self::create) waits for the answer instead.
    ///
    /// **Rings a phone.** Costs credits by what is used. Cannot be taken back. What is promised about
    /// dialling once is told in [`place`](crate::place).
    ///
    /// ```no_run
    /// use kallyai_sdk::place::FilePlaceLog;
    /// use kallyai_sdk::types::CallRequest;
    ///
    /// # async fn example(kally: kallyai_sdk::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let request = CallRequest::general("+12025550199".parse()?, "Ask when they open");
    /// let placed = kally
    ///     .calls()
    ///     .place(request)
    ///     .idempotency_key("order-4711-opening-hours")
    ///     .log(FilePlaceLog::at("calls.log"))
    ///     .await?;
    /// // It is written down, and on its way.
    /// let call = placed.outcome().await?;
    /// println!("{}", call.status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// From awaiting this: invalid input, one key for two calls among it, and a
    /// [log](Error::is_place_log) that cannot be written; nothing is sent then. What the service says comes
    /// from the handle.
    pub fn place(&self, request: impl Into<CallRequest>) -> Place {
        Place {
            log: Arc::clone(&self.client.places().log),
            client: self.client.clone(),
            create: Create {
                idempotency_key: IdempotencyKey::default(),
                body: request.into(),
            },
            timeouts: Timeouts::default(),
        }
    }

    /// Finds a call again that was placed before, by another process perhaps. Without its request it is
    /// only looked for, and never sent.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    ///
    /// use kallyai_sdk::place::{FilePlaceLog, PlaceLog};
    ///
    /// # async fn example(kally: kallyai_sdk::Client) -> Result<(), kallyai_sdk::Error> {
    /// let log = Arc::new(FilePlaceLog::at("calls.log"));
    /// for placement in log.unsettled()? {
    ///     let placed = kally.calls().resume(&placement).log(Arc::clone(&log)).await?;
    ///     match placed.outcome().await {
    ///         Ok(call) => println!("{}: {}", placement.key(), call.status),
    ///         Err(error) => println!("{}: {error}", placement.key()),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// From awaiting this: a log that cannot be read, or that has another call under the key.
    pub fn resume(&self, placement: &Placement) -> Resume {
        Resume {
            log: Arc::clone(&self.client.places().log),
            client: self.client.clone(),
            placement: placement.clone(),
            timeouts: Timeouts::default(),
        }
    }
}

/// A call that is placed by awaiting this: see [`Calls::place`].
///
/// When the future is dropped before it is ready, the call is usually not placed, but may be: only a key of
/// your own tells afterwards.
#[must_use = "a call is placed by awaiting this"]
pub struct Place {
    client: Client,
    create: Create,
    log: Arc<dyn PlaceLog>,
    timeouts: Timeouts,
}

impl Place {
    /// The key that makes the call this one and no other, 1 to 255 visible ASCII characters: the number of
    /// an order, for instance. It is written to the log and sent, so it should tell nothing private. Without
    /// it, a random one is made.
    ///
    /// A key that is in the log already is not placed again; the handle is then that call's. One that is
    /// under way in this client gives another handle of the same call.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.create.idempotency_key = IdempotencyKey::given(key);
        self
    }

    /// Where it is written down before it is sent; without it, the client's
    /// [log](crate::ClientBuilder::place_log). A call that is under way already, with another log, is written into
    /// this one as well.
    pub fn log(mut self, log: impl PlaceLog + 'static) -> Self {
        self.log = Arc::new(log);
        self
    }

    /// How long sending, and waiting until the call is over, may take in all; 390 s unless said otherwise.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.overall = Some(timeout);
        self
    }

    /// How long one attempt may wait for the answer, which comes when the call is over; 330 s unless said
    /// otherwise.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.attempt = Some(timeout);
        self
    }

    async fn run(self) -> Result<PlacedCall, Error> {
        let of = |error: Error| error.of(Create::info());
        request::checked(&self.create)?;
        let is_own_key = self.create.idempotency_key.get().is_some();
        let key = self.create.idempotency_key.keep().to_owned();
        let fingerprint = Fingerprint::of_request(&self.create.body);
        let job = Job {
            what: What::Place(Box::new(self.create)),
            timeouts: self.timeouts,
            is_doubtful: is_own_key,
        };
        let error = match start(&self.client, &self.log, &key, fingerprint, &job).await {
            Ok(placed) => return Ok(placed),
            Err(error) => error,
        };
        Err(of(error).with_idempotency_key(Some(&key)))
    }
}

impl IntoFuture for Place {
    type Output = Result<PlacedCall, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("idempotency_key", &self.create.idempotency_key.get())
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

/// A call that is found again by awaiting this: see [`Calls::resume`].
#[must_use = "a call is looked for by awaiting this"]
#[derive(Debug)]
pub struct Resume {
    client: Client,
    placement: Placement,
    log: Arc<dyn PlaceLog>,
    timeouts: Timeouts,
}

impl Resume {
    /// Where it was written down; without it, the client's [log](crate::ClientBuilder::place_log).
    pub fn log(mut self, log: impl PlaceLog + 'static) -> Self {
        self.log = Arc::new(log);
        self
    }

    /// How long finding it, and waiting until it is over, may take in all; 390 s unless said otherwise.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.overall = Some(timeout);
        self
    }

    async fn run(self) -> Result<PlacedCall, Error> {
        let key = self.placement.key().to_owned();
        let fingerprint = self.placement.fingerprint();
        let job = Job {
            what: What::Find(self.placement),
            timeouts: self.timeouts,
            is_doubtful: true,
        };
        start(&self.client, &self.log, &key, fingerprint, &job)
            .await
            .map_err(|error| error.with_idempotency_key(Some(&key)))
    }
}

impl IntoFuture for Resume {
    type Output = Result<PlacedCall, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// Begins a placement, or joins the one of the same key.
async fn start(
    client: &Client,
    log: &Arc<dyn PlaceLog>,
    key: &str,
    fingerprint: Fingerprint,
    job: &Job,
) -> Result<PlacedCall, Error> {
    loop {
        let new = || {
            let (client, log) = (client.clone(), Arc::clone(log));
            Live::new(client, log, key.to_owned(), fingerprint, job.is_doubtful)
        };
        let mut entered = client.places().enter(new, key);
        if entered.live.fingerprint != fingerprint {
            return Err(another_call());
        }
        if entered.is_new {
            // It goes on whoever waits for it; that it ends is told even if it never begins.
            let work = run(Ended(Arc::clone(&entered.live)), job.clone());
            #[cfg(feature = "blocking")]
            let work = crate::blocking::passed_on(work);
            tokio::spawn(work.in_current_span());
        }
        let begun = |phase: &Phase| !matches!(phase, Phase::Beginning);
        let placement = {
            let state = entered.state.wait_for(|state| begun(&state.phase)).await;
            match state.as_ref().map(|state| &state.phase) {
                Ok(Phase::UnderWay(placement) | Phase::Done(placement, _)) => placement.clone(),
                Ok(Phase::Refused(error)) => return Err(error.duplicate()),
                _ => continue,
            }
        };
        let has_joined = !entered.is_new && matches!(job.what, What::Place(_));
        if has_joined && !Arc::ptr_eq(&entered.live.log, log) {
            entered.live.also_in(Arc::clone(log), &placement).await?;
        }
        return Ok(PlacedCall {
            live: entered.live,
            state: entered.state,
            placement,
        });
    }
}
