//! Signing in and keeping tokens: each numbered requirement is a test that names its row.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod canary;
mod code_flow;
mod environment;
mod file_store;
mod listener;
mod processes;
mod program;
mod refresh;
mod service;
