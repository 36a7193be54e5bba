//! Listens for events, and connects again.

use std::collections::VecDeque;
use std::time::Duration;

use http::StatusCode;

use super::connection::{Came, Connection, Door, Opening};
use super::event::{OPERATION, ServerEvent};
use super::seen::Seen;
use crate::error::Error;
use crate::mark::Marker;
use crate::retry::{self, Backoff, Surroundings};
use crate::streams::Source;
use crate::types::InboundEvent;

/// How often in a row nothing may come of a connection before the caller is told.
const MOST_FAILURES: u32 = 10;
/// How long a connection must hold to count as a good one.
const HELD: Duration = Duration::from_secs(10);
/// The longest `retry:` that is heeded.
const LONGEST_RETRY: Duration = Duration::from_secs(600);
/// The longest id that is remembered, in bytes: servers refuse longer headers.
const LONGEST_ID: usize = 1024;

/// What the caller can set.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) last_id: Option<String>,
    pub(super) idle: Duration,
    pub(super) poll: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            last_id: None,
            idle: Duration::from_secs(90),
            poll: Duration::from_secs(5),
        }
    }
}

pub(super) struct Listener<D, S> {
    door: D,
    around: S,
    settings: Settings,
    backoff: Backoff,
    open: Option<(Connection, Duration)>,
    /// Events of the log that are to be given.
    logged: VecDeque<ServerEvent>,
    seen: Seen,
    marker: Marker,
    failures: u32,
    /// Before the next connection.
    wait: Duration,
    /// The service has no stream.
    log_only: bool,
    over: bool,
}

impl<D: Door, S: Surroundings + Clone + 'static> Listener<D, S> {
    pub(super) fn new(door: D, around: S, settings: Settings) -> Self {
        Self {
            door,
            around,
            settings,
            backoff: Backoff {
                first: Duration::from_secs(1),
                ..Backoff::default()
            },
            open: None,
            logged: VecDeque::new(),
            seen: Seen::default(),
            marker: Marker::default(),
            failures: 0,
            wait: Duration::ZERO,
            log_only: false,
            over: false,
        }
    }

    /// Connects, or reads the log. Gives an error that the caller is to see.
    async fn connect(&mut self) -> Result<(), Error> {
        if !self.wait.is_zero() {
            self.around.sleep(self.wait).await;
            self.wait = Duration::ZERO;
        }
        let after = self.settings.last_id.as_deref();
        match self.door.open(after, self.log_only).await {
            Ok(Opening::Stream(chunks)) => {
                self.seen.reconnected();
                let connection = Connection::new(chunks, self.around.clone(), self.settings.idle);
                self.open = Some((connection, self.around.now()));
            }
            Ok(Opening::Log(entries)) => {
                self.failures = 0;
                self.wait = self.settings.poll;
                self.read_log(entries);
            }
            Ok(Opening::End) => self.over = true,
            Err(error) => return self.not_connected(error),
        }
        Ok(())
    }

    fn not_connected(&mut self, error: Error) -> Result<(), Error> {
        match error.status() {
            Some(StatusCode::NOT_ACCEPTABLE) if !self.log_only => self.log_only = true,
            // What a proxy says in the service's place passes too.
            _ if retry::can_pass(&error) || error.is_decode() => return self.failed(error),
            _ => {
                self.over = true;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Waits longer; gives the error after too many of them.
    fn failed(&mut self, error: Error) -> Result<(), Error> {
        let doubled = Backoff {
            longest: self.backoff.longest.max(self.backoff.first),
            ..self.backoff
        };
        let wait = doubled
            .jittered(self.failures, 1.0)
            .mul_f64(1.0 + self.around.fraction() / 2.0);
        let asked = error.retry_after().unwrap_or_default();
        self.wait = wait.max(asked);
        self.failures += 1;
        tracing::debug!(
            kind = error.kind().name(),
            wait_ms = u64::try_from(self.wait.as_millis()).unwrap_or(u64::MAX),
            "the stream of events is interrupted"
        );
        if self.failures > MOST_FAILURES || asked > self.backoff.longest_asked {
            self.failures = 0;
            return Err(error);
        }
        Ok(())
    }

    fn read_log(&mut self, entries: Vec<InboundEvent>) {
        let marks: Vec<u64> = entries
            .iter()
            .map(|entry| self.marker.of_value(entry))
            .collect();
        let new = self.seen.new_in_log(&marks);
        let new = entries.into_iter().zip(new).filter(|(_, new)| *new);
        self.logged
            .extend(new.map(|(entry, _)| ServerEvent::logged(entry)));
    }

    /// What came on the open connection, if the caller is to see it.
    fn came(&mut self, came: Came, since: Duration) -> Option<Result<ServerEvent, Error>> {
        let block = match came {
            Came::Block(block) => block,
            Came::Large => {
                tracing::warn!("an event was too large, and is left out");
                self.failures = 0;
                return Some(Err(Error::decode("an event was larger than 1 MiB", &[])));
            }
            Came::End(error) => {
                self.open = None;
                if self.around.now().saturating_sub(since) >= HELD {
                    self.failures = 0;
                }
                return self.failed(error).err().map(Err);
            }
        };
        if let Some(retry) = block.retry {
            self.backoff.first = Duration::from_millis(retry).min(LONGEST_RETRY);
        }
        if let Some(id) = block.id.as_ref().filter(|id| id.len() <= LONGEST_ID) {
            self.settings.last_id = Some(id.clone()).filter(|id| !id.is_empty());
        }
        let event = ServerEvent::sent(block)?;
        self.failures = 0;
        (!self.is_repeated(&event)).then_some(Ok(event))
    }

    /// Whether it was given before the connection broke. What has no id at all is taken for new.
    fn is_repeated(&mut self, event: &ServerEvent) -> bool {
        let content = event
            .event()
            .filter(|event| event.id.is_some())
            .map(|event| self.marker.of_value(event));
        let logged = content.is_some_and(|mark| self.seen.is_repeated(mark));
        match event.stream_id() {
            Some(id) => self.seen.is_repeated(self.marker.of_text(id)),
            None => logged,
        }
    }
}

impl<D: Door, S: Surroundings + Clone + 'static> Source for Listener<D, S> {
    type Item = ServerEvent;

    async fn next(&mut self) -> Option<Result<ServerEvent, Error>> {
        loop {
            if let Some(event) = self.logged.pop_front() {
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            let Some((connection, since)) = &mut self.open else {
                if let Err(error) = self.connect().await {
                    return Some(Err(error.of(OPERATION)));
                }
                continue;
            };
            let (came, since) = (connection.next().await, *since);
            if let Some(item) = self.came(came, since) {
                return Some(item.map_err(|error| error.of(OPERATION)));
            }
        }
    }
}
