//! What must hold in every order.

use std::fmt::Debug;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, Utc};
use shuttle::future::block_on;
use shuttle::thread;

use super::credentials::Authorization;
use super::refresh::Policy;
use super::store::{LockedStore, MemoryStore, StoreError};
use super::stored::Stored;
use super::{TokenSet, TokenStore, in_flight};
use crate::base_url::BaseUrl;
use crate::clock::{Clock, Now};
use crate::error::Error;
use crate::service::{Service, access_token, refresh_token};
use crate::wire::Settings;

/// 2026-01-01.
const NOW: u64 = 1_767_225_600_000;

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Now {
        Now {
            wall: NOW,
            monotonic: 1,
        }
    }
}

fn time(milliseconds: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::from_millis(milliseconds)
}

/// Runs a scene in this many orders that are drawn, and in as many with few changes of thread.
fn in_every_order(scene: fn()) {
    // The count of the renewals under way is one of the process, and its lock is good for one scheduler.
    static ONE: RwLock<()> = RwLock::new(());
    let _alone = ONE.write();
    let orders = std::env::var("KALLYAI_ORDERS").ok();
    let orders = orders.and_then(|orders| orders.parse().ok()).unwrap_or(300);
    shuttle::check_random(scene, orders);
    shuttle::check_pct(scene, orders, 3);
}

struct World {
    service: Arc<Service>,
    store: Arc<MemoryStore>,
}

/// A store that knows how often it was read: a renewal does so once before it takes the lock.
#[derive(Debug)]
struct Counted {
    kept: Arc<MemoryStore>,
    loads: Arc<AtomicUsize>,
}

impl TokenStore for Counted {
    fn load(&self) -> Result<Option<TokenSet>, StoreError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.kept.load()
    }

    fn save(&self, tokens: &TokenSet) -> Result<(), StoreError> {
        self.kept.save(tokens)
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.kept.clear()
    }

    fn lock(&self) -> Result<Box<dyn LockedStore + '_>, StoreError> {
        self.kept.lock()
    }
}

impl World {
    /// With a token that has expired, and one to refresh it with.
    fn expired(service: Service) -> Self {
        Self::with(service, time(NOW - 1000))
    }

    fn with(service: Service, expires_at: DateTime<Utc>) -> Self {
        let tokens = TokenSet::new(access_token(1))
            .refresh_token(refresh_token(1))
            .expires_at(expires_at);
        Self {
            service: Arc::new(service),
            store: Arc::new(MemoryStore::with(tokens)),
        }
    }

    /// A process that uses the store.
    fn process(&self) -> Arc<Stored> {
        self.counted_process().0
    }

    /// One, and how many renewals it has begun.
    fn counted_process(&self) -> (Arc<Stored>, Arc<AtomicUsize>) {
        let loads = Arc::<AtomicUsize>::default();
        let store = Counted {
            kept: Arc::clone(&self.store),
            loads: Arc::clone(&loads),
        };
        let stored = Stored::turned(Box::new(store), Arc::new(Still), Policy::default());
        let bound = stored.bind(&Settings::default(), &BaseUrl::of(&self.service));
        bound.unwrap();
        (Arc::new(stored), loads)
    }

    fn asserts_one_refresh(&self) {
        assert_eq!(self.service.asked(), (1, 0), "one refresh, and no theft");
        assert_eq!(self.kept(), Some((access_token(2), refresh_token(2))));
    }

    fn kept(&self) -> Option<(String, String)> {
        let tokens = self.store.load().unwrap()?;
        let refresh = tokens.refresh_token.unwrap();
        Some((
            tokens.access_token.expose().to_owned(),
            refresh.expose().to_owned(),
        ))
    }
}

/// As a request does: the token at hand, or one that is waited for.
fn token(stored: &Arc<Stored>, rejected: Option<u64>) -> Result<Authorization, Error> {
    match stored.fresh().filter(|fresh| fresh.generation != rejected) {
        Some(authorization) => Ok(authorization),
        None => block_on(stored.renewed(rejected)),
    }
}

fn all<T: Send + Debug + 'static>(
    works: impl IntoIterator<Item = Box<dyn FnOnce() -> T + Send>>,
) -> Vec<T> {
    let threads: Vec<_> = works.into_iter().map(thread::spawn).collect();
    threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect()
}

/// What a thread does that wants a token: what it was sent with, or the error.
fn wants(stored: &Arc<Stored>, rejected: Option<u64>) -> Box<dyn FnOnce() -> Given + Send> {
    let stored = Arc::clone(stored);
    Box::new(move || {
        token(&stored, rejected).map(|given| given.header.to_str().unwrap().to_owned())
    })
}

type Given = Result<String, Error>;

fn bearer(number: u32) -> String {
    format!("Bearer {}", access_token(number))
}

