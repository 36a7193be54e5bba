//! A server whose client is any stream of bytes, for the targets of `fuzz/`. No other build has it.

use kallyai_sdk::Client;
use rmcp::ServiceExt;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::error::Error;
use crate::options::Options;
use crate::server::Server;

/// A server that waits for clients.
#[derive(Clone)]
pub struct Waiting(Server);

impl Waiting {
    /// One with this client's account.
    pub fn new(options: &Options, client: Client) -> Result<Self, Error> {
        Server::new(options, client).map(Self)
    }

    /// Serves one client, until it is gone.
    pub async fn serve<S>(&self, stream: S) -> Result<(), Error>
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let running = self.0.clone().serve(stream).await;
        let running = running.map_err(|error| Error::protocol(&error))?;
        let ended = running.waiting().await;
        ended.map(|_| ()).map_err(|error| Error::protocol(&error))
    }
}
