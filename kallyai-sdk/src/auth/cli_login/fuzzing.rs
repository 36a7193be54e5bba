//! A sign-in whose browser is any stream of bytes.

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::callback::{Gate, Outcome, Wanted};
use super::listener::{Site, serve};
use super::paste;
use crate::error::Error;

/// A sign-in that waits.
pub struct SignIn {
    gate: Arc<Gate>,
    site: Arc<Site>,
    redirect_uri: String,
}

impl SignIn {
    /// One that waits at `/callback` of this port; for a code, or for tokens.
    pub fn new(state: &str, port: u16, code: bool) -> Self {
        let wanted = if code { Wanted::Code } else { Wanted::Tokens };
        let gate = Arc::new(Gate::new(state.into(), wanted));
        Self {
            site: Arc::new(Site::new(port, "/callback", Arc::clone(&gate))),
            gate,
            redirect_uri: format!("http://127.0.0.1:{port}/callback"),
        }
    }

    /// Answers what a connection brings; whether that has ended the sign-in.
    pub async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Unpin) -> bool {
        serve(stream, Arc::clone(&self.site)).await
    }

    /// Takes what somebody has pasted.
    pub fn paste(&self, text: &str) -> Result<(), Error> {
        paste::take(&self.gate, &self.redirect_uri, text)
    }

    /// Whether it has ended, and whether with a grant.
    pub fn granted(&self) -> Option<bool> {
        let (outcome, _) = self.gate.outcome()?;
        Some(matches!(outcome, Outcome::Granted(_)))
    }
}
