//! This library beside others that use the same API, in one table: see benches/README.md.
//!
//! `cargo run --release -p kallyai-bench` prepares the peers under the target directory, runs each of them in a
//! process of its own against one cheap server, and prints what they took. Linux only.

mod answers;
mod arguments;
mod building;
mod peer;
mod preparing;
mod running;
mod scenario;
mod serving;
mod table;
mod tools;

use std::error::Error;
use std::io::Write;

use clap::Parser;

use crate::arguments::Arguments;
use crate::running::Results;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    if arguments.serve {
        return serving::serve();
    }
    let folder = Arguments::folder()?;
    let mut left_out = Vec::new();
    let mut peers = Vec::new();
    for peer in arguments.peers() {
        match tools::missing(peer) {
            None => peers.push(peer),
            Some(what) => left_out.push(format!("{} is left out: {what}", peer.name())),
        }
    }
    let builds = preparing::prepare(&folder, &mut peers, &mut left_out, &arguments)?;
    if peers.is_empty() {
        return Err(left_out.join("\n").into());
    }

    let server = serving::Server::start()?;
    let mut results = Results::default();
    for round in 1..=arguments.rounds {
        for scenario in arguments.scenarios() {
            writeln!(
                std::io::stderr(),
                "round {round} of {}: {}",
                arguments.rounds,
                scenario.name()
            )?;
            for _ in 0..scenario.processes() {
                for &peer in &peers {
                    running::run(&folder, &server, peer, scenario, &mut results)?;
                }
            }
        }
    }
    let mut out = std::io::stdout().lock();
    table::print(&mut out, &folder, &arguments, &peers, &results, &builds)?;
    for line in left_out {
        writeln!(out, "\n{line}")?;
    }
    Ok(())
}
