//! The client: built once, cheap to clone, shared by all tasks.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use crate::auth::{Credentials, FileStore};
use crate::base_url::{self, BaseUrl};
use crate::env::Environment;
use crate::error::Error;
use crate::place::{Dials, PlaceLog, Places};
use crate::retry::{self, Retries, Timeouts};
use crate::transport::Transport;
use crate::wire::{self, Wire};

/// Talks to KallyAI.
///
/// Cloning it is cheap and shares the connections.
///
/// ```no_run
/// # async fn example() -> Result<(), kallyai_sdk::Error> {
/// let kally = kallyai_sdk::Client::from_env()?;
/// let balance = kally.credits().balance().await?;
/// println!("{} credits left", balance.credits_remaining);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

/// What the clones of a client and their requests have in common.
struct Shared {
    transport: Transport,
    retries: Retries,
    timeouts: Timeouts,
    dials: Arc<Dials>,
    places: Places,
}

include!(concat!(env!("OUT_DIR"), "/handles.rs"));

impl Client {
    /// A client for the service with an access token.
    ///
    /// # Errors
    ///
    /// Invalid input, when the token cannot be one.
    pub fn new(access_token: impl Into<SecretString>) -> Result<Self, Error> {
        Self::builder().access_token(access_token).build()
    }

    /// A client as the environment says, and nobody else:
    ///
    /// 1. `KALLYAI_ACCESS_TOKEN`: a token that is neither stored nor refreshed;
    /// 2. `KALLYAI_TOKEN_FILE`: the path of a file with tokens, refreshed in place;
    /// 3. with `KALLYAI_CLIENT_ID` (and `KALLYAI_CLIENT_SECRET`) the file of that client's tokens,
    ///    [`FileStore::for_client`](crate::auth::FileStore::for_client);
    /// 4. the file that the vendor's tools share, `~/.kallyai_token.json`, unless `KALLYAI_BASE_URL` names
    ///    another service than `https://api.kallyai.com`.
    ///
    /// It reads the file at once, to see that somebody is signed in; it never starts a sign-in.
    ///
    /// # Errors
    ///
    /// [Not logged in](Error::is_not_logged_in) when there is no token anywhere; a sign-in error when
    /// the file must not be read; invalid input when a variable cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }

    /// Builds a client in another way; [`ClientBuilder::from_env`] begins with what the environment says.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.shared.transport
    }

    pub(crate) fn retries(&self) -> &Retries {
        &self.shared.retries
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.shared.timeouts
    }

    pub(crate) fn dials(&self) -> &Arc<Dials> {
        &self.shared.dials
    }

    pub(crate) fn places(&self) -> &Places {
        &self.shared.places
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.shared.transport.wire.base_url.as_str())
            .field("credentials", &self.shared.transport.credentials)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Client`].
///
/// ```
/// # fn example() -> Result<(), kallyai_sdk::Error> {
/// let kally = kallyai_sdk::Client::builder()
///     .base_url("http://127.0.0.1:8980")
///     .access_token("sbx_example")
///     .user_agent("reservations/2.1")
///     .build()?;
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "nothing happens before build()"]
pub struct ClientBuilder {
    base_url: String,
    signed_in: SignedIn,
    user_agent: Option<String>,
    timeouts: Timeouts,
    max_attempts: u32,
    trusts_idempotency_key: bool,
    place_log: Option<Arc<dyn PlaceLog>>,
    /// Without the user agent, which is not checked yet.
    wire: wire::Settings,
    #[cfg(feature = "reqwest-client")]
    http: Option<reqwest::Client>,
}

/// How the client is to be signed in.
#[derive(Clone)]
enum SignedIn {
    Not,
    Token(SecretString),
    Profile(String),
    With(Credentials),
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: base_url::DEFAULT.to_owned(),
            signed_in: SignedIn::Not,
            user_agent: None,
            timeouts: Timeouts::default(),
            max_attempts: retry::MAX_ATTEMPTS,
            trusts_idempotency_key: false,
            place_log: None,
            wire: wire::Settings::default(),
            #[cfg(feature = "reqwest-client")]
            http: None,
        }
    }
}

impl ClientBuilder {
    /// A client as the environment says, like that of [`Client::from_env`], of which the rest can be set.
    ///
    /// ```no_run
    /// use kallyai_sdk::ClientBuilder;
    /// use kallyai_sdk::place::FilePlaceLog;
    ///
    /// # fn example() -> Result<(), kallyai_sdk::Error> {
    /// let kally = ClientBuilder::from_env()?
    ///     .place_log(FilePlaceLog::at("calls.log"))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::from_env`].
    pub fn from_env() -> Result<Self, Error> {
        Self::from_environment(Environment::read()?)
    }

    /// The same from an environment that has been read.
    ///
    /// # Errors
    ///
    /// Those of [`Client::from_env`].
    pub fn from_environment(environment: Environment) -> Result<Self, Error> {
        Ok(Self::default()
            .base_url(environment.base_url())
            .credentials(environment.credentials()?))
    }

    /// Where the service is, without `/v1`: `https://api.kallyai.com` unless said otherwise. Only
    /// loopback may be http.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The access token that every request but the public ones is sent with. It is neither stored nor
    /// refreshed. The last of this, [`credentials`](Self::credentials) and [`profile`](Self::profile)
    /// counts.
    pub fn access_token(mut self, token: impl Into<SecretString>) -> Self {
        self.signed_in = SignedIn::Token(token.into());
        self
    }

