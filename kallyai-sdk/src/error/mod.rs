//! What can go wrong.

pub(crate) mod body;
mod code;
mod display;
mod kept;
mod placed;
mod problem;
mod remedy;
pub(crate) mod retry_after;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

pub use code::ErrorCode;
pub(crate) use kept::kept_error;
pub use problem::Problem;

use crate::index::Operation;
use crate::types::PersonalText;

/// Why a request failed.
///
/// One type for everything; the predicates and accessors say what it is. `Display` is one line: what
/// happened, to which operation, and what can be done. Neither it nor `Debug` shows a token, a phone
/// number, a task or what the service said about them; [`message`](Self::message) and
/// [`body`](Self::body) give that to those who ask.
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    /// What happened, in our own words.
    what: String,
    was_sent: WasSent,
    operation: Option<&'static Operation>,
    /// The fields, variables or parameters that are to blame.
    problems: Vec<Problem>,
    status: Option<StatusCode>,
    answer: body::ErrorAnswer,
    retry_after: Option<Duration>,
    idempotency_key: Option<String>,
    /// What mends it, where the other fields do not say so.
    remedy: Option<String>,
    cause: Option<Cause>,
    /// How often it was sent, where that was more than once.
    attempts: u32,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What the kind does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    NotLoggedIn,
    ReauthRequired,
    /// The token could not be renewed for now.
    Refresh,
    /// No secure connection: mostly a certificate that is not trusted.
    Tls,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request, or the client's configuration, is not valid; nothing was sent.
    InvalidInput,
    /// Nobody is signed in, the service does not accept the token, or a sign-in has failed.
    SignIn,
    /// Tokens could not be read or written.
    TokenStore,
    /// The service refused or failed.
    Api,
    /// Too many requests; wait.
    RateLimit,
    /// The network failed.
    Transport,
    /// It took too long.
    Timeout,
    /// The answer could not be read.
    Decode,
    /// The log of placed calls could not be read or written.
    PlaceLog,
    /// A call that was placed before cannot be found, or not be read.
    Lost,
}

impl ErrorKind {
    /// One word for it, as in the field `error.type` of spans.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::SignIn => "sign_in",
            Self::TokenStore => "token_store",
            Self::Api => "api",
            Self::RateLimit => "rate_limit",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Decode => "decode",
            Self::PlaceLog => "place_log",
            Self::Lost => "lost",
        }
    }
}

/// Whether a request reached the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WasSent {
    /// Proven not: it can be sent again.
    No,
    /// Nobody knows. What it asks for may have been done.
    Maybe,
    /// The service began to answer: it refused; or the answer was cut or could not be read, and then what it
    /// asks for may have been done: [`Error::is_outcome_unknown`].
    Yes,
}

