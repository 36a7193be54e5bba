//! The handle of a world.

use std::fmt;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::builder::{Builder, Settings};
use crate::catalogue::catalogue;
use crate::control::TRANSFERRED;
use crate::error::Error;
use crate::faults::Fault;
use crate::journal::{JournalEntry, Kept};
use crate::server;
use crate::shared::{Coverage, Shared};
use crate::world::Credentials;
use crate::world::tokens::{Grant, Holder};

/// A running world. It stops when it is dropped, and its port is free then.
///
/// It runs on a thread and a runtime of its own: a paused or busy runtime of a test neither stops nor
/// hurries it.
pub struct Sandbox {
    shared: Arc<Shared>,
    credentials: Credentials,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A phone call that was really dialled.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DialledCall {
    /// The id of the call.
    pub call_id: String,
    /// The number in E.164.
    pub to: String,
    /// The idempotency key that it came with.
    pub idempotency_key: Option<String>,
    /// When, by the clock of the world.
    pub dialled_at: DateTime<Utc>,
    /// `queued`, `ringing`, `in_progress`, or how it ended; `transferred` for an inbound call that was
    /// sent on to the number.
    pub status: String,
}

/// The number is somebody's.
impl fmt::Debug for DialledCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DialledCall")
            .field("call_id", &self.call_id)
            .field("dialled_at", &self.dialled_at)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// What was written and has really left.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentMessage {
    /// `email`, `sms`, `whatsapp` or `telegram`.
    pub channel: String,
    /// An address, a number, or a name.
    pub to: String,
    /// Of e-mails only.
    pub subject: Option<String>,
    /// What it says.
    pub text: String,
    /// When, by the clock of the world.
    pub sent_at: DateTime<Utc>,
}

/// Letters are somebody's, and have codes in them.
impl fmt::Debug for SentMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentMessage")
            .field("channel", &self.channel)
            .field("sent_at", &self.sent_at)
            .finish_non_exhaustive()
    }
}

/// Tokens that were issued for a test.
#[derive(Clone)]
#[non_exhaustive]
pub struct IssuedToken {
    /// The access token.
    pub access_token: String,
    /// The refresh token.
    pub refresh_token: String,
    /// Seconds that the access token is good for.
    pub expires_in: u64,
    /// The scopes of both.
    pub scopes: Vec<String>,
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken")
            .field("expires_in", &self.expires_in)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("base_url", &self.shared.base_url)
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Starts a world on a free port.
    ///
    /// # Errors
    ///
    /// When the system gives no port or no thread.
    pub async fn start() -> Result<Self, Error> {
        Self::builder().start().await
    }

