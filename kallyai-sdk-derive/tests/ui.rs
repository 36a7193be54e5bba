//! What the compiler says. The `.stderr` files are written by
//! `TRYBUILD=overwrite cargo test -p kallyai-sdk-derive --test ui`: read the difference. Most are texts of
//! our own; `types.stderr` has lines of the compiler's, as Rust 1.95 writes them.
//!
//! What compiles is in `derive.rs`: trybuild would build the library once more to run it, and so it only
//! checks.

#[test]
fn ui() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
