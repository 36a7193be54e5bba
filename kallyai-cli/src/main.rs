//! The command `kallyai`.

#[expect(
    dead_code,
    unused_imports,
    reason = "what prints is there before what asks"
)]
mod output;

fn main() {}
