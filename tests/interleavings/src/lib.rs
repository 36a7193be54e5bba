//! The standard library, with locks and threads that shuttle schedules.
//!
//! A test that says `extern crate kallyai_interleavings as std;` compiles the library's own files with them, to the
//! letter: `std::sync::Mutex` is shuttle's there. What is not named here is the real one. It is also `arc_swap` for
//! them.

pub use std::*;

use arc_swap::{ArcSwapOption as Real, Guard};
use shuttle::sync::atomic::{AtomicUsize, Ordering};

/// arc-swap's, with a place before each use where another thread may go on.
#[derive(Debug)]
pub struct ArcSwapOption<T> {
    real: Real<T>,
    uses: AtomicUsize,
}

impl<T> ArcSwapOption<T> {
    /// One that holds nothing.
    pub fn empty() -> Self {
        Self {
            real: Real::empty(),
            uses: AtomicUsize::new(0),
        }
    }

    /// What it holds.
    pub fn load(&self) -> Guard<Option<sync::Arc<T>>> {
        self.uses.fetch_add(1, Ordering::SeqCst);
        self.real.load()
    }

    /// What it holds, to keep.
    pub fn load_full(&self) -> Option<sync::Arc<T>> {
        self.uses.fetch_add(1, Ordering::SeqCst);
        self.real.load_full()
    }

    /// Holds something else.
    pub fn store(&self, value: Option<sync::Arc<T>>) {
        self.uses.fetch_add(1, Ordering::SeqCst);
        self.real.store(value);
    }
}

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
