//! One call asked for and one placed, by the library and by hand on bare reqwest and serde, against the
//! same server on loopback.
//!
//! `cargo bench -p kallyai-bench --bench face`. `instructions.sh` counts instructions and allocations.

// A measurement that cannot be taken says so and stops.
#![allow(clippy::expect_used)]

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use kallyai_bench::by_hand::{ID, Ways};
use kallyai_bench::server;

fn face(criterion: &mut Criterion) {
    let address = server::start(0, Duration::ZERO).expect("a server");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let ways = Ways::to(&format!("http://{address}"));

    let mut group = criterion.benchmark_group("calls().get()");
    group.bench_function("library", |bencher| {
        bencher.iter(|| assert_eq!(runtime.block_on(ways.get()).as_deref(), Some(ID)));
    });
    group.bench_function("by hand", |bencher| {
        bencher.iter(|| assert_eq!(runtime.block_on(ways.get_by_hand()).as_deref(), Some(ID)));
    });
    group.finish();

    let mut group = criterion.benchmark_group("calls().create()");
    group.bench_function("library", |bencher| {
        bencher.iter(|| assert_eq!(runtime.block_on(ways.create()).as_deref(), Some(ID)));
    });
    group.bench_function("by hand", |bencher| {
        bencher.iter(|| {
            assert_eq!(runtime.block_on(ways.create_by_hand()).as_deref(), Some(ID));
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(Duration::from_secs(10));
    targets = face
}
criterion_main!(benches);
