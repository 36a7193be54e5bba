//! Waiting until something has settled that goes on by itself: a goal, a call, an outreach task.

mod settles;
#[cfg(test)]
mod tests;

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use serde::Serialize;

pub use settles::{Settles, Standing};

use crate::error::Error;
use crate::mark::Marker;
use crate::operations::{calls, coordination, outreach};
use crate::request::{Call, Request};
use crate::retry::{self, Backoff, Machine, Surroundings};
use crate::streams::{self, Inner, Source, read_as_stream};

/// How long is waited unless it is said.
const DEADLINE: Duration = Duration::from_secs(600);
/// Nobody is asked more often.
const SHORTEST: Duration = Duration::from_millis(100);

/// A read that can be repeated until what it shows has settled.
pub trait Watched: Call<Answer: Settles + Serialize + 'static> + 'static {}

impl Watched for calls::Get {}
impl Watched for coordination::GetGoal {}
impl Watched for outreach::GetTask {}

/// # Waiting
///
/// For the requests that show a goal, a call or an outreach task. Nothing is changed by waiting, or by
/// giving it up.
impl<O: Watched> Request<O> {
    /// Reads it again and again until it is over or needs the user: see [`Settles`].
    ///
    /// ```no_run
    /// # async fn example(kally: kallyai_sdk::Client) -> Result<(), kallyai_sdk::Error> {
    /// use std::time::Duration;
    /// use kallyai_sdk::{Settles, Standing};
    ///
    /// let waiting = kally.coordination().get_goal("g_1").until_settled();
    /// let goal = waiting.deadline(Duration::from_secs(3600)).await?;
    /// match goal.standing() {
    ///     Standing::NeedsUser => println!("it needs you"),
    ///     _ => println!("{}", goal.status),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is for reads only; what rings a phone cannot be repeated so:
    ///
    /// ```compile_fail,E0599
    /// # async fn example(kally: kallyai_sdk::Client, call: kallyai_sdk::types::CallRequest) {
    /// let waiting = kally.calls().create(call).until_settled();
    /// # }
    /// ```
    pub fn until_settled(self) -> UntilSettled<O> {
        UntilSettled {
            request: self,
            pace: Pace::Backoff(Backoff {
                first: Duration::from_secs(1),
                longest: Duration::from_secs(20),
                ..Backoff::default()
            }),
            deadline: DEADLINE,
        }
    }
}

/// Waits by being awaited: [`Request::until_settled`].
///
/// It reads at once; then, after a change, a second later, and as long as nothing changes at intervals that
/// double up to 20 s, shortened at random by up to a half. A read is a request with its own retries. If it
/// fails all the same for a reason that can pass (a broken connection, a timeout, too many requests, a failure
/// of the service), the waiting goes on until the deadline; any other error ends it.
///
/// In a `select!` keep the future and hand in `&mut`; a new one would begin a new deadline, and lose nothing
/// else.
///
/// ```no_run
/// # async fn example(kally: kallyai_sdk::Client) -> Result<(), kallyai_sdk::Error> {
/// let mut settled = kally.calls().get("c_1").until_settled().into_future();
/// let mut ticks = tokio::time::interval(std::time::Duration::from_secs(1));
/// let call = loop {
///     tokio::select! {
///         call = &mut settled => break call?,
///         _ = ticks.tick() => println!("still going on"),
///     }
/// };
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// A timeout at the deadline: what was waited for goes on. Otherwise those of the request.
#[must_use = "it waits by being awaited"]
pub struct UntilSettled<O> {
    request: Request<O>,
    pace: Pace,
    deadline: Duration,
}

impl<O: Watched> UntilSettled<O> {
    /// Reads at fixed intervals, of at least 100 ms.
    pub fn every(mut self, interval: Duration) -> Self {
        self.pace = Pace::Every(interval.max(SHORTEST));
        self
    }

    /// Reads at intervals that double from the first to the longest, of at least 100 ms.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.pace = Pace::Backoff(Backoff {
            first: first.max(SHORTEST),
            longest: longest.max(SHORTEST),
            ..Backoff::default()
        });
        self
    }

    /// How long it waits, from when it is awaited or its states are asked for; 10 minutes unless said
    /// otherwise.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// What it looks like at first, and each time that anything in it has changed. The settled one is the
    /// last; so is an error, the timeout at the deadline among them.
    ///
    /// ```no_run
    /// # async fn example(kally: kallyai_sdk::Client) -> Result<(), kallyai_sdk::Error> {
    /// let mut states = kally.coordination().get_goal("g_1").until_settled().states();
    /// while let Some(goal) = states.try_next().await? {
    ///     println!("{}", goal.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn states(self) -> States<O::Answer> {
        States {
            inner: streams::stream(self.watch()),
        }
    }

    fn watch(self) -> Watch<Request<O>, Machine> {
        Watch::new(self.request, Machine::new(), self.pace, self.deadline)
    }
}

