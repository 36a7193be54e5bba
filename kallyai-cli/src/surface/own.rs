//! The commands that ask for no operation of the table, or for more than one.

use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches, Subcommand, ValueHint};

use super::invocation::Asked;

/// A command of ours.
pub(super) struct Own {
    pub(super) words: &'static [&'static str],
    pub(super) about: &'static str,
    pub(super) examples: &'static [&'static str],
    pub(super) augment: fn(clap::Command) -> clap::Command,
    pub(super) read: fn(&ArgMatches) -> Result<Asked, clap::Error>,
}

/// Nothing more to say.
#[derive(Debug, Args)]
struct Nothing {}

/// A conversation on the terminal.
#[derive(Debug, Args)]
pub(crate) struct Chat {
    /// The conversation to go on with.
    #[arg(long, value_name = "ID")]
    pub(crate) conversation_id: Option<String>,
}

/// A call to be watched.
#[derive(Debug, Args)]
pub(crate) struct WatchCall {
    /// The id of the call.
    #[arg(value_name = "CALL_ID")]
    pub(crate) call_id: String,
}

/// A goal to be watched.
#[derive(Debug, Args)]
pub(crate) struct WatchGoal {
    /// The id of the goal.
    #[arg(value_name = "GOAL_ID")]
    pub(crate) goal_id: String,
}

/// How to sign in.
#[derive(Debug, Default, Args)]
pub(crate) struct Login {
    /// Opens no browser, and prints the address to open.
    #[arg(long)]
    pub(crate) no_browser: bool,
    /// The port on this machine that the browser comes back to; a free one unless it is given.
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
}

/// Any request.
#[derive(Args)]
pub(crate) struct Api {
    /// GET, POST, PUT, PATCH or DELETE.
    #[arg(value_name = "METHOD", value_parser = method)]
    pub(crate) method: String,
    /// The path, from /v1 on.
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// A field of the body whose value is a text.
    #[arg(short = 'f', long = "field", value_name = "NAME=TEXT", value_parser = pair)]
    pub(crate) fields: Vec<(String, String)>,
    /// A field of the body whose value is JSON.
    #[arg(short = 'F', long = "json-field", value_name = "NAME=JSON", value_parser = json_pair)]
    pub(crate) json_fields: Vec<(String, serde_json::Value)>,
    /// A parameter of the query.
    #[arg(short = 'q', long = "query", value_name = "NAME=TEXT", value_parser = pair)]
    pub(crate) query: Vec<(String, String)>,
    /// The file with the body; - is stdin.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["fields", "json_fields"])]
    pub(crate) input: Option<PathBuf>,
    /// Asks for all pages of a list.
    #[arg(long)]
    pub(crate) paginate: bool,
}

/// Fields hold numbers and tasks.
impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// Numbers to be checked.
#[derive(Args)]
pub(crate) struct Check {
    /// The numbers; - reads them from stdin, one a line, and so does none.
    #[arg(value_name = "NUMBER", allow_hyphen_values = true)]
    pub(crate) numbers: Vec<String>,
}

/// Numbers are nobody's business.
impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").finish_non_exhaustive()
    }
}

/// The configuration.
#[derive(Debug, Args)]
pub(crate) struct Config {
    /// What to do with it.
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
}

/// What can be done with the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub(crate) enum ConfigAction {
    /// Where the configuration file is, or would be
    Path,
    /// What counts, and where each value comes from
    Show,
}

/// Completions of a shell.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// The manual.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Writes a page a command to this directory, in place of the first page to stdout.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,
}

