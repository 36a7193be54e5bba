//! A sign-in that waits for the browser.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oauth2::CsrfToken;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::form_urlencoded;

use super::callback::{Gate, Grant, Outcome, Wanted};
use super::listener::{self, Listener, Port};
use super::paste;
use crate::auth::TokenSet;
use crate::base_url::BaseUrl;
use crate::error::Error;

/// A sign-in that has begun: the socket is bound and the link is made. Dropping it closes the socket.
///
/// It touches neither terminal nor browser.
#[must_use = "the sign-in ends when this is dropped"]
pub struct PendingLogin {
    url: String,
    redirect_uri: String,
    base_url: BaseUrl,
    gate: Arc<Gate>,
    listener: Mutex<Listener>,
    allowed: Duration,
    deadline: Instant,
}

impl PendingLogin {
    pub(super) async fn begin(
        base_url: BaseUrl,
        port: Port,
        path: &str,
        allowed: Duration,
    ) -> Result<Self, Error> {
        let (socket, port) = listener::bind(port).await?;
        let redirect_uri = format!("http://127.0.0.1:{port}{path}");
        let state = CsrfToken::new_random_len(32).into_secret();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("state", &state)
            .finish();
        let gate = Arc::new(Gate::new(state.into(), Wanted::Tokens));
        let now = Instant::now();
        Ok(Self {
            url: format!("{}/v1/auth/cli?{query}", base_url.as_str()),
            redirect_uri,
            base_url,
            listener: Mutex::new(Listener::new(socket, port, path, Arc::clone(&gate))),
            gate,
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
            // Neither is possible: run() returns with an outcome, and a code is not wanted.
            Some((Outcome::Granted(Grant::Code(_)), _)) | None => {
                Err(Error::sign_in("the sign-in was broken off"))
            }
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

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin")
            .field("redirect_uri", &self.redirect_uri)
            .finish_non_exhaustive()
    }
}
