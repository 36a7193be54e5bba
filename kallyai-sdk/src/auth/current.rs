//! The access token in use, and how long it is good.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderValue;

use super::TokenSet;
use super::bearer::bearer;
use crate::clock::{Now, milliseconds};
use crate::error::Error;

/// A token is refreshed between one and two of these before it expires: not all at the same moment.
const MARGIN: Duration = Duration::from_secs(60);
/// What is left of a token that is still worth a request.
const WORTHWHILE: Duration = Duration::from_secs(5);
/// How long a token that has just been minted is not doubted.
const NEW: Duration = Duration::from_secs(30);
/// How long a token is used on when refreshing it has failed for now.
const RESPITE: Duration = Duration::from_secs(30);

/// Copies of the header. All threads together counting the users of one would wait for each other.
const SHARDS: usize = 16;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The copy that this thread takes.
    static SHARD: usize = THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS;
}

/// The tokens in use.
#[derive(Clone)]
pub(crate) struct Current {
    headers: [HeaderValue; SHARDS],
    pub(crate) tokens: TokenSet,
    /// Tells one token from the next.
    pub(crate) generation: u64,
    /// From then on it is refreshed; never, when nobody knows when it expires.
    stale: Option<Moment>,
    expired: Option<Moment>,
    /// When a refresh of this process has brought it.
    minted: Option<u64>,
}

/// A moment on both clocks: it has come when either says so.
#[derive(Clone, Copy)]
struct Moment(Now);

impl Moment {
    /// This one, or the other if that comes first.
    fn or_before(self, other: Option<Self>) -> Self {
        other.map_or(self, |other| {
            Self(Now {
                wall: self.0.wall.min(other.0.wall),
                monotonic: self.0.monotonic.min(other.0.monotonic),
            })
        })
    }

    fn has_come(self, now: Now) -> bool {
        now.wall >= self.0.wall || now.monotonic >= self.0.monotonic
    }
}

impl Current {
    pub(crate) fn new(tokens: TokenSet, minted: bool, now: Now) -> Result<Self, Error> {
        static GENERATION: AtomicU64 = AtomicU64::new(1);
        let token = tokens.access_token.expose();
        let mut headers = std::array::from_fn(|_| HeaderValue::from_static(""));
        for header in &mut headers {
            *header = bearer(token)?;
        }
        let left = tokens.expires_at.map(|at| {
            let at = u64::try_from(at.timestamp_millis()).unwrap_or_default();
            Duration::from_millis(at.saturating_sub(now.wall))
        });
        Ok(Self {
            headers,
            generation: GENERATION.fetch_add(1, Ordering::Relaxed),
            stale: left.map(|left| {
                let margin = (MARGIN + MARGIN.mul_f64(fastrand::f64())).min(left / 4);
                Moment(now.plus(left.saturating_sub(margin.max(WORTHWHILE))))
            }),
            expired: left.map(|left| Moment(now.plus(left))),
            minted: minted.then_some(now.monotonic),
            tokens,
        })
    }

    /// The value of the Authorization header.
    pub(crate) fn header(&self) -> HeaderValue {
        let [first, ..] = &self.headers;
        let shard = SHARD.with(|shard| *shard);
        self.headers.get(shard).unwrap_or(first).clone()
    }

    /// Good for a request, without a second thought.
    pub(crate) fn is_fresh(&self, now: Now) -> bool {
        self.stale.is_none_or(|moment| !moment.has_come(now))
    }

    /// Still accepted by the service, as far as anybody knows.
    pub(crate) fn is_alive(&self, now: Now) -> bool {
        self.expired.is_none_or(|moment| !moment.has_come(now))
    }

    /// So new that a rejection has another reason than its age.
    pub(crate) fn is_new(&self, now: Now) -> bool {
        self.minted
            .is_some_and(|minted| now.monotonic.saturating_sub(minted) < milliseconds(NEW))
    }

    /// The same token, used on for a while although it should be refreshed.
    pub(crate) fn with_respite(&self, now: Now) -> Self {
        Self {
            stale: Some(Moment(now.plus(RESPITE)).or_before(self.expired)),
            ..self.clone()
        }
    }
}
