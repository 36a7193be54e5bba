//! Decoding a page of 200 calls: the library's types, which keep unknown fields, odd values and exact
//! numbers, beside plain structs of serde.
//!
//! `cargo bench -p kallyai-bench --bench decode`.

// A measurement that cannot be taken says so and stops.
#![allow(clippy::expect_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kallyai_bench::{call_list, plain};
use kallyai_sdk::types;

fn decode(criterion: &mut Criterion) {
    let list = call_list(0..200);
    let mut group = criterion.benchmark_group("decode 200 calls");
    group.throughput(Throughput::Bytes(list.len() as u64));
    group.bench_function("library", |bencher| {
        bencher.iter(|| {
            let list: types::CallList =
                serde_json::from_slice(black_box(list.as_bytes())).expect("a list");
            assert_eq!(list.calls().len(), 200);
            list
        });
    });
    group.bench_function("plain structs", |bencher| {
        bencher.iter(|| {
            let list: plain::CallList =
                serde_json::from_slice(black_box(list.as_bytes())).expect("a list");
            assert_eq!(list.calls.len(), 200);
            list
        });
    });
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
