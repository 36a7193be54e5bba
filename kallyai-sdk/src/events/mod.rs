//! Inbound events as they happen: server-sent events, and the log where there are none.

mod blocks;
mod connection;
mod event;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod listener;
mod seen;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_util::stream::empty;

pub use event::ServerEvent;

use crate::error::Error;
use crate::operations::inbound;
use crate::request::Request;
use crate::retry::Machine;
use crate::streams::{self, Inner, read_as_stream};
use listener::{Listener, Settings};

/// # Events as they happen
impl Request<inbound::Events> {
    /// The events as a stream that does not end by itself: see [`EventStream`].
    ///
    /// ```no_run
    /// # async fn example(kally: kallyai_sdk::Client) -> Result<(), kallyai_sdk::Error> {
    /// let mut events = kally.inbound().events().stream();
    /// while let Some(event) = events.try_next().await? {
    ///     println!("{} {}", event.name(), event.id().unwrap_or("-"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> EventStream {
        EventStream {
            start: Some((self, Settings::default())),
            inner: Box::pin(empty()),
        }
    }
}

/// Inbound events as they happen: `client.inbound().events().stream()`.
///
/// It asks for server-sent events (`Accept: text/event-stream`) with the sign-in and the parameters of the
/// request, and stays connected without a limit of time; only the headers of an answer have to come within
/// that of an attempt, 30 s.
///
/// - **Reconnecting.** When the connection breaks, ends, or is silent for 90 s, it connects again, with the id
///   of the last event (`Last-Event-ID`). It waits a second first, or what the service's `retry:` says, twice as
///   long after each failure up to 20 s, and up to a half longer at random; an event, or a connection that held
///   for 10 s, sets that back. What comes again with an id that has been given already is left out. Until an event
///   with an id has come, a service that does not heed `from` may leave a gap between two connections.
/// - **Polling.** A service that answers with the log as JSON, or that has no stream (406), is asked every 5 s.
///   The first answer is given whole (`from` says where it begins), afterwards what is new in it.
/// - **Failures.** Those that can pass are seen by `tracing` only; after ten in a row, or where the service asks
///   for a wait of more than two minutes, one is an item, and reading on tries again. Any other (no sign-in, no
///   scope, no such thing) is the last item. The service can end the stream by an answer without content (204).
/// - **Memory.** One event at a time, of at most 1 MiB, or one answer with the log. A larger event is left out,
///   and an error in its place says so. What is no UTF-8 is replaced. The last 1024 ids are remembered, and of the log a hash of each entry.
///
/// What it waits for stays in it: in a `select!` nothing is lost. Dropped, it closes its connection.
#[must_use = "nothing is read before it is asked"]
pub struct EventStream {
    start: Option<(Request<inbound::Events>, Settings)>,
    inner: Inner<ServerEvent>,
}

impl EventStream {
    /// Goes on after the event with this id, if the service remembers it: what an earlier stream's
    /// [`ServerEvent::id`] said. It counts only before the first event is asked for, as the others do.
    pub fn resume_after(self, id: impl Into<String>) -> Self {
        let id = id.into();
        self.set(|settings| settings.last_id = Some(id))
    }

    /// How long the service may be silent before the connection is taken for dead; 90 s unless said otherwise.
    pub fn idle_timeout(self, timeout: Duration) -> Self {
        self.set(|settings| settings.idle = timeout)
    }

    /// How often the log is read where the service has no stream, at least 100 ms; 5 s unless said otherwise.
    pub fn poll_every(self, interval: Duration) -> Self {
        self.set(|settings| settings.poll = interval.max(Duration::from_millis(100)))
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        if let Some((_, settings)) = &mut self.start {
            change(settings);
        }
        self
    }
}

impl Stream for EventStream {
    type Item = Result<ServerEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some((request, settings)) = self.start.take() {
            let listener = Listener::new(request, Machine::new(), settings);
            self.inner = streams::stream(listener);
        }
        self.inner.as_mut().poll_next(context)
    }
}

read_as_stream!(EventStream, ServerEvent);
