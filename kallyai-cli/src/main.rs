//! The command `kallyai`.

fn main() {}
