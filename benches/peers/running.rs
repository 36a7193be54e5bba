//! One client does one thing, in a process of its own.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use serde::Deserialize;

use crate::Failure;
use crate::peer::Peer;
use crate::scenario::{Key, Scenario, Work};
use crate::serving::Server;

/// What a program says that it took.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Sample {
    pub(crate) wall_ns: f64,
    pub(crate) cpu_ns: f64,
    pub(crate) peak_kib: f64,
    /// None where nobody counts them.
    pub(crate) allocations: Option<f64>,
}

/// What was measured, one sample a process.
#[derive(Debug, Default)]
pub(crate) struct Results(BTreeMap<(Peer, Key), Vec<Sample>>);

impl Results {
    /// In the order in which they were taken.
    pub(crate) fn samples(&self, peer: Peer, key: Key) -> &[Sample] {
        self.0.get(&(peer, key)).map_or(&[], Vec::as_slice)
    }
}

/// What takes that long is not measured again.
const LONG_NS: f64 = 5e9;

/// Runs it once more, unless it takes long: then once is enough.
pub(crate) fn run(
    folder: &Path,
    server: &Server,
    peer: Peer,
    scenario: Scenario,
    results: &mut Results,
) -> Result<(), Failure> {
    let known = results.samples(peer, scenario.key());
    if known.iter().any(|sample| sample.wall_ns > LONG_NS) {
        return Ok(());
    }
    let sample = once(folder, server, peer, scenario)
        .map_err(|error| format!("{}, {}: {error}", peer.name(), scenario.name()))?;
    let samples = results.0.entry((peer, scenario.key())).or_default();
    samples.push(sample);
    Ok(())
}

fn once(folder: &Path, server: &Server, peer: Peer, scenario: Scenario) -> Result<Sample, Failure> {
    let calls = match scenario.work {
        Work::List | Work::Decode => scenario.count,
        _ => 10,
    };
    let mut command = peer.command(folder);
    command
        .arg(scenario.work.argument())
        .arg(server.base_url(calls)?)
        .arg(scenario.count.to_string())
        .arg(scenario.in_flight.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let started = Instant::now();
    let mut process = command.spawn()?;
    let mut line = String::new();
    let output = process.stdout.take().ok_or("no output")?;
    BufReader::new(output).read_line(&mut line)?;
    let until_answered = started.elapsed();
    let status = process.wait()?;
    if !status.success() {
        return Err(format!("ended with {status}").into());
    }
    let mut sample: Sample = serde_json::from_str(&line)?;
    if scenario.work == Work::Cold {
        sample.wall_ns = until_answered.as_secs_f64() * 1e9;
    }
    Ok(sample)
}