impl<O: Watched> IntoFuture for UntilSettled<O> {
    type Output = Result<O::Answer, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.watch().settled().await })
    }
}

impl<O: Watched> fmt::Debug for UntilSettled<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntilSettled")
            .field("request", &self.request)
            .field("pace", &self.pace)
            .field("deadline", &self.deadline)
            .finish()
    }
}

/// What a goal, a call or a task looks like when it changes: [`UntilSettled::states`].
#[must_use = "nothing is read before it is asked"]
pub struct States<T> {
    inner: Inner<T>,
}

impl<T> Stream for States<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.inner.as_mut().poll_next(context)
    }
}

read_as_stream!(States<T>, T);

/// How long to wait for the next look.
#[derive(Debug, Clone, Copy)]
enum Pace {
    Every(Duration),
    Backoff(Backoff),
}

impl Pace {
    /// `quiet`: how often nothing had changed.
    fn wait(self, quiet: u32, fraction: f64) -> Duration {
        match self {
            Self::Every(interval) => interval,
            Self::Backoff(backoff) => {
                let wait = backoff.jittered(quiet, 0.5 + fraction / 2.0);
                wait.max(SHORTEST)
            }
        }
    }
}

/// What is looked at.
trait Read: Send + 'static {
    type State: Settles + Serialize + Send;

    /// Why waiting ends at the deadline.
    fn not_settled() -> Error {
        Error::not_settled()
    }

    /// Looks at it, in the time that is left.
    fn read(&mut self, left: Duration) -> impl Future<Output = Result<Self::State, Error>> + Send;
}

impl<O: Watched> Read for Request<O> {
    type State = O::Answer;

    fn not_settled() -> Error {
        Error::not_settled().of(O::info())
    }

    async fn read(&mut self, left: Duration) -> Result<O::Answer, Error> {
        Ok(self.send_within(left).await?.value)
    }
}

/// Looks until it has settled.
struct Watch<R, S> {
    read: R,
    around: S,
    started: Duration,
    deadline: Duration,
    pace: Pace,
    quiet: u32,
    /// Before the next look.
    wait: Duration,
    marker: Marker,
    seen: Option<u64>,
    /// Why the last look failed.
    trouble: Option<Error>,
    over: bool,
}

impl<R: Read, S: Surroundings> Watch<R, S> {
    fn new(read: R, around: S, pace: Pace, deadline: Duration) -> Self {
        Self {
            read,
            started: around.now(),
            around,
            deadline,
            pace,
            quiet: 0,
            wait: Duration::ZERO,
            marker: Marker::default(),
            seen: None,
            trouble: None,
            over: false,
        }
    }

    async fn settled(mut self) -> Result<R::State, Error> {
        loop {
            let state = self.changed().await?;
            if state.standing() != Standing::GoesOn {
                return Ok(state);
            }
        }
    }

    /// The next state that differs from the last.
    async fn changed(&mut self) -> Result<R::State, Error> {
        loop {
            let wait = self.wait.min(self.left());
            if !wait.is_zero() {
                self.around.sleep(wait).await;
            }
            let left = self.left();
            if left.is_zero() {
                return Err(R::not_settled().caused_by(self.trouble.take()));
            }
            let state = match self.read.read(left).await {
                Ok(state) => state,
                Err(error) if retry::can_pass(&error) => {
                    self.wait_more(error.retry_after().unwrap_or_default());
                    tracing::debug!(kind = error.kind().name(), "a look failed; looking again");
                    self.trouble = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            self.trouble = None;
            let mark = Some(self.marker.of_value(&state));
            if self.seen == mark {
                self.wait_more(Duration::ZERO);
                continue;
            }
            self.seen = mark;
            self.quiet = 0;
            self.wait_more(Duration::ZERO);
            return Ok(state);
        }
    }

    fn wait_more(&mut self, at_least: Duration) {
        let wait = self.pace.wait(self.quiet, self.around.fraction());
        self.wait = wait.max(at_least);
        self.quiet = self.quiet.saturating_add(1);
    }

    fn left(&self) -> Duration {
        let gone = self.around.now().saturating_sub(self.started);
        self.deadline.saturating_sub(gone)
    }
}

impl<R: Read, S: Surroundings + 'static> Source for Watch<R, S> {
    type Item = R::State;

    async fn next(&mut self) -> Option<Result<R::State, Error>> {
        if self.over {
            return None;
        }
        let state = self.changed().await;
        self.over = match &state {
            Ok(state) => state.standing() != Standing::GoesOn,
            Err(_) => true,
        };
        Some(state)
    }
}