#[test]
fn one_refresh_for_all_who_ask() {
    in_every_order(|| {
        let world = World::expired(Service::new(0, false));
        let (stored, renewals) = world.counted_process();
        for given in all((0..3).map(|_| wants(&stored, None))) {
            assert_eq!(given.unwrap(), bearer(2));
        }
        world.asserts_one_refresh();
        assert_eq!(renewals.load(Ordering::Relaxed), 1, "one renewal");
    });
}

#[test]
fn one_refresh_for_all_whose_token_was_rejected() {
    in_every_order(|| {
        let world = World::with(Service::new(0, false), time(NOW + 3_600_000));
        let (stored, renewals) = world.counted_process();
        let first = token(&stored, None).unwrap();
        let rejected = first.generation;
        let works = [
            wants(&stored, rejected),
            wants(&stored, rejected),
            wants(&stored, None),
        ];
        let given = all(works);
        for given in given.iter().take(2) {
            assert_eq!(given.as_ref().unwrap(), &bearer(2));
        }
        // Whoever knows nothing of the rejection may have the old one.
        assert!(given.iter().all(Result::is_ok));
        world.asserts_one_refresh();
        // One that has read the token, and one that has refreshed it.
        assert_eq!(renewals.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn two_processes_refresh_once() {
    in_every_order(|| {
        let world = World::expired(Service::new(0, false));
        let (one, other) = (world.process(), world.process());
        let works = [&one, &other, &one, &other].map(|process| wants(process, None));
        for given in all(works) {
            assert_eq!(given.unwrap(), bearer(2));
        }
        world.asserts_one_refresh();
    });
}

#[test]
fn all_hear_that_the_refresh_token_is_gone_and_it_is_not_tried_again() {
    in_every_order(|| {
        let world = World::expired(Service::new(0, true));
        let stored = world.process();
        for given in all((0..3).map(|_| wants(&stored, None))) {
            assert!(given.unwrap_err().is_reauth_required());
        }
        assert_eq!(world.service.asked(), (1, 0));
        assert_eq!(world.kept(), Some((access_token(1), refresh_token(1))));
    });
}

#[test]
fn all_hear_that_the_service_is_down_and_the_next_try_works() {
    in_every_order(|| {
        let world = World::expired(Service::new(1, false));
        let stored = world.process();
        let given = all((0..3).map(|_| wants(&stored, None)));
        let failed = given.iter().filter(|given| given.is_err()).count();
        assert!(failed >= 1, "whoever was waiting hears of it");
        assert_eq!(token(&stored, None).unwrap().header, bearer(2).as_str());
        // The one that failed, and one that worked.
        assert_eq!(world.service.asked(), (2, 0));
    });
}

#[test]
fn a_renewal_that_nobody_waits_for_any_more_is_not_lost() {
    in_every_order(|| {
        let world = World::expired(Service::new(0, false));
        let stored = world.process();
        let works = (0..2).map(|_| {
            let stored = Arc::clone(&stored);
            Box::new(move || {
                let mut context = Context::from_waker(Waker::noop());
                let asked = pin!(stored.renewed(None)).as_mut().poll(&mut context);
                // Cancelled after its first step, whatever that was.
                assert!(matches!(asked, Poll::Pending | Poll::Ready(Ok(_))));
            }) as Box<dyn FnOnce() + Send>
        });
        all(works);
        drop(stored);
        // What a program does at its end, and the task that `hold_runtime` leaves in a runtime does when it is dropped;
        // the end of a runtime itself is not in shuttle's tokio.
        assert!(in_flight::finish_refreshes());
        world.asserts_one_refresh();
    });
}

#[test]
fn a_logout_during_a_renewal_stays_one() {
    in_every_order(|| {
        let world = World::expired(Service::new(0, false));
        let stored = world.process();
        let store = Arc::clone(&world.store);
        let logout = thread::spawn(move || store.clear().unwrap());
        let given = all((0..2).map(|_| wants(&stored, None)));
        logout.join().unwrap();
        assert_eq!(world.kept(), None);
        let (asked, thefts) = world.service.asked();
        assert!(asked <= 1 && thefts == 0);
        for given in given {
            match given {
                // Before the logout.
                Ok(header) => assert_eq!(header, bearer(2)),
                Err(error) => assert!(error.is_not_logged_in()),
            }
        }
    });
}

#[test]
fn a_sign_in_during_a_renewal_stays() {
    in_every_order(|| {
        let world = World::expired(Service::new(0, false));
        let stored = world.process();
        let store = Arc::clone(&world.store);
        let anew = TokenSet::new("anew")
            .refresh_token("anew-refresh")
            .expires_at(time(NOW + 3_600_000));
        let sign_in = thread::spawn(move || store.save(&anew).unwrap());
        for given in all((0..2).map(|_| wants(&stored, None))) {
            let header = given.unwrap();
            assert!(header == bearer(2) || header == "Bearer anew", "{header}");
        }
        sign_in.join().unwrap();
        assert_eq!(
            world.kept(),
            Some(("anew".to_owned(), "anew-refresh".to_owned()))
        );
        assert_eq!(world.service.asked().1, 0);
    });
}
