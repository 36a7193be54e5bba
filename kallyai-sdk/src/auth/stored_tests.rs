//! Renewal by a clock that is turned, with stores that fail.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use kallyai_sandbox::{Fault, FaultKind, Sandbox};

use super::credentials::Authorization;
use super::refresh::Policy;
use super::store::{LockedStore, Replaced};
use super::stored::Stored;
use super::{MemoryStore, StoreError, TokenSet, TokenStore};
use crate::base_url::BaseUrl;
use crate::clock::{Clock, Now, milliseconds};
use crate::error::{Error, ErrorKind, WasSent};
use crate::retry::Backoff;
use crate::wire::Settings;

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct TurnedClock(Mutex<(Duration, Duration)>);

impl TurnedClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new((
            SystemTime::UNIX_EPOCH.elapsed().unwrap(),
            HOUR,
        ))))
    }

    /// Time passes.
    fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        now.0 += by;
        now.1 += by;
    }

    /// The machine sleeps: the monotonic clock stands still.
    fn sleep(&self, by: Duration) {
        self.0.lock().unwrap().0 += by;
    }

    /// Somebody sets the wall clock back.
    fn set_back(&self, by: Duration) {
        self.0.lock().unwrap().0 -= by;
    }

    fn after(&self, wait: Duration) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + self.0.lock().unwrap().0 + wait
    }
}

impl Clock for TurnedClock {
    fn now(&self) -> Now {
        let (wall, monotonic) = *self.0.lock().unwrap();
        Now {
            wall: milliseconds(wall),
            monotonic: milliseconds(monotonic),
        }
    }
}

/// A store that fails when it is told to.
#[derive(Debug, Default)]
struct Faulty {
    kept: MemoryStore,
    unwritable: AtomicBool,
    fails_to_replace: AtomicBool,
    panics: AtomicBool,
    unreadable: AtomicBool,
    loads: AtomicUsize,
}

#[derive(Debug, Clone)]
struct Shared(Arc<Faulty>);

struct Locked<'a> {
    faulty: &'a Faulty,
    kept: Box<dyn LockedStore + 'a>,
}

impl TokenStore for Shared {
    fn load(&self) -> Result<Option<TokenSet>, StoreError> {
        self.0.loads.fetch_add(1, Ordering::SeqCst);
        assert!(!self.0.panics.load(Ordering::SeqCst), "a store that panics");
        if self.0.unreadable.load(Ordering::SeqCst) {
            return Err(StoreError::new("the keyring is locked"));
        }
        self.0.kept.load()
    }

    fn save(&self, tokens: &TokenSet) -> Result<(), StoreError> {
        self.0.kept.save(tokens)
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.0.kept.clear()
    }

    fn lock(&self) -> Result<Box<dyn LockedStore + '_>, StoreError> {
        if self.0.unwritable.load(Ordering::SeqCst) {
            return Err(StoreError::new("the store is read-only").remedy("mount it for writing"));
        }
        Ok(Box::new(Locked {
            faulty: &self.0,
            kept: self.0.kept.lock()?,
        }))
    }
}

impl LockedStore for Locked<'_> {
    fn load(&mut self) -> Result<Option<TokenSet>, StoreError> {
        self.kept.load()
    }

    fn replace(&mut self, old: &TokenSet, new: &TokenSet) -> Result<Replaced, StoreError> {
        if self.faulty.fails_to_replace.load(Ordering::SeqCst) {
            return Err(StoreError::new("the disk is full"));
        }
        self.kept.replace(old, new)
    }
}

/// A strict service, tokens that last so long, and a turned clock.
struct Scene {
    sandbox: Sandbox,
    clock: Arc<TurnedClock>,
    store: Arc<Faulty>,
    stored: Arc<Stored>,
}

impl Scene {
    async fn with_tokens_for(life: Duration) -> Self {
        Self::with_policy(life, Policy::default()).await
    }

