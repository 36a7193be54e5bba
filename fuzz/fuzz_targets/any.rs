//! The target that `KALLYAI_FUZZ_TARGET` names: one program to link, for `smoke.sh`.
#![no_main]

use std::sync::LazyLock;

static NAME: LazyLock<String> = LazyLock::new(|| {
    std::env::var("KALLYAI_FUZZ_TARGET").expect("KALLYAI_FUZZ_TARGET names a target")
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| kallyai_fuzz::run(&NAME, input));
