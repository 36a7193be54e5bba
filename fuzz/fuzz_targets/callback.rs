#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kallyai_fuzz::callback::run(input));
