//! Decoding a page of 200 calls: the library's types, which keep unknown fields, odd values and exact
//! numbers, beside plain structs of serde.
//!
//! `cargo bench -p kallyai-bench --bench decode`.

// A measurement that cannot be taken says so and stops.
#![allow(clippy::expect_used)]

use std::hint::black_box;

use kallyai_bench::{call_list, keeping, plain, turns};
use kallyai_sdk::types;

fn main() {
    let list = call_list(0..200);
    let library = || {
        let list: types::CallList =
            serde_json::from_slice(black_box(list.as_bytes())).expect("a list");
        assert_eq!(black_box(list).calls().len(), 200);
    };
    turns::compare("decode 200 calls", 5_000, library, || {
        let list: plain::CallList =
            serde_json::from_slice(black_box(list.as_bytes())).expect("a list");
        assert_eq!(black_box(list).calls.len(), 200);
    });
    turns::compare("beside structs that keep all", 5_000, library, || {
        let list: keeping::CallList =
            serde_json::from_slice(black_box(list.as_bytes())).expect("a list");
        assert_eq!(black_box(list).calls.len(), 200);
    });
}
