//! What the server is told when it starts.

use std::fmt;
use std::path::PathBuf;

use kallyai_sdk::phone::{E164, Region};
use kallyai_sdk::place::{FilePlaceLog, PlaceLog};
use kallyai_sdk::types::Decimal;
use kallyai_sdk::{Client, ClientBuilder};

use crate::error::Error;

/// What the server offers, and what an agent may do with it: the flags of the program.
#[derive(Clone, clap::Args)]
// These are switches, not states.
#[allow(clippy::struct_excessive_bools)]
#[non_exhaustive]
pub struct Options {
    /// All tools of these domains, in place of the dozen that is there by default.
    #[arg(long, value_delimiter = ',', value_name = "DOMAIN,..")]
    pub domains: Vec<String>,
    /// These tools, in place of the dozen that is there by default.
    #[arg(long, value_delimiter = ',', value_name = "TOOL,..")]
    pub tools: Vec<String>,
    /// Leaves these tools out, whatever else was chosen.
    #[arg(long, value_delimiter = ',', value_name = "TOOL,..")]
    pub exclude_tools: Vec<String>,
    /// All operations but those that sign in.
    #[arg(long)]
    pub all: bool,
    /// Only what reads. It wins over all else.
    #[arg(long)]
    pub read_only: bool,

    /// The credits that the session may spend.
    #[arg(long, value_name = "CREDITS")]
    pub credits: Option<Decimal>,
    /// How many calls may be placed in an hour.
    #[arg(long, value_name = "CALLS")]
    pub calls_per_hour: Option<u32>,
    /// Lets only numbers of these countries be reached: US,GB.
    #[arg(long, value_delimiter = ',', value_name = "COUNTRY,..")]
    pub countries: Vec<Region>,
    /// Lets only these numbers be reached.
    #[arg(long, value_delimiter = ',', value_name = "NUMBER,..")]
    pub numbers: Vec<E164>,
    /// Refuses premium-rate numbers, as far as they are known.
    #[arg(long)]
    pub refuse_premium_rate: bool,
    /// Keeps what the session has spent and placed in this file, so that several servers have one session, and
    /// the next one goes on with it.
    #[arg(long, value_name = "PATH")]
    pub session_file: Option<PathBuf>,
    /// Writes down what is placed in this file, so that the next start knows the handles of this one, and waits for
    /// their calls.
    #[arg(long, value_name = "PATH")]
    pub place_log: Option<PathBuf>,
    /// Lets pass what cannot be bounded, although there is a bound.
    #[arg(long)]
    pub allow_unbounded: bool,
    /// Asks nobody before what dials, spends or cannot be taken back: the bounds alone decide.
    #[arg(long)]
    pub no_confirmation: bool,

    /// How many seconds placing a call waits for its end before it answers with a handle; 10 at most.
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=10))]
    pub place_wait: u64,
    /// How many seconds calls_wait waits; 300 at most.
    #[arg(long, value_name = "SECONDS", default_value_t = 45, value_parser = clap::value_parser!(u64).range(..=300))]
    pub wait: u64,

    /// Serves HTTP on this port of 127.0.0.1, at /mcp, in place of stdio; 0 takes a free port.
    #[arg(long, value_name = "PORT")]
    pub http: Option<u16>,
    /// Writes the bearer that HTTP clients must send to this file, which only its owner can open. Without it the
    /// bearer is the value of KALLYAI_MCP_BEARER.
    #[arg(long, value_name = "PATH", requires = "http")]
    pub bearer_file: Option<PathBuf>,
}

impl Options {
    /// The client of this builder, with the log of placed calls that was chosen.
    ///
    /// # Errors
    ///
    /// When the log cannot be used, or the builder has no client.
    pub fn client(&self, mut builder: ClientBuilder) -> Result<Client, Error> {
        if let Some(path) = &self.place_log {
            let log = FilePlaceLog::at(path);
            // Better now than when a call is to be placed.
            log.entries()
                .map_err(|error| Error::options(&error.into()))?;
            builder = builder.place_log(log);
        }
        builder.build().map_err(|error| Error::client(&error))
    }
}

/// Options hold numbers.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").finish_non_exhaustive()
    }
}