    async fn with_policy(life: Duration, policy: Policy) -> Self {
        let clock = TurnedClock::new();
        let tokens = |sandbox: &Sandbox| {
            TokenSet::new(sandbox.access_token())
                .refresh_token(sandbox.refresh_token())
                .expires_at(clock.after(life))
        };
        let sandbox = Sandbox::builder()
            .strict_rotation(true)
            .start()
            .await
            .unwrap();
        let store = Arc::new(Faulty::default());
        store.kept.save(&tokens(&sandbox)).unwrap();
        let policy = Policy {
            backoff: Backoff {
                first: Duration::ZERO,
                ..policy.backoff
            },
            ..policy
        };
        let stored = Arc::new(Stored::turned(
            Box::new(Shared(Arc::clone(&store))),
            Arc::clone(&clock) as _,
            policy,
        ));
        let base_url = BaseUrl::parse(sandbox.base_url()).unwrap();
        stored.bind(&Settings::default(), &base_url).unwrap();
        Self {
            sandbox,
            clock,
            store,
            stored,
        }
    }

    async fn token(&self) -> Result<Authorization, Error> {
        match self.stored.fresh() {
            Some(authorization) => Ok(authorization),
            None => self.stored.renewed(None).await,
        }
    }

    fn refreshes(&self) -> usize {
        self.sandbox.journal().len()
    }

    fn kept(&self) -> TokenSet {
        self.store.kept.load().unwrap().unwrap()
    }

    fn down(&self, status: u16, times: u32) {
        let fault = FaultKind::ServerError { status };
        self.sandbox
            .inject(Fault::on("auth_refresh_token", fault).times(times));
    }
}

#[tokio::test]
async fn a_token_is_refreshed_a_minute_or_two_before_it_expires() {
    let scene = Scene::with_tokens_for(HOUR).await;
    scene.token().await.unwrap();
    scene.clock.advance(Duration::from_secs(58 * 60 - 1));
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 0);
    // What is read once is not read again.
    assert_eq!(scene.store.loads.load(Ordering::SeqCst), 1);
    scene.clock.advance(MINUTE + Duration::from_secs(2));
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn not_all_processes_refresh_at_the_same_moment() {
    let mut early = 0;
    for _ in 0..24 {
        let scene = Scene::with_tokens_for(HOUR).await;
        scene.token().await.unwrap();
        scene.clock.advance(117 * MINUTE / 2);
        if scene.stored.fresh().is_none() {
            early += 1;
        }
    }
    // Half of them, give or take: all or none has a chance of one in eight million.
    assert!((1..24).contains(&early), "{early}");
}

#[tokio::test]
async fn a_short_life_is_used_to_three_quarters() {
    let scene = Scene::with_tokens_for(Duration::from_secs(40)).await;
    scene.token().await.unwrap();
    scene.clock.advance(Duration::from_secs(29));
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 0);
    scene.clock.advance(Duration::from_secs(2));
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn a_wall_clock_that_is_set_back_does_not_prolong_a_token() {
    let scene = Scene::with_tokens_for(HOUR).await;
    scene.token().await.unwrap();
    scene.clock.set_back(2 * HOUR);
    scene.clock.advance(HOUR);
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn a_machine_that_slept_does_not_prolong_a_token() {
    let scene = Scene::with_tokens_for(HOUR).await;
    scene.token().await.unwrap();
    scene.clock.sleep(HOUR);
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn a_token_without_an_expiry_is_used_until_it_is_rejected() {
    let scene = Scene::with_tokens_for(HOUR).await;
    let mut tokens = scene.kept();
    tokens.expires_at = None;
    scene.store.kept.save(&tokens).unwrap();
    let first = scene.token().await.unwrap();
    scene.clock.advance(1000 * HOUR);
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 0);
    let second = scene.stored.renewed(first.generation).await.unwrap();
    assert_ne!(first.generation, second.generation);
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn a_service_that_is_down_is_asked_three_times_and_the_tokens_are_kept() {
    for (fault, kind) in [
        (FaultKind::ServerError { status: 503 }, ErrorKind::Api),
        (FaultKind::ResetBefore, ErrorKind::Transport),
        (
            FaultKind::RateLimit {
                retry_after: Some("0".to_owned()),
            },
            ErrorKind::RateLimit,
        ),
    ] {
        let scene = Scene::with_tokens_for(Duration::ZERO).await;
        let before = scene.kept();
        scene
            .sandbox
            .inject(Fault::on("auth_refresh_token", fault).times(3));
        let error = scene.token().await.err().unwrap();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.was_sent(), WasSent::No);
        assert!(!error.is_reauth_required());
        assert_eq!(scene.refreshes(), 3);
        assert!(scene.kept().same_tokens(&before));
        // As soon as it is up again, all is well.
        scene.token().await.unwrap();
        assert_eq!(scene.refreshes(), 4);
    }
}

#[tokio::test]
async fn a_long_retry_after_is_told_at_once() {
    let scene = Scene::with_tokens_for(Duration::ZERO).await;
    let fault = FaultKind::RateLimit {
        retry_after: Some("90".to_owned()),
    };
    scene
        .sandbox
        .inject(Fault::on("auth_refresh_token", fault).times(1));
    let error = scene.token().await.err().unwrap();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn while_the_service_is_down_a_token_is_used_to_its_end() {
    let scene = Scene::with_tokens_for(HOUR).await;
    scene.token().await.unwrap();
    scene.down(500, 6);
    // Two minutes and a bit before the end, then one: it is stale, and not over.
    scene.clock.advance(59 * MINUTE);
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 3);
    // It is not tried again for half a minute.
    scene.clock.advance(Duration::from_secs(29));
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 3);
    scene.clock.advance(Duration::from_secs(2));
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 6);
    // Over, and the service up again.
    scene.clock.advance(MINUTE);
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 7);
}

