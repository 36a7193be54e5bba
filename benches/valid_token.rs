//! What a valid token costs on a request: looking at both clocks and copying the header, on 1 thread and
//! on 16, beside the same token behind a mutex and a token that never expires.
//!
//! `cargo bench -p kallyai-bench --bench valid_token`. The times are processor time for one token: the
//! time that passed, times the cores that were busy, divided by the tokens.

use std::hint::black_box;
use std::sync::{Arc, Barrier, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use kallyai_sdk::Client;
use kallyai_sdk::auth::{Credentials, MemoryStore, TokenSet};

/// The header, which is ready at once.
fn header(credentials: &Credentials) -> bool {
    let future = std::pin::pin!(credentials.authorization_header());
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(header) => black_box(header).is_ok(),
        Poll::Pending => false,
    }
}

/// Processor time for `each` tokens on every thread, for one thread.
fn on_threads(threads: u32, each: u64, take: &(dyn Fn() -> bool + Sync)) -> Duration {
    let cores =
        thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
    let barrier = Barrier::new(threads as usize + 1);
    thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    (0..each).all(|_| take())
                })
            })
            .collect();
        barrier.wait();
        let started = Instant::now();
        let fine = handles
            .into_iter()
            .all(|handle| handle.join().unwrap_or(false));
        assert!(fine, "a token was not at hand");
        started.elapsed() * threads.min(cores) / threads
    })
}

fn stored() -> Credentials {
    let tokens = TokenSet::new("a".repeat(800))
        .refresh_token("r")
        .expires_at(chrono::Utc::now() + Duration::from_secs(3600));
    let credentials = Credentials::from_store(MemoryStore::with(tokens));
    // Nothing is sent there.
    Client::builder()
        .base_url("http://127.0.0.1:1")
        .credentials(credentials.clone())
        .build()
        .expect("a client");
    tokio::runtime::Runtime::new()
        .expect("a runtime")
        .block_on(credentials.authorization_header())
        .expect("a token");
    credentials
}

fn valid_token(criterion: &mut Criterion) {
    let stored = stored();
    let fixed = Credentials::from_access_token("a".repeat(800)).expect("a token");
    let locked = Arc::new(Mutex::new(stored.clone()));
    let mut group = criterion.benchmark_group("valid_token");
    for threads in [1, 16] {
        let rows: [(&str, &(dyn Fn() -> bool + Sync)); 3] = [
            ("stored", &|| header(&stored)),
            ("never expires", &|| header(&fixed)),
            ("behind a mutex", &|| {
                locked.lock().is_ok_and(|stored| header(&stored))
            }),
        ];
        for (name, take) in rows {
            group.bench_function(BenchmarkId::new(name, threads), |bencher| {
                bencher.iter_custom(|each| on_threads(threads, each, take));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, valid_token);
criterion_main!(benches);