    /// Sets a world up before it is started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) async fn launch(
        port: u16,
        seed: Option<u64>,
        settings: Settings,
    ) -> Result<Self, Error> {
        let catalogue = catalogue().map_err(Error::Spec)?;
        let refused = |source| Error::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let shared = Arc::new(Shared::new(
            catalogue,
            settings,
            format!("http://{address}"),
            seed.unwrap_or_default(),
            seed.map_or_else(|| Uuid::new_v4().to_string(), |seed| seed.to_string()),
        ));
        let credentials = shared.state().world.credentials.clone();
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("kallyai-sandbox".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || server::run(listener, shared, ready, stopped)
            })
            .map_err(Error::Run)?;
        let sandbox = Self {
            shared,
            credentials,
            stop: Some(stop),
            thread: Some(thread),
        };
        is_ready
            .await
            .unwrap_or_else(|_| Err(std::io::ErrorKind::Other.into()))
            .map_err(Error::Run)?;
        Ok(sandbox)
    }

    /// Where it listens, without `/v1` and without a slash at the end: `http://127.0.0.1:8980`.
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// An access token with all scopes.
    pub fn access_token(&self) -> &str {
        &self.credentials.access_token
    }

    /// The refresh token beside it.
    pub fn refresh_token(&self) -> &str {
        &self.credentials.refresh_token
    }

    /// The client id of the authorization code flow.
    pub fn client_id(&self) -> &str {
        &self.credentials.client_id
    }

    /// The client secret of the authorization code flow.
    pub fn client_secret(&self) -> &str {
        &self.credentials.client_secret
    }

    /// The requests for the API, oldest first.
    pub fn journal(&self) -> Vec<JournalEntry> {
        let kept = self.shared.state().journal.snapshot();
        kept.iter().map(Kept::entry).collect()
    }

    /// Forgets the requests.
    pub fn clear_journal(&self) {
        self.shared.state().journal.clear();
        self.shared.show();
    }

    /// The phone calls that were really dialled, oldest first: those of the API, those of goals, and
    /// behind them the numbers to which inbound calls were transferred.
    pub fn dialled(&self) -> Vec<DialledCall> {
        self.shared.with_world(|context| {
            context
                .world
                .calls
                .iter()
                .map(|call| DialledCall {
                    call_id: call.id.to_string(),
                    to: call.to.clone(),
                    idempotency_key: call.idempotency_key.clone(),
                    dialled_at: call.dialled_at,
                    status: call.status(context.now).name().to_owned(),
                })
                .chain(
                    context
                        .world
                        .inbound
                        .transfers()
                        .map(|(call, to, at)| DialledCall {
                            call_id: call.id.to_string(),
                            to: to.to_owned(),
                            idempotency_key: None,
                            dialled_at: at,
                            status: TRANSFERRED.to_owned(),
                        }),
                )
                .collect()
        })
    }

    /// The e-mails, text messages and chats that were really sent, oldest first.
    pub fn sent(&self) -> Vec<SentMessage> {
        self.shared.with_world(|context| {
            context
                .world
                .sent
                .iter()
                .map(|letter| SentMessage {
                    channel: letter.carrier.name().to_owned(),
                    to: letter.to.clone(),
                    subject: letter.subject.clone(),
                    text: letter.text.clone(),
                    sent_at: letter.at,
                })
                .collect()
        })
    }

    /// Asserts that this number was dialled once, and not twice.
    ///
    /// # Panics
    ///
    /// When it was dialled never or more than once.
    #[track_caller]
    pub fn assert_dialled_once(&self, number: &str) {
        let times = self
            .dialled()
            .iter()
            .filter(|call| call.to == number)
            .count();
        assert_eq!(times, 1, "the number was dialled {times} times, not once");
    }

    /// Lets somebody call the account's number, and say these lines. The answer is the id of the inbound
    /// call, which lives by the clock of the world; whoever says nothing hangs up before anybody answers.
    ///
    /// # Errors
    ///
    /// When `from` is not a number in E.164, or the account has no number.
    pub fn ring<S: AsRef<str>>(
        &self,
        from: &str,
        script: impl IntoIterator<Item = S>,
    ) -> Result<String, Error> {
        let script = script
            .into_iter()
            .map(|line| line.as_ref().to_owned())
            .collect();
        self.shared
            .ring(from.to_owned(), None, script)
            .map(|id| id.to_string())
            .map_err(|problem| Error::Setting(problem.reason()))
    }

    /// Moves the clock of the world on, whichever it is.
    pub fn advance(&self, by: Duration) {
        self.shared.advance(by);
    }

    /// Lets something go wrong.
    pub fn inject(&self, fault: Fault) {
        if let Err(problem) = fault.possible(self.shared.catalogue) {
            tracing::warn!(problem, "a fault that will never hit");
            return;
        }
        self.shared.state().faults.inject(fault);
        self.shared.show();
    }

    /// Lets nothing go wrong any more.
    pub fn clear_faults(&self) {
        self.shared.state().faults.clear();
        self.shared.show();
    }

    /// Every operation, how much of it is known and how often it was asked for.
    pub fn coverage(&self) -> Vec<Coverage> {
        self.shared.coverage()
    }

    /// Issues tokens with these scopes. The access token expires after this time, and so does each that
    /// the refresh token brings; a refresh token does not expire. Both ways to refresh take it.
    pub fn issue_token<S: AsRef<str>>(
        &self,
        scopes: impl IntoIterator<Item = S>,
        expires_in: Duration,
    ) -> IssuedToken {
        let scopes: Vec<String> = scopes
            .into_iter()
            .map(|scope| scope.as_ref().to_owned())
            .collect();
        self.shared.with_world(|context| {
            let world = &mut *context.world;
            let grant = Grant {
                holder: Holder::Anybody,
                scopes,
                lifetime: expires_in,
            };
            let issued = world.tokens.issue(&mut world.ids, grant, context.now);
            IssuedToken {
                access_token: issued.access_token,
                refresh_token: issued.refresh_token,
                expires_in: issued.expires_in,
                scopes: issued.scopes,
            }
        })
    }

    /// The ids and the chance of faults from now on.
    pub fn seed(&self, seed: u64) {
        self.shared.reseed(seed);
    }

    /// The whole world as one document: everything that the account has, tokens, keys and the time. It holds
    /// secrets, numbers and texts as they are.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON, which would be a bug.
    pub fn state(&self) -> Result<serde_json::Value, Error> {
        self.shared
            .dump()
            .map_err(|error| Error::State(error.to_string()))
    }

    /// Goes on with a world that was dumped, here or elsewhere. The first tokens of this one stay good, beside
    /// those that come with the state.
    ///
    /// # Errors
    ///
    /// When it is no state of a world; then nothing changes.
    pub fn load(&self, state: &serde_json::Value) -> Result<(), Error> {
        let world = serde_path_to_error::deserialize(state)
            .map_err(|error| Error::State(format!("{}: {}", error.path(), error.inner())))?;
        self.shared.load(world);
        Ok(())
    }

    /// Makes everything as it was in the beginning: world, clock, faults, journal and coverage. The
    /// first tokens are good again.
    pub fn reset(&self) {
        self.shared.reset();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It ends at once; that it could have panicked changes nothing here.
            let _ = thread.join();
        }
    }
}
