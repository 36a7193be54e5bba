//! Two ways to the same, in turn: what else the machine does hits both alike.

use std::time::{Duration, Instant};

/// Prints the median and the fastest of each way, and how much more the first takes.
pub fn compare(name: &str, pairs: usize, mut library: impl FnMut(), mut by_hand: impl FnMut()) {
    for _ in 0..pairs / 10 {
        library();
        by_hand();
    }
    let (mut ours, mut theirs) = (Vec::with_capacity(pairs), Vec::with_capacity(pairs));
    for pair in 0..pairs {
        // Each goes first as often as the other.
        if pair % 2 == 0 {
            ours.push(took(&mut library));
            theirs.push(took(&mut by_hand));
        } else {
            theirs.push(took(&mut by_hand));
            ours.push(took(&mut library));
        }
    }
    println!("{name}: {pairs} pairs");
    for (what, part) in [
        ("median", 0.5),
        ("fastest quarter", 0.25),
        ("fastest in a hundred", 0.01),
    ] {
        let (ours, theirs) = (quantile(&mut ours, part), quantile(&mut theirs, part));
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!("  {what:<20} library {ours:>9.1?}, by hand {theirs:>9.1?}, ratio {ratio:.2}");
    }
}

fn took(way: &mut impl FnMut()) -> Duration {
    let started = Instant::now();
    way();
    started.elapsed()
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss
)]
fn quantile(times: &mut [Duration], part: f64) -> Duration {
    times.sort_unstable();
    let place = (times.len() as f64 * part) as usize;
    times.get(place).copied().unwrap_or_default()
}