fn method(text: &str) -> Result<String, String> {
    let method = text.to_ascii_uppercase();
    match method.as_str() {
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" => Ok(method),
        _ => Err("it is none of GET, POST, PUT, PATCH and DELETE".to_owned()),
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has no =")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn json_pair(text: &str) -> Result<(String, serde_json::Value), String> {
    let (name, value) = pair(text)?;
    let value = serde_json::from_str(&value).map_err(|error| format!("no JSON: {error}"))?;
    Ok((name, value))
}

/// The flags of `calls make` that are no argument of the operation.
#[derive(Debug, Args)]
pub(super) struct Placing {
    /// Waits until the call is over, also where the output is no terminal.
    #[arg(long, conflicts_with = "no_wait")]
    wait: bool,
    /// Ends with the service's first answer.
    #[arg(long)]
    no_wait: bool,
    /// The key that makes the call this one and no other: with the same key it is placed once, however often the
    /// command runs on this machine. 1 to 255 visible ASCII characters.
    #[arg(long, value_name = "KEY", conflicts_with = "no_wait")]
    pub(super) idempotency_key: Option<String>,
}

impl Placing {
    /// Whether to wait, if anything was said.
    pub(super) fn wait(&self) -> Option<bool> {
        (self.wait || self.no_wait).then_some(self.wait)
    }
}

fn augment<T: Args>(command: clap::Command) -> clap::Command {
    T::augment_args(command)
}

/// Makes a row of a command and the arguments that it takes.
macro_rules! own {
    ($words:expr, $about:literal, $arguments:ty, $asked:expr $(, $example:literal)*) => {
        Own {
            words: &$words,
            about: $about,
            examples: &[$($example),*],
            augment: augment::<$arguments>,
            read: |matches| <$arguments>::from_arg_matches(matches).map($asked),
        }
    };
}

/// All commands of ours.
pub(super) static OWN: &[Own] = &[
    own!(["chat"], "Talk with the assistant", Chat, Asked::Chat),
    own!(
        ["calls", "watch"],
        "Wait until a call is over",
        WatchCall,
        Asked::WatchCall
    ),
    own!(
        ["inbound", "watch"],
        "Show inbound calls as they come",
        Nothing,
        |_| Asked::WatchInbound
    ),
    own!(
        ["coord", "watch"],
        "Wait until a goal needs you, or is over",
        WatchGoal,
        Asked::WatchGoal
    ),
    own!(
        ["phone", "check"],
        "Check phone numbers here, a verdict in JSON a line",
        Check,
        Asked::CheckNumbers,
        "kallyai phone check +12025550199",
        "kallyai phone check - < numbers.txt"
    ),
    own!(
        ["login"],
        "Sign in, also where somebody is signed in already",
        Login,
        Asked::Login
    ),
    own!(["logout"], "Delete the saved credentials", Nothing, |_| {
        Asked::Logout
    }),
    own!(
        ["auth-status"],
        "Tell whether somebody is signed in",
        Nothing,
        |_| Asked::AuthStatus
    ),
    own!(
        ["api"],
        "Send any request",
        Api,
        Asked::Api,
        "kallyai api GET /v1/calls -q limit=5",
        "kallyai api POST /v1/search -f query=\"a florist\" -f location=Berlin"
    ),
    own!(
        ["mcp"],
        "Serve the tools of an agent over MCP",
        kallyai_mcp::Options,
        |options| { Asked::Mcp(Box::new(options)) },
        "kallyai mcp --credits 20 --countries US,GB"
    ),
    own!(
        ["sandbox"],
        "Run the API on this machine, without an account",
        kallyai_sandbox::Options,
        Asked::Sandbox,
        "kallyai sandbox --auto-approve"
    ),
    own!(["config"], "Show the configuration", Config, Asked::Config),
    own!(
        ["completions"],
        "Print the completions of a shell",
        Completions,
        Asked::Completions,
        "kallyai completions bash > ~/.local/share/bash-completion/completions/kallyai"
    ),
    own!(
        ["man"],
        "Print the manual",
        Man,
        Asked::Man,
        "kallyai man | man -l -"
    ),
];

pub(super) fn find(words: &[&str]) -> Option<&'static Own> {
    OWN.iter().find(|own| own.words == words)
}
