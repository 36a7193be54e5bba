//! The programs that the command also is.

use super::{Failure, Session, dry_run};
use crate::output::Exit;

/// The API on loopback, until Ctrl-C.
pub(crate) async fn sandbox(options: kallyai_sandbox::Options) -> Result<Exit, Failure> {
    kallyai_sandbox::run(options).await.map_err(|error| {
        Failure::other("sandbox", error.to_string(), "see kallyai sandbox --help")
    })?;
    Ok(Exit::Done)
}

/// The MCP server, for whoever is signed in.
pub(crate) async fn mcp(session: &Session, options: kallyai_mcp::Options) -> Result<Exit, Failure> {
    // Its agents would send.
    dry_run::refuse(session)?;
    let builder = session.settings.builder()?;
    let client = options.client(builder).map_err(|error| refused(&error))?;
    let served = kallyai_mcp::serve(options, client).await;
    served.map_err(|error| refused(&error))?;
    Ok(Exit::Done)
}

fn refused(error: &kallyai_mcp::Error) -> Failure {
    Failure::other("mcp", error.to_string(), "see kallyai mcp --help")
}
