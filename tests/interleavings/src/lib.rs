//! The standard library, with locks and threads that shuttle schedules.
//!
//! A test that says `extern crate kallyai_interleavings as std;` compiles the library's own files with them, to the
//! letter: `std::sync::Mutex` is shuttle's there. What is not named here is the real one.

pub use std::*;

/// `std::sync`, with shuttle's locks.
pub mod sync {
    pub use shuttle::sync::{Condvar, Mutex, MutexGuard};
    pub use std::sync::*;
}

/// `std::thread`, with shuttle's threads.
pub mod thread {
    pub use shuttle::thread::{Builder, JoinHandle, sleep, spawn, yield_now};
    pub use std::thread::*;
}