#[tokio::test]
async fn row_04_a_store_that_cannot_be_written_costs_no_refresh_token() {
    let scene = Scene::with_tokens_for(Duration::ZERO).await;
    scene.store.unwritable.store(true, Ordering::SeqCst);
    let error = scene.token().await.err().unwrap();
    assert!(error.is_token_store());
    let text = error.to_string();
    assert!(
        text.contains("read-only") && text.contains("mount it"),
        "{text}"
    );
    assert_eq!(scene.refreshes(), 0);
}

#[tokio::test]
async fn what_could_not_be_stored_is_kept_and_stored_later() {
    let scene = Scene::with_tokens_for(Duration::ZERO).await;
    let before = scene.kept();
    scene.store.fails_to_replace.store(true, Ordering::SeqCst);
    scene.token().await.unwrap();
    assert!(scene.kept().same_tokens(&before));
    // The old refresh token is spent: using it again would revoke everything.
    scene.clock.advance(HOUR);
    scene.token().await.unwrap();
    assert!(scene.kept().same_tokens(&before));
    scene.store.fails_to_replace.store(false, Ordering::SeqCst);
    scene.clock.advance(HOUR);
    scene.token().await.unwrap();
    assert!(!scene.kept().same_tokens(&before));
    assert_eq!(scene.refreshes(), 3);
    let statuses: Vec<_> = scene
        .sandbox
        .journal()
        .iter()
        .map(|entry| entry.status)
        .collect();
    assert_eq!(statuses, [Some(200); 3]);
}

#[tokio::test]
async fn a_rejected_refresh_token_is_tried_again_after_a_minute() {
    let scene = Scene::with_tokens_for(Duration::ZERO).await;
    scene
        .store
        .kept
        .save(&scene.kept().refresh_token("rt-unknown"))
        .unwrap();
    for _ in 0..5 {
        let error = scene.token().await.err().unwrap();
        assert!(error.is_reauth_required(), "{error}");
    }
    assert_eq!(scene.refreshes(), 1);
    scene.clock.advance(MINUTE);
    scene.token().await.err().unwrap();
    assert_eq!(scene.refreshes(), 2);
}

#[tokio::test]
async fn a_store_that_panics_fails_the_request_and_not_more() {
    let scene = Scene::with_tokens_for(HOUR).await;
    scene.store.panics.store(true, Ordering::SeqCst);
    let error = scene.token().await.err().unwrap();
    assert!(error.is_sign_in(), "{error}");
    scene.store.panics.store(false, Ordering::SeqCst);
    scene.token().await.unwrap();
}

