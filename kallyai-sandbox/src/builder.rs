//! How a world is set up.

use std::time::Duration;

use crate::clock::Clock;
use crate::error::Error;
use crate::sandbox::Sandbox;

/// Sets up a [`Sandbox`]; made by [`Sandbox::builder`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    port: u16,
    seed: Option<u64>,
    call_seconds: f64,
    settings: Settings,
}

/// What stays the same for the life of a world.
#[derive(Debug, Clone)]
// These are switches, not states.
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Settings {
    pub(crate) clock: Clock,
    pub(crate) call_life: Duration,
    pub(crate) auto_approve: bool,
    pub(crate) strict_rotation: bool,
    pub(crate) keep_refresh_token: bool,
    pub(crate) ignore_idempotency: bool,
    pub(crate) hide_active: bool,
    pub(crate) event_stream: bool,
    /// Between two comments that keep a stream of events alive; by the clock outside.
    pub(crate) heartbeat: Duration,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            port: 0,
            seed: None,
            call_seconds: 0.5,
            settings: Settings::default(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock: Clock::Real,
            call_life: Duration::ZERO,
            auto_approve: false,
            strict_rotation: false,
            keep_refresh_token: false,
            ignore_idempotency: false,
            hide_active: false,
            event_stream: true,
            heartbeat: Duration::from_secs(15),
        }
    }
}

impl Builder {
    /// The port on 127.0.0.1; 0, the default, takes a free one.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Makes ids and tokens the same each time. Without a seed the ids are those of seed 0, and the
    /// tokens are new, so that no world takes the tokens of another.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How time passes.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// How long a phone call takes, by the clock of the world; 0.5 by default.
    pub fn call_seconds(mut self, seconds: f64) -> Self {
        self.call_seconds = seconds;
        self
    }

    /// Signs in without asking on a page.
    pub fn auto_approve(mut self, yes: bool) -> Self {
        self.settings.auto_approve = yes;
        self
    }

    /// Lets a refresh token be used once; a second use revokes its whole family.
    pub fn strict_rotation(mut self, yes: bool) -> Self {
        self.settings.strict_rotation = yes;
        self
    }

    /// Answers a refresh without a new refresh token, because the service may do so: the old one goes
    /// on, whatever the rotation.
    pub fn keep_refresh_token(mut self, yes: bool) -> Self {
        self.settings.keep_refresh_token = yes;
        self
    }

    /// Forgets idempotency keys, because the service may do so.
    pub fn ignore_idempotency(mut self, yes: bool) -> Self {
        self.settings.ignore_idempotency = yes;
        self
    }

    /// Shows no call that is not over, because the service may do so.
    pub fn hide_active(mut self, yes: bool) -> Self {
        self.settings.hide_active = yes;
        self
    }

    /// Answers `GET /v1/inbound/events` with the log in JSON, whatever a client accepts, because the
    /// service may do so.
    pub fn without_event_stream(mut self) -> Self {
        self.settings.event_stream = false;
        self
    }

    /// How long a stream of events is silent before it sends a comment to say that it is still there, by
    /// the real clock; 15 seconds by default, and a millisecond at least.
    pub fn heartbeat(mut self, every: Duration) -> Self {
        self.settings.heartbeat = every.max(Duration::from_millis(1));
        self
    }

    /// Starts the world.
    ///
    /// # Errors
    ///
    /// When the port is taken, the system gives no thread, or the call seconds are not a length of
    /// time.
    pub async fn start(mut self) -> Result<Sandbox, Error> {
        self.settings.call_life = Duration::try_from_secs_f64(self.call_seconds)
            .map_err(|_| Error::Setting("the seconds of a call are not a length of time"))?;
        Sandbox::launch(self.port, self.seed, self.settings).await
    }
}
