//! The access token in use, and how long it is good.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use http::HeaderValue;

use super::TokenSet;
use super::bearer::bearer;
use crate::clock::Clock;
use crate::error::Error;

/// A token is refreshed between one and two of these before it expires: not all at the same moment.
const MARGIN: Duration = Duration::from_secs(60);
/// What is left of a token that is still worth a request.
const WORTHWHILE: Duration = Duration::from_secs(5);
/// How long a token that has just been minted is not doubted.
const NEW: Duration = Duration::from_secs(30);
/// How long a token is used on when refreshing it has failed for now.
const RESPITE: Duration = Duration::from_secs(30);

/// The tokens in use.
#[derive(Clone)]
pub(crate) struct Current {
    pub(crate) header: HeaderValue,
    pub(crate) tokens: TokenSet,
    /// Tells one token from the next.
    pub(crate) generation: u64,
    /// From then on it is refreshed; never, when nobody knows when it expires.
    stale: Option<Moment>,
    expired: Option<Moment>,
    /// When a refresh of this process has brought it.
    minted: Option<Instant>,
}

/// A moment on both clocks: it has come when either says so.
#[derive(Clone, Copy)]
struct Moment {
    wall: SystemTime,
    monotonic: Instant,
}

impl Moment {
    fn after(clock: &dyn Clock, wait: Duration) -> Option<Self> {
        Some(Self {
            wall: clock.wall().checked_add(wait)?,
            monotonic: clock.monotonic().checked_add(wait)?,
        })
    }

    fn has_come(self, clock: &dyn Clock) -> bool {
        clock.wall() >= self.wall || clock.monotonic() >= self.monotonic
    }
}

impl Current {
    pub(crate) fn new(tokens: TokenSet, minted: bool, clock: &dyn Clock) -> Result<Self, Error> {
        static GENERATION: AtomicU64 = AtomicU64::new(1);
        let header = bearer(tokens.access_token.expose())?;
        let left = tokens.expires_at.map(|at| {
            SystemTime::from(at)
                .duration_since(clock.wall())
                .unwrap_or_default()
        });
        Ok(Self {
            header,
            generation: GENERATION.fetch_add(1, Ordering::Relaxed),
            stale: left.and_then(|left| {
                let margin = (MARGIN + MARGIN.mul_f64(fastrand::f64())).min(left / 4);
                Moment::after(clock, left.saturating_sub(margin.max(WORTHWHILE)))
            }),
            expired: left.and_then(|left| Moment::after(clock, left)),
            minted: minted.then(|| clock.monotonic()),
            tokens,
        })
    }

    /// Good for a request, without a second thought.
    pub(crate) fn is_fresh(&self, clock: &dyn Clock) -> bool {
        self.stale.is_none_or(|moment| !moment.has_come(clock))
    }

    /// Still accepted by the service, as far as anybody knows.
    pub(crate) fn is_alive(&self, clock: &dyn Clock) -> bool {
        self.expired.is_none_or(|moment| !moment.has_come(clock))
    }

    /// So new that a rejection has another reason than its age.
    pub(crate) fn is_new(&self, clock: &dyn Clock) -> bool {
        self.minted
            .is_some_and(|minted| clock.monotonic().saturating_duration_since(minted) < NEW)
    }

    /// The same token, used on for a while although it should be refreshed.
    pub(crate) fn with_respite(&self, clock: &dyn Clock) -> Self {
        Self {
            stale: Moment::after(clock, RESPITE),
            ..self.clone()
        }
    }
}
