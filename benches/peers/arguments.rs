//! What is measured, and how often.

use std::path::PathBuf;

use clap::Parser;

use crate::Failure;
use crate::peer::Peer;
use crate::scenario::{Group, Scenario};

/// This library beside others that use the same API, in one table.
#[derive(Debug, Parser)]
#[command(name = "kallyai-bench")]
pub(crate) struct Arguments {
    /// Only these clients; `library` and `by-hand` are compared with each other.
    #[arg(long, value_enum, value_delimiter = ',')]
    peers: Vec<Peer>,
    /// Only these measurements.
    #[arg(long, value_enum, value_delimiter = ',')]
    scenarios: Vec<Group>,
    /// How often each client does each of them; the medians are printed.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,
    /// Take the clients as an earlier run has left them, and the times of their builds from then.
    #[arg(long)]
    pub(crate) skip_builds: bool,
    /// Build the programs in Rust anew, and measure that.
    #[arg(long, conflicts_with = "skip_builds")]
    pub(crate) rebuild: bool,
    /// Serve what all clients ask for: the process that the others talk to.
    #[arg(long, hide = true)]
    pub(crate) serve: bool,
}

impl Arguments {
    pub(crate) fn peers(&self) -> Vec<Peer> {
        let all = Peer::ALL.into_iter();
        all.filter(|peer| self.peers.is_empty() || self.peers.contains(peer))
            .collect()
    }

    /// What is in two groups is there once.
    pub(crate) fn scenarios(&self) -> Vec<Scenario> {
        let mut scenarios: Vec<Scenario> = Vec::new();
        for scenario in Scenario::all() {
            let known = scenarios.iter().any(|known| known.key() == scenario.key());
            if self.wants(scenario.group) && !known {
                scenarios.push(scenario);
            }
        }
        scenarios
    }

    pub(crate) fn wants(&self, group: Group) -> bool {
        self.scenarios.is_empty() || self.scenarios.contains(&group)
    }

    /// Where the clients are made, and kept.
    pub(crate) fn folder() -> Result<PathBuf, Failure> {
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => PathBuf::from(target),
            None => repository()?.join("target"),
        };
        let folder = std::path::absolute(target.join("peers"))?;
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

/// Where this repository is.
pub(crate) fn repository() -> Result<PathBuf, Failure> {
    let parent = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(parent.ok_or("the package is in no repository")?.to_owned())
}
