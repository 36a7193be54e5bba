//! What a valid token costs on a request: looking at both clocks and copying the header, on 1 thread and
//! on 16, beside the same token behind a mutex and a token that never expires.
//!
//! `cargo bench -p kallyai-bench --bench valid_token`. The times are processor time for one token.

// A measurement that cannot be taken says so and stops.
#![allow(clippy::expect_used)]

use std::hint::black_box;
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use kallyai_sdk::Client;
use kallyai_sdk::auth::{Credentials, MemoryStore, TokenSet};

/// What every request does first.
fn header(credentials: &Credentials) -> bool {
    black_box(credentials.ready_authorization_header()).is_some()
}

/// Processor time for `each` tokens on every thread, for one thread. It leaves out what a machine does
/// besides; waiting for another thread's cache line it counts.
fn on_threads(threads: u32, each: u64, take: &(dyn Fn() -> bool + Sync)) -> Duration {
    let barrier = Barrier::new(threads as usize);
    let spent: Duration = thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    barrier.wait();
                    let before = processor_time();
                    let fine = (0..each).all(|_| take());
                    assert!(fine, "a token was not at hand");
                    processor_time().saturating_sub(before)
                })
            })
            .collect();
        handles
            .into_iter()
            .map(|handle| handle.join().expect("a thread"))
            .sum()
    });
    spent / threads
}

/// What this thread has used so far.
fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec
            .unsigned_abs()
            .try_into()
            .expect("below a second"),
    )
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
