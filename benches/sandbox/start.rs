//! From the start of a world to its first answer.

use std::process::Command;
use std::time::{Duration, Instant};

use kallyai_bench::load::{Connection, request};

use crate::Failure;
use crate::servers::Others;
use crate::world::{self, SUCCEEDS, getting, place};

/// How often each is measured.
const TIMES: usize = 21;

/// Prints in microseconds, for a fresh process, how long starting a world takes, with its first answer, and
/// the first call that is placed in it; then the same for a second world.
pub(crate) async fn first() -> Result<(), Failure> {
    for _ in 0..2 {
        let started = Instant::now();
        let sandbox = world::start().await?;
        let running = started.elapsed();
        let mut connection = Connection::open(world::address(&sandbox)).await?;
        let unknown = getting(
            sandbox.access_token(),
            "00000000-0000-4000-8000-000000000000",
        );
        if connection.ask(&unknown).await?.status != 404 {
            return Err("a call that nobody placed".into());
        }
        let answered = started.elapsed();
        place(&mut connection, sandbox.access_token(), SUCCEEDS).await?;
        let placed = started.elapsed();
        for time in [running, answered, placed] {
            print!("{} ", time.as_micros());
        }
    }
    println!();
    Ok(())
}

pub(crate) async fn rows(others: &Others) -> Result<(), Failure> {
    println!("\n| start | median | slowest of {TIMES} |\n| --- | --- | --- |");
    let mut times: [Vec<Duration>; 6] = Default::default();
    for _ in 0..TIMES {
        let output = Command::new(std::env::current_exe()?)
            .arg("first")
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let measured: Result<Vec<u64>, _> = text.split_whitespace().map(str::parse).collect();
        for (times, micros) in times.iter_mut().zip(measured?) {
            times.push(Duration::from_micros(micros));
        }
    }
    let names = [
        "first world of a process: `start()`",
        "first world of a process: to the first answer",
        "first world of a process: to the first call placed",
        "later world: `start()`",
        "later world: to the first answer",
        "later world: to the first call placed",
    ];
    let mut medians = Vec::new();
    for (name, times) in names.into_iter().zip(times) {
        medians.push(row(name, times)?);
    }
    let mut lines = Vec::new();
    let mut answers = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        let Some((server, token)) = others.binary()? else {
            return Ok(());
        };
        lines.push(started.elapsed());
        let mut connection = Connection::open(&server.address).await?;
        connection
            .ask(&request("GET", "/v1/calls", &token, ""))
            .await?;
        answers.push(started.elapsed());
    }
    row("`kallyai-sandbox`, from spawning: to its line", lines)?;
    let own = row(
        "`kallyai-sandbox`, from spawning: to the first answer",
        answers,
    )?;
    let mut times = Vec::new();
    // It takes seconds.
    for _ in 0..3 {
        let Some((_, time)) = others.prism().await? else {
            return Ok(());
        };
        times.push(time);
    }
    let prism = row("Prism, from spawning: to the first answer (of 3)", times)?;
    println!(
        "\nPrism takes {:.0} times as long as `kallyai-sandbox` to its first answer.",
        prism.as_secs_f64() / own.as_secs_f64()
    );
    Ok(())
}

fn row(name: &str, mut times: Vec<Duration>) -> Result<Duration, Failure> {
    times.sort_unstable();
    let median = *times.get(times.len() / 2).ok_or("nothing was measured")?;
    let slowest = *times.last().ok_or("nothing was measured")?;
    println!("| {name} | {median:.1?} | {slowest:.1?} |");
    Ok(median)
}
