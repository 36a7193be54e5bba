//! What parsing a phone number costs, beside the crates that others use for it, over the same numbers.
//! All of them are valid, and written in E.164.

use std::alloc::System;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kallyai_sdk::phone::E164;
use rlibphonenumber::PHONE_NUMBER_UTIL;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Calling codes of one, two and three digits; one and many lengths; a national number that starts
/// with 0. Per group of ten numbers: numbers of one country would be the processor's favourites.
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

/// Allocations of one pass over the numbers, after a first one.
fn allocations(mut parse: impl FnMut(&str)) -> usize {
    NUMBERS.iter().for_each(|number| parse(number));
    let region = Region::new(ALLOCATOR);
    NUMBERS.iter().for_each(|number| parse(number));
    region.change().allocations
}

fn ours(number: &str) {
    black_box(black_box(number).parse::<E164>().expect("it is a number"));
}

fn theirs_rlibphonenumber(number: &str) {
    black_box(
        PHONE_NUMBER_UTIL
            .parse(black_box(number), None)
            .expect("it is a number"),
    );
}

fn theirs_phonenumber(number: &str) {
    black_box(phonenumber::parse(None, black_box(number)).expect("it is a number"));
}

fn e164(criterion: &mut Criterion) {
    for number in NUMBERS {
        let parsed = phonenumber::parse(None, number).expect("it is a number");
        assert!(phonenumber::is_valid(&parsed), "{number}");
    }
    let counted = allocations(ours);
    println!("allocations for {} numbers: E164 {counted}", NUMBERS.len());
    println!("  rlibphonenumber {}", allocations(theirs_rlibphonenumber));
    println!("  phonenumber {}", allocations(theirs_phonenumber));
    assert_eq!(counted, 0);

    let mut group = criterion.benchmark_group("e164");
    group.throughput(Throughput::Elements(NUMBERS.len() as u64));
    group.bench_function("E164::from_str", |b| {
        b.iter(|| NUMBERS.iter().for_each(|number| ours(number)));
    });
    group.bench_function("rlibphonenumber", |b| {
        b.iter(|| {
            NUMBERS
                .iter()
                .for_each(|number| theirs_rlibphonenumber(number))
        });
    });
    group.bench_function("phonenumber", |b| {
        b.iter(|| NUMBERS.iter().for_each(|number| theirs_phonenumber(number)));
    });
    group.finish();
}

criterion_group!(benches, e164);
criterion_main!(benches);
