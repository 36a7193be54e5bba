#![deny(warnings)]
#![no_implicit_prelude]

// Names of the prelude may mean something else where the struct stands.
#[allow(dead_code)]
struct Option;
#[allow(dead_code)]
struct Result;

#[derive(::kallyai_sdk::CallTask)]
#[call(category = "general", task = "Ask when they open")]
pub struct Task {
    #[call(phone)]
    pub phone: &'static str,
}

fn main() {}
