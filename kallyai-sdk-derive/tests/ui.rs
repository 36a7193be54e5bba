//! What the compiler says. The `.stderr` files are written by
//! `TRYBUILD=overwrite cargo test -p kallyai-sdk-derive --test ui`: read the difference. Texts of our own
//! are most of them; those for types that do not fit have lines of the compiler's, and were written with
//! Rust 1.95.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/*.rs");
}