    /// Where access tokens come from: a store that keeps them fresh, for instance.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.signed_in = SignedIn::With(credentials);
        self
    }

    /// Uses the tokens of a named account: those of
    /// [`FileStore::named`](crate::auth::FileStore::named), refreshed when they expire.
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.signed_in = SignedIn::Profile(name.into());
        self
    }

    /// Names the application before `kallyai-sdk-rust/<version>` in the user agent.
    pub fn user_agent(mut self, application: impl Into<String>) -> Self {
        self.user_agent = Some(application.into());
        self
    }

    /// How long any request may take in all: every attempt, the waits between them, the answer's body.
    /// Without it, that is 60 s more than one attempt may take. [`Request::timeout`](crate::Request::timeout)
    /// is for one.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.overall = Some(timeout);
        self
    }

    /// How long one attempt may take. Without it, what rings a phone at once may take 330 s and everything
    /// else 30 s. [`Request::attempt_timeout`](crate::Request::attempt_timeout) is for one.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.timeouts.attempt = Some(timeout);
        self
    }

    /// How often a request is sent at most where sending it again does no harm; 3 unless said otherwise,
    /// and 1 never repeats anything.
    ///
    /// Reads and PUTs are sent again after broken connections, timeouts and the service's own failures;
    /// everything else only if it is proven that nothing was sent, or if the service has said "too many
    /// requests".
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Whether the service can be relied on never to dial twice for one idempotency key. It is not known to
    /// promise that, so the default is `false`: a call whose outcome is unknown is then not sent again but
    /// looked for in the list of calls. With `true` it is sent again with the same key and body.
    pub fn trust_idempotency_key(mut self, trust: bool) -> Self {
        self.trusts_idempotency_key = trust;
        self
    }

    /// Where [`place`](crate::operations::calls::Calls::place) writes down what it places, unless the
    /// placement brings a log of its own; in memory unless said otherwise.
    pub fn place_log(mut self, log: impl PlaceLog + 'static) -> Self {
        self.place_log = Some(Arc::new(log));
        self
    }

    /// How long connecting may take; 5 s unless said otherwise.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.wire.connect_timeout = timeout;
        self
    }

    /// The largest answer that is read, in bytes; 64 MiB unless said otherwise.
    pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.wire.max_answer = bytes;
        self
    }

    /// Sends requests with an HTTP client of the program's: for a proxy, client certificates, or TLS of
    /// another kind.
    ///
    /// The program then answers for what the library's own client sees to:
    ///
    /// - **redirects**: build it with `redirect::Policy::none()`. One that follows them carries the body, and
    ///   the token on the same host, to wherever it is sent; the library can only refuse the answer
    ///   afterwards, with an error;
    /// - **sending again**: build it with `retry::never()`;
    /// - **time**: [`connect_timeout`](Self::connect_timeout) is not applied, nor is TCP keepalive, without
    ///   which some networks drop a call's silent connection (30 s is the library's). The timeouts of
    ///   requests are;
    /// - **TLS**: its certificates and versions; the library's features for TLS do not matter to it;
    /// - **proxies**: the environment's are used for loopback, too, unless it is built with `no_proxy()`.
    ///
    /// User agent and the limit of answers stay the library's. Signing in and refreshing tokens go through
    /// connections of the library's own. `reqwest` is of version 0.13; this method changes with it.
    #[cfg(feature = "reqwest-client")]
    #[cfg_attr(docsrs, doc(cfg(feature = "reqwest-client")))]
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// Invalid input, naming what cannot be used: base URL, token, user agent, TLS.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = BaseUrl::parse(&self.base_url)?;
        let credentials = match self.signed_in {
            SignedIn::Not => Credentials::none(),
            SignedIn::Token(token) => Credentials::from_access_token(token)?,
            SignedIn::Profile(name) => Credentials::from_store(FileStore::named(&name)?),
            SignedIn::With(credentials) => credentials,
        };
        let settings = wire::Settings {
            user_agent: user_agent(self.user_agent.as_deref())?,
            ..self.wire
        };
        credentials.bind(&settings, &base_url)?;
        #[cfg(feature = "reqwest-client")]
        let wire = match self.http {
            Some(client) => Wire::with_client(&settings, base_url, client)?,
            None => Wire::new(&settings, base_url)?,
        };
        #[cfg(not(feature = "reqwest-client"))]
        let wire = Wire::new(&settings, base_url)?;
        Ok(Client {
            shared: Arc::new(Shared {
                transport: Transport { wire, credentials },
                retries: Retries {
                    max_attempts: self.max_attempts,
                    trusts_idempotency_key: self.trusts_idempotency_key,
                    ..Retries::default()
                },
                timeouts: self.timeouts,
                dials: Arc::default(),
                places: Places::new(self.place_log),
            }),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL is not checked yet and could hold a password.
        f.debug_struct("ClientBuilder")
            .field(
                "credentials",
                match &self.signed_in {
                    SignedIn::Not => &"none",
                    SignedIn::Token(_) => &"Static(..)",
                    SignedIn::Profile(name) => name,
                    SignedIn::With(credentials) => credentials,
                },
            )
            .field("user_agent", &self.user_agent)
            .field("timeouts", &self.timeouts)
            .field("max_attempts", &self.max_attempts)
            .field("trusts_idempotency_key", &self.trusts_idempotency_key)
            .field("place_log", &self.place_log)
            .field("connect_timeout", &self.wire.connect_timeout)
            .field("max_answer", &self.wire.max_answer)
            .finish_non_exhaustive()
    }
}

fn user_agent(application: Option<&str>) -> Result<String, Error> {
    let own = wire::USER_AGENT;
    let Some(application) = application else {
        return Ok(own.to_owned());
    };
    let plain = !application.is_empty()
        && application
            .bytes()
            .all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if plain {
        Ok(format!("{application} {own}"))
    } else {
        Err(Error::invalid_input(
            "user_agent",
            "it is empty or has a control character or a letter outside ASCII",
        ))
    }
}
