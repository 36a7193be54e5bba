//! What a command line asks for.

use std::fmt;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::options::Options;
use super::own;
use super::table::Command;

/// A command line, understood.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// The flags that every command takes.
    pub(crate) options: Options,
    /// The command.
    pub(crate) asked: Asked,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) enum Asked {
    /// One request.
    Operation(Wanted),
    /// A call: `calls_create`, and its end.
    Call {
        /// The call.
        wanted: Wanted,
        /// Whether to wait for its end; as the output decides when nothing is said.
        wait: Option<bool>,
        /// The key that makes it this call.
        key: Option<String>,
    },
    /// `inbound import-contacts` of a file that is there. The name of a source is an operation.
    ImportContacts(PathBuf),
    /// `channels connect`, `channels test`: the credentials, JSON on stdin, are still missing.
    Credentials(Wanted),
    /// A page of the service, to be opened in the browser.
    Portal(Wanted),
    /// A sign-in.
    Login(own::Login),
    /// The saved tokens are deleted.
    Logout,
    /// Whether somebody is signed in.
    AuthStatus,
    /// A conversation.
    Chat(own::Chat),
    /// A call until it is over.
    WatchCall(own::WatchCall),
    /// Inbound events as they come.
    WatchInbound,
    /// A goal until it needs the user, or is over.
    WatchGoal(own::WatchGoal),
    /// Any request.
    Api(own::Api),
    /// Numbers to be checked here.
    CheckNumbers(own::Check),
    /// The configuration.
    Config(own::Config),
    /// The API on loopback.
    Sandbox(kallyai_sandbox::Options),
    /// The MCP server.
    Mcp(Box<kallyai_mcp::Options>),
    /// Completions of a shell.
    Completions(own::Completions),
    /// The manual.
    Man(own::Man),
}

/// An operation with its arguments.
pub(crate) struct Wanted {
    /// The row of the table.
    pub(crate) command: &'static Command,
    /// Parameters and fields of the body side by side, by the names of the document.
    pub(crate) arguments: Map<String, Value>,
    /// Whether it was asked for by flags without a command, which asks nothing.
    pub(crate) first_generation: bool,
}

/// Arguments hold numbers and tasks.
impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wanted")
            .field("command", &self.command.words)
            .field("first_generation", &self.first_generation)
            .finish_non_exhaustive()
    }
}
