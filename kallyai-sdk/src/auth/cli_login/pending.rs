//! A sign-in that waits for the browser.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth2::CsrfToken;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use url::form_urlencoded;

use super::callback::{Gate, Grant, Outcome, Wanted};
use super::listener::{self, Listener, Port};
use super::paste;
use crate::auth::{CodeFlow, CodeFlowBuilder, CodeFlowSecret, TokenSet};
use crate::base_url::BaseUrl;
use crate::error::Error;
use crate::index::{Operation, row};
use crate::types::SecretText;

const CLI: &Operation = row("auth_cli_authorize");

/// A sign-in that has begun: the socket is bound and the link is made. Dropping it closes the socket.
///
/// It touches neither terminal nor browser.
#[must_use = "the sign-in ends when this is dropped"]
pub struct PendingLogin {
    url: String,
    redirect_uri: String,
    base_url: BaseUrl,
    gate: Arc<Gate>,
    exchange: Mutex<Exchange>,
    listener: Mutex<Listener>,
    allowed: Duration,
    deadline: Instant,
}

/// Where the code flow's exchange stands. A code is good once: whoever waits again must not send it again.
enum Exchange {
    /// Of the flow for commands, which has none.
    None,
    Open(Box<(CodeFlow, CodeFlowSecret)>),
    UnderWay(JoinHandle<Result<TokenSet, Error>>),
    Over(Result<TokenSet, Error>),
}

impl PendingLogin {
    pub(super) async fn begin(
        base_url: BaseUrl,
        port: Port,
        path: &str,
        allowed: Duration,
        code_flow: Option<CodeFlowBuilder>,
    ) -> Result<Self, Error> {
        let (socket, port) = listener::bind(port).await?;
        let redirect_uri = format!("http://127.0.0.1:{port}{path}");
        let (url, gate, exchange) = match code_flow {
            None => {
                let state = CsrfToken::new_random_len(32).into_secret();
                let url = cli_url(&base_url, &redirect_uri, &state);
                let gate = Gate::new(state.into(), Wanted::Tokens);
                (url, gate, Exchange::None)
            }
            Some(flow) => {
                let flow = flow.redirect_uri(&redirect_uri);
                let flow = flow.base_url(base_url.as_str()).build()?;
                let begun = flow.begin();
                let gate = Gate::new(begun.secret().state().clone(), Wanted::Code);
                let exchange = Exchange::Open(Box::new((flow, begun.secret().clone())));
                (begun.url().to_owned(), gate, exchange)
            }
        };
        let gate = Arc::new(gate);
        let now = Instant::now();
        Ok(Self {
            url,
            redirect_uri,
            base_url,
            listener: Mutex::new(Listener::new(socket, port, path, Arc::clone(&gate))),
            gate,
            exchange: Mutex::new(exchange),
            allowed,
            // A time that no clock can hold never comes.
            deadline: now
                .checked_add(allowed)
                .unwrap_or_else(|| now + Duration::from_secs(u64::from(u32::MAX))),
        })
    }

    /// The link to open in a browser. It holds the state of this sign-in: show it to the user only.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the browser is sent at the end: `http://127.0.0.1:PORT` and the path.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Takes the address that a browser was sent to at the end, where it could not reach this machine.
    /// [`wait`](Self::wait) then returns what it says.
    ///
    /// # Errors
    ///
    /// Invalid input, with what to paste instead. The sign-in goes on.
    pub fn paste(&self, address: &str) -> Result<(), Error> {
        paste::take(&self.gate, &self.redirect_uri, address)
    }

    /// Waits for the browser, or for [`paste`](Self::paste). May be cancelled and called again; the
    /// outcome stays the same.
    ///
    /// # Errors
    ///
    /// A sign-in error when the user or the service has refused, or the deadline has passed.
    pub async fn wait(&self) -> Result<TokenSet, Error> {
        self.listener.lock().await.run(self.deadline).await;
        match self.gate.outcome() {
            Some((Outcome::Granted(Grant::Tokens(tokens)), _)) => Ok(TokenSet {
                origin: Some(self.base_url.as_str().to_owned()),
                ..tokens
            }),
            Some((Outcome::Refused(code), _)) => Err(Error::sign_in("the sign-in was refused")
                .with_code(&code)
                .with_remedy("sign in again, and approve")),
            Some((Outcome::TimedOut, _)) => Err(self.timed_out()),
            Some((Outcome::Granted(Grant::Code(code)), _)) => self.exchange(code).await,
            // Not possible: run() returns with an outcome.
            None => Err(broken_off()),
        }
    }

    /// Exchanges the code, once. It goes on when whoever waits is cancelled.
    async fn exchange(&self, code: SecretText) -> Result<TokenSet, Error> {
        let mut exchange = self.exchange.lock().await;
        if let Exchange::Open(open) = &*exchange {
            let (flow, secret) = *open.clone();
            *exchange =
                Exchange::UnderWay(tokio::spawn(
                    async move { flow.redeem(&code, &secret).await },
                ));
        }
        if let Exchange::UnderWay(task) = &mut *exchange {
            let outcome = task.await.unwrap_or_else(|_| Err(broken_off()));
            *exchange = Exchange::Over(outcome);
        }
        match &*exchange {
            Exchange::Over(Ok(tokens)) => Ok(tokens.clone()),
            Exchange::Over(Err(error)) => Err(error.duplicate()),
            _ => Err(broken_off()),
        }
    }

    fn timed_out(&self) -> Error {
        let mut what = format!(
            "nobody has signed in within {} s",
            self.allowed.as_secs_f64()
        );
        if self.gate.unproven_refusal() {
            what.push_str(
                " (a refusal without the state of this sign-in has arrived; it may be the service's)",
            );
        }
        Error::sign_in(what).with_remedy("sign in again, or set KALLYAI_ACCESS_TOKEN")
    }
}

fn cli_url(base_url: &BaseUrl, redirect_uri: &str, state: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("state", state)
        .finish();
    format!("{}{}?{query}", base_url.as_str(), CLI.path)
}

fn broken_off() -> Error {
    Error::sign_in("the sign-in was broken off").with_remedy("sign in again")
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin")
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}
