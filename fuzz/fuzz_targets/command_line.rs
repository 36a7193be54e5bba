#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| kallyai_fuzz::command_line::run(input));