#[tokio::test]
async fn tokens_of_another_service_are_not_used() {
    let scene = Scene::with_tokens_for(HOUR).await;
    let mut tokens = scene.kept();
    tokens.origin = Some("https://api.kallyai.com".to_owned());
    scene.store.kept.save(&tokens).unwrap();
    let error = scene.token().await.err().unwrap();
    assert!(error.to_string().contains("another service"), "{error}");
}

#[tokio::test]
async fn a_retry_after_beyond_all_time_is_told() {
    let scene = Scene::with_tokens_for(Duration::ZERO).await;
    let fault = FaultKind::RateLimit {
        retry_after: Some(u64::MAX.to_string()),
    };
    scene
        .sandbox
        .inject(Fault::on("auth_refresh_token", fault).times(1));
    let error = scene.token().await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::RateLimit, "{error}");
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn a_slow_service_is_not_shown_the_same_token_twice() {
    let policy = Policy {
        timeout: Duration::from_millis(50),
        ..Policy::default()
    };
    let scene = Scene::with_policy(Duration::ZERO, policy).await;
    let slow = FaultKind::Latency(Duration::from_millis(500));
    scene
        .sandbox
        .inject(Fault::on("auth_refresh_token", slow).times(1));
    let error = scene.token().await.err().unwrap();
    assert!(error.is_timeout(), "{error}");
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn an_answer_that_is_lost_costs_nothing_that_is_still_there() {
    for fault in [
        FaultKind::ResetAfter,
        FaultKind::CutBody,
        FaultKind::BrokenJson,
    ] {
        let scene = Scene::with_tokens_for(HOUR).await;
        scene.token().await.unwrap();
        let before = scene.kept();
        scene
            .sandbox
            .inject(Fault::on("auth_refresh_token", fault).times(1));
        scene.clock.advance(59 * MINUTE);
        // The refresh token is spent, and nobody here knows: what is stored stays, and is used.
        scene.token().await.unwrap();
        assert!(scene.kept().same_tokens(&before));
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_read_for_a_while_does_not_end_a_living_token() {
    let scene = Scene::with_tokens_for(HOUR).await;
    let first = scene.token().await.unwrap();
    scene.clock.advance(59 * MINUTE);
    scene.store.unreadable.store(true, Ordering::SeqCst);
    let second = scene.token().await.unwrap();
    assert_eq!(first.generation, second.generation);
    // Over: now it is an error, and of the store.
    scene.clock.advance(2 * MINUTE);
    let error = scene.token().await.err().unwrap();
    assert!(error.is_token_store(), "{error}");
    scene.store.unreadable.store(false, Ordering::SeqCst);
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 1);
}

#[tokio::test]
async fn a_token_is_not_used_on_beyond_its_end() {
    let scene = Scene::with_tokens_for(HOUR).await;
    scene.token().await.unwrap();
    scene.down(500, 3);
    scene.clock.advance(Duration::from_secs(3590));
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 3);
    scene.clock.advance(Duration::from_secs(11));
    scene.token().await.unwrap();
    assert_eq!(scene.refreshes(), 4);
}

#[tokio::test]
async fn what_could_not_be_stored_is_used_to_its_end() {
    let scene = Scene::with_tokens_for(Duration::ZERO).await;
    scene.store.fails_to_replace.store(true, Ordering::SeqCst);
    let first = scene.token().await.unwrap();
    scene.store.unwritable.store(true, Ordering::SeqCst);
    scene.clock.advance(59 * MINUTE);
    let second = scene.token().await.unwrap();
    assert_eq!(first.generation, second.generation);
}

#[tokio::test]
async fn a_small_limit_on_answers_loses_no_token() {
    let scene = Scene::with_tokens_for(Duration::ZERO).await;
    let stored = Arc::new(Stored::turned(
        Box::new(Shared(Arc::clone(&scene.store))),
        Arc::clone(&scene.clock) as _,
        Policy::default(),
    ));
    let settings = Settings {
        max_answer: 10,
        ..Settings::default()
    };
    let base_url = BaseUrl::parse(scene.sandbox.base_url()).unwrap();
    stored.bind(&settings, &base_url).unwrap();
    stored.renewed(None).await.unwrap();
}