impl Error {
    fn new(kind: ErrorKind, was_sent: WasSent, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            was_sent,
            operation: None,
            problems: Vec::new(),
            status: None,
            answer: body::ErrorAnswer::default(),
            retry_after: None,
            idempotency_key: None,
            remedy: None,
            cause: None,
            attempts: 1,
            source: None,
        }))
    }

    #[cfg(test)]
    pub(crate) fn example(kind: ErrorKind, was_sent: WasSent) -> Self {
        Self::new(kind, was_sent, "an example")
    }

    pub(crate) fn invalid_input(field: &'static str, why: impl Into<String>) -> Self {
        Self::invalid_request(vec![Problem::new(field, why.into(), None)])
    }

    /// What is wrong with a request: at least one problem.
    pub(crate) fn invalid_request(problems: Vec<Problem>) -> Self {
        let what = problem::all(&problems);
        let mut error = Self::new(ErrorKind::InvalidInput, WasSent::No, what);
        error.0.problems = problems;
        error
    }

    pub(crate) fn not_logged_in() -> Self {
        let mut error = Self::new(ErrorKind::SignIn, WasSent::No, "nobody is signed in");
        error.0.cause = Some(Cause::NotLoggedIn);
        error
    }

    /// The refresh token is missing, or the service does not take it any more.
    pub(crate) fn reauth_required(why: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::SignIn, WasSent::No, why);
        error.0.cause = Some(Cause::ReauthRequired);
        error
    }

    /// A refresh that failed for now: the request that needed it was not sent, and the tokens are kept.
    pub(crate) fn while_refreshing(self) -> Self {
        let mut error = Self::new(
            self.kind(),
            WasSent::No,
            "the access token could not be refreshed",
        );
        error.0.retry_after = self.0.retry_after;
        error.0.remedy = Some("try again: the sign-in is kept".to_owned());
        error.0.cause = Some(Cause::Refresh);
        error.0.source = Some(Arc::new(self));
        error
    }

    /// No token could be had in the time that the request may take.
    pub(crate) fn token_took_too_long() -> Self {
        let mut error = Self::new(
            ErrorKind::Timeout,
            WasSent::No,
            "refreshing the access token took too long",
        );
        error.0.cause = Some(Cause::Refresh);
        error
    }

    /// A refusal that no other refresh mends: somebody has to sign in again.
    pub(crate) fn into_reauth_required(mut self) -> Self {
        self.0.kind = ErrorKind::SignIn;
        self.0.cause = Some(Cause::ReauthRequired);
        self.with_remedy("sign in again")
    }

    /// What kept a request from being repeated that the service had rejected for its token.
    pub(crate) fn after_rejection(mut self) -> Self {
        self.0.was_sent = WasSent::Yes;
        self.0.status = Some(StatusCode::UNAUTHORIZED);
        self
    }

    /// A sign-in that failed.
    pub(crate) fn sign_in(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::SignIn, WasSent::No, what)
    }

    /// Tokens cannot be read or written.
    pub(crate) fn token_store(
        what: String,
        remedy: Option<String>,
        source: Option<std::io::Error>,
    ) -> Self {
        let mut error = Self::new(ErrorKind::TokenStore, WasSent::No, what);
        error.0.remedy = remedy;
        error.0.source = source.map(|source| Arc::new(source) as _);
        error
    }

    /// The request cannot be written as HTTP.
    pub(crate) fn unwritable() -> Self {
        Self::invalid_input(
            "request",
            "it cannot be written as HTTP: the URL is too long, or a header has a character that is \
             not allowed",
        )
    }

    /// The network failed, or the time ran out.
    pub(crate) fn transport(error: reqwest::Error, was_sent: WasSent) -> Self {
        let tls = error.is_connect() && is_of_tls(&error);
        let (kind, what) = if error.is_timeout() {
            (ErrorKind::Timeout, "it took too long")
        } else if tls {
            (ErrorKind::Transport, "no secure connection")
        } else if error.is_connect() {
            (ErrorKind::Transport, "no connection")
        } else {
            (ErrorKind::Transport, "the connection failed")
        };
        let mut this = Self::new(kind, was_sent, what);
        if tls {
            this.0.cause = Some(Cause::Tls);
            let remedy = "check the base URL, this machine's clock and its certificates";
            this.0.remedy = Some(remedy.to_owned());
        }
        // The URL can carry a token in its query.
        this.0.source = Some(Arc::new(error.without_url()));
        this
    }

    /// An answer that is no success.
    pub(crate) fn answered(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut answer = body::parse(body);
        if answer.correlation_id.is_none() {
            answer.correlation_id = correlation_id(headers);
        }
        let out_of_credits = matches!(
            answer.code,
            Some(
                ErrorCode::QuotaExceeded
                    | ErrorCode::BudgetExceeded
                    | ErrorCode::BudgetApprovalRequired
                    | ErrorCode::SoftCapReached
            )
        );
        let kind = match status {
            StatusCode::UNAUTHORIZED => ErrorKind::SignIn,
            StatusCode::TOO_MANY_REQUESTS if !out_of_credits => ErrorKind::RateLimit,
            _ => ErrorKind::Api,
        };
        let what = if status.is_redirection() {
            "the service sent a redirect, which is not followed"
        } else {
            "the service refused"
        };
        // What fails on the way or half-way through may have been done.
        let was_sent = if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            WasSent::Maybe
        } else {
            WasSent::Yes
        };
        let mut error = Self::new(kind, was_sent, what);
        error.0.status = Some(status);
        error.0.retry_after = retry_after::parse(headers);
        error.0.answer = answer;
        error
    }

    /// A success that cannot be read; `place` says where in it, without repeating it.
    pub(crate) fn decode(what: impl Into<String>, body: &[u8]) -> Self {
        let mut error = Self::new(ErrorKind::Decode, WasSent::Yes, what);
        error.0.answer.piece = body::piece(body);
        error
    }

    /// A client that the program has handed in has followed a redirect; what answers there is anybody.
    #[cfg(feature = "reqwest-client")]
    pub(crate) fn redirect_followed() -> Self {
        Self::decode(
            "the HTTP client followed a redirect, and the answer is not used",
            &[],
        )
        .with_remedy("build the HTTP client with reqwest::redirect::Policy::none()")
    }

    pub(crate) fn of(mut self, operation: &'static Operation) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// With a code that came another way than in an error body.
    pub(crate) fn with_code(mut self, code: &str) -> Self {
        self.0.answer.code = Some(ErrorCode::from(code));
        self
    }

    pub(crate) fn caused_by(mut self, source: Option<Self>) -> Self {
        self.0.source = source.map(|source| Arc::new(source) as _);
        self
    }

    /// The same error for one more of those who wait for the same thing.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn with_idempotency_key(mut self, key: Option<&str>) -> Self {
        self.0.idempotency_key = key.map(str::to_owned);
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The request, or the client's configuration, is not valid; nothing was sent.
    pub fn is_invalid_input(&self) -> bool {
        self.0.kind == ErrorKind::InvalidInput
    }

    /// Nobody is signed in, the service does not accept the token, or a sign-in has failed.
    pub fn is_sign_in(&self) -> bool {
        self.0.kind == ErrorKind::SignIn
    }

    /// Tokens could not be read or written: a file's mode, a full disk, a locked keyring. Signing in
    /// again does not mend it.
    pub fn is_token_store(&self) -> bool {
        self.0.kind == ErrorKind::TokenStore
    }

    /// There are no tokens: somebody has to sign in.
    pub fn is_not_logged_in(&self) -> bool {
        self.0.cause == Some(Cause::NotLoggedIn)
    }

    /// The tokens have expired or were withdrawn and cannot be refreshed: somebody has to sign in again.
    pub fn is_reauth_required(&self) -> bool {
        self.0.cause == Some(Cause::ReauthRequired)
    }

    /// The service refused or failed, for another reason than the sign-in or the rate of requests.
    pub fn is_api(&self) -> bool {
        self.0.kind == ErrorKind::Api
    }

    /// Too many requests.
    pub fn is_rate_limit(&self) -> bool {
        self.0.kind == ErrorKind::RateLimit
    }

    /// The network failed.
    pub fn is_transport(&self) -> bool {
        self.0.kind == ErrorKind::Transport
    }

    /// It took too long.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// The answer could not be read.
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
    }

    /// The log of placed calls could not be read or written. Nothing was sent now;
    /// [`was_sent`](Self::was_sent) says whether it may have been before.
    pub fn is_place_log(&self) -> bool {
        self.0.kind == ErrorKind::PlaceLog
    }

    /// A call that was placed before cannot be found, or not be read; [`was_sent`](Self::was_sent) says whether it may have
    /// been dialled.
    pub fn is_lost(&self) -> bool {
        self.0.kind == ErrorKind::Lost
    }

    /// Whether the request reached the service.
    pub fn was_sent(&self) -> WasSent {
        self.0.was_sent
    }

    /// How often it was sent, or tried to.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The operation that failed. A raw request to a path that no operation has is none.
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0
            .operation
            .filter(|operation| operation.known_id().is_some())
    }

    /// The field, parameter or variable that is to blame, the first if there are several: see
    /// [`problems`](Self::problems).
    pub fn field(&self) -> Option<&str> {
        self.0.problems.first().map(Problem::field)
    }

    /// All that is wrong with a request that is not valid. Empty for other failures.
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The service's code for the failure; for a request that was not sent because it is not valid, the
    /// code with which the service would have refused it, where there is one.
    pub fn code(&self) -> Option<&ErrorCode> {
        let found = || self.0.problems.iter().find_map(Problem::code);
        self.0.answer.code.as_ref().or_else(found)
    }

    /// The service's own words. They may repeat what was sent: mind where you print them.
    pub fn message(&self) -> Option<&str> {
        self.0.answer.message.as_deref()
    }

    /// The service's reason, often the name of a field. It may repeat what was sent.
    pub fn reason(&self) -> Option<&str> {
        self.0.answer.reason.as_deref()
    }

    /// Names the failure to the vendor's support.
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.answer.correlation_id.as_deref()
    }

    /// How long the service asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The key that the request was sent with; the same key collects the answer where the service
    /// keeps it.
    pub fn idempotency_key(&self) -> Option<&str> {
        self.0.idempotency_key.as_deref()
    }

    /// Where credits are to be had, on a quota error that says so. As the service wrote it.
    pub fn upgrade_url(&self) -> Option<&str> {
        self.0.answer.upgrade_url.as_deref()
    }

    /// The beginning of an answer that could not be read, up to 2 KiB. It may hold anything.
    pub fn body(&self) -> Option<&str> {
        self.0.answer.piece.as_deref()
    }

    /// A failed renewal of the token, which has been repeated by itself.
    pub(crate) fn is_of_refresh(&self) -> bool {
        self.0.cause == Some(Cause::Refresh)
    }

    /// No secure connection; another try meets the same certificate.
    pub(crate) fn is_of_tls(&self) -> bool {
        self.0.cause == Some(Cause::Tls)
    }

    /// Whether nobody knows if it was done, or it was done and what came of it is lost. What must not be done
    /// twice is looked for then, and not sent again.
    pub fn is_outcome_unknown(&self) -> bool {
        match self.kind() {
            // That of the refresh: the request itself was refused, or never sent.
            _ if self.is_of_refresh() => self.was_sent() == WasSent::Maybe,
            ErrorKind::Transport | ErrorKind::Timeout => self.was_sent() != WasSent::No,
            ErrorKind::Decode => true,
            _ => self.was_sent() == WasSent::Maybe || self.is_in_progress(),
        }
    }

    /// The service is at work on the same idempotency key.
    pub(crate) fn is_in_progress(&self) -> bool {
        self.code().map(ErrorCode::as_str) == Some("idempotency_in_progress")
    }

    pub(crate) fn after_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }
}

/// Whether a connection failed where it was to be made secure; rustls says so by this kind of error.
fn is_of_tls(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::InvalidData) {
            return true;
        }
        // What it wraps is not its source, but what that one's source is.
        let wrapped = io.and_then(|io| io.get_ref());
        source = wrapped
            .map(|wrapped| wrapped as &(dyn std::error::Error + 'static))
            .or_else(|| error.source());
    }
    false
}

/// Names a failure, from the headers that services commonly use.
pub(crate) fn correlation_id(headers: &HeaderMap) -> Option<String> {
    ["x-correlation-id", "x-request-id"]
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::to_owned)
}

// The service's words are masked wherever a whole error is printed.
impl Inner {
    fn masked_message(&self) -> Option<PersonalText> {
        self.answer.message.as_deref().map(PersonalText::from)
    }
}
