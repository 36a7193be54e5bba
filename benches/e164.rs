//! What parsing a phone number costs, beside the crates that others use for it, over the same numbers.
//! All of them are valid, and written in E.164.
//!
//! `cargo bench -p kallyai-bench --bench e164`. The times are for ten numbers.

// A measurement that cannot be taken says so and stops.
#![allow(clippy::expect_used)]

use std::alloc::System;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kallyai_sdk::phone::E164;
use rlibphonenumber::PHONE_NUMBER_UTIL;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

type Parse = fn(&str);

/// Calling codes of one, two and three digits; one length and many; one that starts with 0.
const NUMBERS: [&str; 10] = [
    "+12025550199",
    "+14165550123",
    "+442079460999",
    "+34911234567",
    "+34600111234",
    "+4930123456",
    "+390612345678",
    "+33123456789",
    "+353201234567",
    "+35621001234",
];

fn ours(number: &str) {
    black_box(black_box(number).parse::<E164>()).expect("it is a number");
}

fn rlibphonenumber(number: &str) {
    black_box(PHONE_NUMBER_UTIL.parse(black_box(number), None)).expect("it is a number");
}

fn phonenumber(number: &str) {
    black_box(phonenumber::parse(None, black_box(number))).expect("it is a number");
}

fn all(parse: Parse) {
    for number in NUMBERS {
        parse(number);
    }
}

/// How often the numbers allocate, all of them, once what is made at first use is there.
fn allocations(parse: Parse) -> usize {
    all(parse);
    let region = Region::new(ALLOCATOR);
    all(parse);
    region.change().allocations
}

fn e164(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("e164");
    let rivals: [(&str, Parse); 3] = [
        ("E164::from_str", ours),
        ("rlibphonenumber", rlibphonenumber),
        ("phonenumber", phonenumber),
    ];
    for (name, parse) in rivals {
        println!("{name}: {} allocations", allocations(parse));
        group.bench_function(name, |b| b.iter(|| all(parse)));
    }
    group.finish();
    assert_eq!(allocations(ours), 0);
}

criterion_group!(benches, e164);
criterion_main!(benches);
