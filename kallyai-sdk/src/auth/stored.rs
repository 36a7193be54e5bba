//! Tokens of a store, shared by all tasks of a process: one renewal at a time, for everybody.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwapOption;
use tokio::sync::watch;

use super::credentials::Authorization;
use super::current::Current;
use super::in_flight::{self, UnderWay};
use super::refresh::{OAuthClient, Policy};
use super::renewal;
use super::{StoreError, TokenSet, TokenStore};
use crate::base_url::BaseUrl;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::types::SecretText;
use crate::wire;

/// What all clients with the same credentials share.
pub(crate) struct Stored {
    pub(super) store: Box<dyn TokenStore>,
    pub(super) client: Option<OAuthClient>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) policy: Policy,
    home: OnceLock<Home>,
    current: ArcSwapOption<Current>,
    flight: Mutex<Option<Flight>>,
    pub(super) memory: Mutex<Memory>,
}

/// The service that the tokens are for, and how it is reached.
pub(super) struct Home {
    pub(super) settings: wire::Settings,
    pub(super) base_url: BaseUrl,
}

/// What one renewal leaves for the next.
#[derive(Default)]
pub(super) struct Memory {
    /// Refreshed tokens that could not be stored, and those whose place they take.
    pub(super) unsaved: Option<(TokenSet, TokenSet)>,
    /// A refresh token that the service has rejected, and when by the monotonic clock.
    pub(super) rejected: Option<(SecretText, u64)>,
}

/// How a renewal ended, for all who wait for it.
type Outcome = Option<Result<Arc<Current>, Arc<Error>>>;
/// A renewal under way.
type Flight = watch::Receiver<Outcome>;

impl Stored {
    pub(super) fn new(store: Box<dyn TokenStore>, client: Option<OAuthClient>) -> Self {
        Self {
            store,
            client,
            clock: Arc::new(SystemClock),
            policy: Policy::default(),
            home: OnceLock::new(),
            current: ArcSwapOption::empty(),
            flight: Mutex::default(),
            memory: Mutex::default(),
        }
    }

    /// With another clock and policy.
    #[cfg(test)]
    pub(super) fn turned(
        store: Box<dyn TokenStore>,
        clock: Arc<dyn Clock>,
        policy: Policy,
    ) -> Self {
        Self {
            clock,
            policy,
            ..Self::new(store, None)
        }
    }

    pub(super) fn bind(&self, settings: &wire::Settings, base_url: &BaseUrl) -> Result<(), Error> {
        if let Some(origin) = self.store.origin()
            && origin != base_url.as_str()
        {
            return Err(renewal::foreign());
        }
        let home = self.home.get_or_init(|| Home {
            settings: settings.clone(),
            base_url: base_url.clone(),
        });
        if home.base_url == *base_url {
            Ok(())
        } else {
            Err(Error::invalid_input(
                "credentials",
                "another client uses them with another base URL: make credentials for each",
            ))
        }
    }

    pub(super) fn home(&self) -> Result<&Home, Error> {
        self.home.get().ok_or_else(|| {
            Error::invalid_input(
                "credentials",
                "they do not know their service yet: build a client with them first",
            )
        })
    }

    pub(super) fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.store.load()?.is_none())
    }

    pub(super) fn current(&self) -> Option<Arc<Current>> {
        self.current.load_full()
    }

    /// The token in use, if it is good: what every request asks first.
    pub(super) fn fresh(&self) -> Option<Authorization> {
        let current = self.current.load();
        let current = current.as_ref()?;
        current
            .is_fresh(self.clock.now())
            .then(|| authorization(current))
    }

    pub(super) fn is_too_new_to_doubt(&self, generation: u64) -> bool {
        let current = self.current.load();
        current.as_ref().is_some_and(|current| {
            current.generation == generation && current.is_new(self.clock.now())
        })
    }

    /// A good token; another one than `rejected`, if the service has rejected one. Whoever comes while
    /// a renewal is under way waits for that one.
    pub(super) async fn renewed(
        self: &Arc<Self>,
        rejected: Option<u64>,
    ) -> Result<Authorization, Error> {
        loop {
            let mut flight = match self.join(rejected)? {
                Joined::Done(authorization) => return Ok(authorization),
                Joined::Flight(flight) => flight,
            };
            // The sender ends with an outcome, or the thread has ended without one.
            let outcome = match flight.wait_for(Option::is_some).await {
                Ok(outcome) => outcome.clone(),
                Err(_) => None,
            };
            match outcome {
                Some(Ok(current)) if rejected != Some(current.generation) => {
                    return Ok(authorization(&current));
                }
                // It was under way before the rejection, and has brought the rejected token.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.duplicate()),
                None => return Err(Error::sign_in("the thread that refreshes has ended early")),
            }
        }
    }

    /// The renewal that is under way, or a new one.
    fn join(self: &Arc<Self>, rejected: Option<u64>) -> Result<Joined, Error> {
        let mut flight = self.flight();
        if let Some(flight) = &*flight {
            return Ok(Joined::Flight(flight.clone()));
        }
        // One may have ended since the caller looked.
        if let Some(current) = self.current()
            && rejected != Some(current.generation)
            && current.is_fresh(self.clock.now())
        {
            return Ok(Joined::Done(authorization(&current)));
        }
        let (sender, receiver) = watch::channel(None);
        self.start(sender, rejected)?;
        *flight = Some(receiver.clone());
        drop(flight);
        let mut landed = receiver.clone();
        in_flight::hold_runtime(async move {
            let _ = landed.wait_for(Option::is_some).await;
        });
        Ok(Joined::Flight(receiver))
    }

    /// Renews on a thread of its own: it outlives the task, and the runtime, that asked for it.
    fn start(
        self: &Arc<Self>,
        sender: watch::Sender<Outcome>,
        rejected: Option<u64>,
    ) -> Result<(), Error> {
        let stored = Arc::clone(self);
        let under_way = UnderWay::new();
        std::thread::Builder::new()
            .name("kallyai-refresh".to_owned())
            .spawn(move || {
                let landing = Landing {
                    stored: &stored,
                    sender,
                };
                let outcome = renewal::renew(&stored, rejected).map(Arc::new);
                landing.land(outcome);
                drop(under_way);
            })
            .map(drop)
            .map_err(|_| Error::sign_in("the system gives no thread to refresh the token on"))
    }

    fn flight(&self) -> MutexGuard<'_, Option<Flight>> {
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Joined {
    Done(Authorization),
    Flight(Flight),
}

/// Ends a flight, also when its thread panics.
struct Landing<'a> {
    stored: &'a Stored,
    sender: watch::Sender<Outcome>,
}

impl Landing<'_> {
    fn land(self, outcome: Result<Arc<Current>, Error>) {
        match &outcome {
            Ok(current) => self.stored.current.store(Some(Arc::clone(current))),
            // Nothing that is known to be gone is used on.
            Err(error) if error.is_not_logged_in() || error.is_reauth_required() => {
                self.stored.current.store(None);
            }
            Err(_) => {}
        }
        // First the token, then the end of the flight: who sees no flight sees the token.
        *self.stored.flight() = None;
        self.sender.send_replace(Some(outcome.map_err(Arc::new)));
    }
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        if self.sender.borrow().is_none() {
            *self.stored.flight() = None;
        }
    }
}

fn authorization(current: &Current) -> Authorization {
    Authorization {
        header: current.header(),
        generation: Some(current.generation),
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
