//! For programs without async: [`Wait`] sends a request and blocks the thread until it is answered,
//! [`iter`] turns a stream into an iterator.
//!
//! ```no_run
//! use kallyai_sdk::Client;
//! use kallyai_sdk::blocking::Wait;
//!
//! # fn main() -> Result<(), kallyai_sdk::Error> {
//! let kally = Client::from_env()?;
//! let call = kally.calls().get("c_1").wait()?;
//! println!("{}", call.status);
//! # Ok(())
//! # }
//! ```
//!
//! Everything of this library that can be awaited can be waited for: requests, [`with_response`] and raw
//! ones, a sign-in. Timeouts, retries and errors are the same.
//!
//! - The first use starts a thread for the whole process; it lives as long as that. It does the network's
//!   work, the request itself runs on the thread that waits.
//! - Inside an async runtime it works too, and blocks the thread that everything else there waits for: await
//!   instead. It uses connections of its own, so that it never waits for those of the blocked runtime; a client
//!   that was [handed in](crate::ClientBuilder#method.http_client) has one set only, and can run into its
//!   timeout there.
//! - A program ends when `main` does, whatever is under way: a program that keeps tokens in a store calls
//!   [`finish_refreshes`](crate::auth::finish_refreshes) at its end.
//! - A process that was forked after the first use has no such thread: do not use it there.
//!
//! [`with_response`]: crate::Request::with_response

use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use futures_core::Stream;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::Error;

tokio::task_local! {
    /// Set while something is waited for.
    static WAITED_FOR: ();
}

/// Whether what runs here is waited for by a blocked thread.
pub(crate) fn is_waited_for() -> bool {
    WAITED_FOR.try_with(|()| ()).is_ok()
}

/// What is spawned for something that is waited for is waited for too.
pub(crate) fn passed_on<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let is_waited_for = is_waited_for();
    async move {
        if is_waited_for {
            WAITED_FOR.scope((), future).await
        } else {
            future.await
        }
    }
}

/// Waits for what could be awaited.
pub trait Wait {
    /// What a success gives.
    type Value;

    /// Blocks the thread until it is there.
    ///
    /// # Errors
    ///
    /// Those of awaiting it; invalid input with the field `blocking`, when the system gives no thread.
    fn wait(self) -> Result<Self::Value, Error>;
}

impl<F, T> Wait for F
where
    F: IntoFuture<Output = Result<T, Error>>,
    F::IntoFuture: Send,
    T: Send,
{
    type Value = T;

    fn wait(self) -> Result<T, Error> {
        block_on(self.into_future())?
    }
}

/// Iterates over a stream; each step blocks the thread until there is something.
///
/// Dropping it drops the stream. When the system gives no thread, that is the one error, and the iterator
/// can be asked again.
pub fn iter<S, T>(stream: S) -> Iter<S>
where
    S: Stream<Item = Result<T, Error>> + Send + Unpin,
    T: Send,
{
    Iter { stream }
}

/// What [`iter`] gives.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is asked"]
pub struct Iter<S> {
    stream: S,
}

impl<S, T> Iterator for Iter<S>
where
    S: Stream<Item = Result<T, Error>> + Send + Unpin,
    T: Send,
{
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let stream = &mut self.stream;
        let next = poll_fn(|context| Pin::new(&mut *stream).poll_next(context));
        block_on(next).unwrap_or_else(|error| Some(Err(error)))
    }
}

/// Runs a future on this thread, whatever else runs on it. A panic is the caller's.
fn block_on<F>(future: F) -> Result<F::Output, Error>
where
    F: Future + Send,
    F::Output: Send,
{
    let runtime = runtime()?;
    let future = WAITED_FOR.scope((), future);
    if Handle::try_current().is_err() {
        return Ok(runtime.block_on(future));
    }
    // Inside a runtime tokio refuses to wait on the same thread.
    thread::scope(|scope| {
        let waiting = thread::Builder::new()
            .spawn_scoped(scope, || runtime.block_on(future))
            .map_err(|_| no_thread())?;
        waiting.join().or_else(|panic| resume_unwind(panic))
    })
}

/// The runtime that all share. It never ends.
fn runtime() -> Result<&'static Runtime, Error> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("kallyai-blocking")
        .enable_all()
        .build()
        .map_err(|_| no_thread())?;
    Ok(RUNTIME.get_or_init(|| runtime))
}

fn no_thread() -> Error {
    Error::invalid_input("blocking", "the system gives no thread")
}
