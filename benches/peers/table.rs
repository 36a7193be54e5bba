//! The table: a row for each thing that was measured, a column for each client.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::arguments::Arguments;
use crate::building::Builds;
use crate::peer::{Peer, binary};
use crate::running::{Results, Sample};
use crate::scenario::Group;

/// One thing that is measured, of a sample.
type Measure = (
    &'static str,
    fn(&Sample) -> Option<f64>,
    fn(f64) -> String,
    /* whether requests share it */ bool,
);

const MEASURES: [Measure; 4] = [
    ("wall time", |sample| Some(sample.wall_ns), duration, true),
    (
        "processor time",
        |sample| Some(sample.cpu_ns),
        duration,
        true,
    ),
    ("peak memory", |sample| Some(sample.peak_kib), memory, false),
    ("allocations", |sample| sample.allocations, count, true),
];

pub(crate) fn print(
    out: &mut impl Write,
    folder: &Path,
    arguments: &Arguments,
    peers: &[Peer],
    results: &Results,
    builds: &Builds,
) -> io::Result<()> {
    let names: Vec<&str> = peers.iter().map(|peer| peer.name()).collect();
    let compared = peers.contains(&Peer::Library) && peers.contains(&Peer::ByHand);
    let last = if compared { " library / by hand |" } else { "" };
    writeln!(out, "| what | of it | {} |{last}", names.join(" | "))?;
    writeln!(
        out,
        "| --- | --- |{}{}",
        " --- |".repeat(peers.len()),
        if compared { " --- |" } else { "" }
    )?;
    for scenario in arguments.scenarios() {
        for (name, measure, format, shared) in MEASURES {
            let by = if shared { scenario.shared_by() } else { 1 };
            #[allow(clippy::cast_precision_loss)]
            let by = by as f64;
            let values = |peer| -> Vec<f64> {
                let samples = results.samples(peer, scenario.key());
                samples
                    .iter()
                    .filter_map(measure)
                    .map(|value| value / by)
                    .collect()
            };
            let row = Row {
                what: scenario.name(),
                of_it: name,
                columns: peers.iter().map(|&peer| (peer, values(peer))).collect(),
                format,
            };
            row.print(out, compared)?;
        }
    }
    if arguments.wants(Group::Build) {
        for row in build_rows(folder, peers, builds) {
            row.print(out, compared)?;
        }
    }
    Ok(())
}

struct Row {
    what: String,
    of_it: &'static str,
    /// What was measured, in the order in which it was.
    columns: Vec<(Peer, Vec<f64>)>,
    format: fn(f64) -> String,
}

impl Row {
    /// The least is bold, where there is another.
    fn print(&self, out: &mut impl Write, compared: bool) -> io::Result<()> {
        write!(out, "| {} | {} |", self.what, self.of_it)?;
        let columns = self.columns.iter();
        let medians: Vec<_> = columns.map(|(_, values)| median(values.clone())).collect();
        let least = medians.iter().flatten().copied().reduce(f64::min);
        let alone = medians.iter().flatten().count() < 2;
        for value in medians {
            match value {
                Some(value) if Some(value) == least && !alone => {
                    write!(out, " **{}** |", (self.format)(value))?;
                }
                Some(value) => write!(out, " {} |", (self.format)(value))?,
                None => write!(out, " - |")?,
            }
        }
        if compared {
            match self.ratio(Peer::ByHand) {
                Some(ratio) => write!(out, " {ratio:.2} |")?,
                None => write!(out, " - |")?,
            }
        }
        writeln!(out)
    }

    /// The library's by another's: round by round, because the machine may be slow in one of them.
    fn ratio(&self, other: Peer) -> Option<f64> {
        let of = |wanted| {
            let mut columns = self.columns.iter();
            columns
                .find(|(peer, _)| *peer == wanted)
                .map(|(_, values)| values)
        };
        let pairs = of(Peer::Library)?.iter().zip(of(other)?);
        median(pairs.map(|(ours, theirs)| ours / theirs).collect())
    }
}

fn build_rows(folder: &Path, peers: &[Peer], builds: &Builds) -> [Row; 3] {
    let row = |of_it, format, value: &dyn Fn(&str) -> Option<f64>| Row {
        what: "a small program, built cold".to_owned(),
        of_it,
        columns: peers
            .iter()
            .map(|&peer| (peer, peer.program().and_then(value).into_iter().collect()))
            .collect(),
        format,
    };
    #[allow(clippy::cast_precision_loss)]
    let size = |program: &str| {
        let binary = fs::metadata(binary(folder, program)).ok()?;
        Some(binary.len() as f64 / 1024.0)
    };
    [
        row("wall time", seconds, &|program| {
            builds.get(program).map(|build| build.wall_seconds)
        }),
        row("processor time", seconds, &|program| {
            builds.get(program).map(|build| build.cpu_seconds)
        }),
        row("binary", memory, &size),
    ]
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(*upper);
    }
    let lower = values.get(values.len() / 2 - 1)?;
    Some(f64::midpoint(*lower, *upper))
}

fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        short if short < 999_950.0 => format!("{:.1} µs", short / 1e3),
        middling if middling < 999_950_000.0 => format!("{:.1} ms", middling / 1e6),
        long => format!("{:.2} s", long / 1e9),
    }
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.0} s")
}

fn memory(kib: f64) -> String {
    format!("{:.1} MiB", kib / 1024.0)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn count(count: f64) -> String {
    thousands(count.round() as usize)
}

/// With commas.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
