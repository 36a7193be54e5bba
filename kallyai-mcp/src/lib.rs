//! An MCP server that lets an agent phone people, with a policy in between.
//!
//! [`run`] is the whole program `kallyai-mcp`, and [`serve`] the same with a client of the caller's: it offers the tools of [`kallyai_sdk::tools`] over stdio, or over
//! HTTP on loopback. What an agent may do is decided by the policy that [`Options`] describe, and never by what
//! the agent says.

mod agreements;
mod answer;
mod confirming;
mod describe;
mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod http;
mod options;
mod resources;
mod server;
mod tasks;
mod toolbox;

use kallyai_sdk::{Client, ClientBuilder};
use rmcp::ServiceExt;

pub use error::Error;
pub use options::Options;
use server::Server;

/// Serves for whom the environment says, until the client is gone, or, over HTTP, until Ctrl-C.
///
/// Over stdio the protocol has stdout for itself.
///
/// # Errors
///
/// When nobody is signed in, an option cannot be used, or the port is taken.
pub async fn run(options: Options) -> Result<(), Error> {
    let builder = ClientBuilder::from_env().map_err(|error| Error::client(&error))?;
    let client = options.client(builder)?;
    serve(options, client).await
}

/// Serves, like [`run`], for whom this client is signed in.
///
/// The log of placed calls is that of the client: [`Options::client`] gives it the one that was chosen.
///
/// # Errors
///
/// When an option cannot be used, or the port is taken.
pub async fn serve(options: Options, client: Client) -> Result<(), Error> {
    let server = Server::new(&options, client)?;
    match options.http {
        Some(port) => http::serve(server, port, options.bearer_file.as_deref()).await,
        None => over_stdio(server).await,
    }
}

async fn over_stdio(server: Server) -> Result<(), Error> {
    let running = server.serve(rmcp::transport::stdio()).await;
    let running = running.map_err(|error| Error::protocol(&error))?;
    let ended = running.waiting().await;
    ended.map(|_| ()).map_err(|error| Error::protocol(&error))
}
