//! The callback listener under idle connections.

fn main() {}
