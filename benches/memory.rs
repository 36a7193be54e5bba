//! Memory of many requests at once, and of a long stream.
//!
//! `cargo run --release -p kallyai-bench --example memory` starts a process for each row, because what
//! a process has had at most can only be read, not reset. Linux only.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kallyai_bench::by_hand::Ways;
use kallyai_bench::process::peak_kib;
use kallyai_bench::server;
use tokio::task::JoinSet;

type Failure = Box<dyn Error + Send + Sync>;

/// All requests are there before the first is answered.
const LATENCY: Duration = Duration::from_secs(4);

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => table(),
        ["serve", calls, latency] => {
            let latency = Duration::from_millis(latency.parse()?);
            println!("http://{}", server::start(calls.parse()?, latency)?);
            loop {
                std::thread::park();
            }
        }
        [what, base_url, count] => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(measure(what, base_url, count.parse()?))
        }
        _ => Err("no arguments, or: in_flight|in_flight_by_hand|stream <base url> <count>".into()),
    }
}

fn table() -> Result<(), Failure> {
    let server = Server::start(0, LATENCY)?;
    for what in ["in_flight", "in_flight_by_hand"] {
        run(what, &server.base_url, 10_000)?;
    }
    for calls in [1_000, 10_000, 100_000] {
        let server = Server::start(calls, Duration::ZERO)?;
        run("stream", &server.base_url, calls)?;
    }
    Ok(())
}

/// A server in a process of its own: its memory is not counted.
struct Server {
    process: Child,
    base_url: String,
}

impl Server {
    fn start(calls: usize, latency: Duration) -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", &calls.to_string()])
            .arg(latency.as_millis().to_string())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut base_url = String::new();
        let output = process.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut base_url)?;
        Ok(Self {
            process,
            base_url: base_url.trim().to_owned(),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn run(what: &str, base_url: &str, count: usize) -> Result<(), Failure> {
    let status = Command::new(std::env::current_exe()?)
        .args([what, base_url, &count.to_string()])
        .status()?;
    status
        .success()
        .then_some(())
        .ok_or_else(|| format!("{what} failed").into())
}

async fn measure(what: &str, base_url: &str, count: usize) -> Result<(), Failure> {
    let ways = Arc::new(Ways::to(base_url));
    let (before, started) = (peak_kib()?, Instant::now());
    match what {
        "in_flight" => in_flight(count, &ways, |ways| async move { ways.get().await }).await?,
        "in_flight_by_hand" => {
            in_flight(count, &ways, |ways| async move { ways.get_by_hand().await }).await?;
        }
        "stream" => {
            let seen = ways.stream().await?;
            if seen != count {
                return Err(format!("{seen} of {count} calls came").into());
            }
        }
        _ => return Err("no such measurement".into()),
    }
    let grown = peak_kib()?.saturating_sub(before);
    let took = started.elapsed().as_secs_f64();
    println!("{what:<18} {count:>7}: peak grew by {grown:>7} KiB in {took:>5.1} s");
    Ok(())
}

/// All at once on one client; every one must be answered.
async fn in_flight<F>(
    count: usize,
    ways: &Arc<Ways>,
    get: impl Fn(Arc<Ways>) -> F,
) -> Result<(), Failure>
where
    F: Future<Output = Option<String>> + Send + 'static,
{
    let mut requests = JoinSet::new();
    for _ in 0..count {
        requests.spawn(get(Arc::clone(ways)));
    }
    let mut answered = 0;
    while let Some(answer) = requests.join_next().await {
        answered += usize::from(answer?.is_some());
    }
    (answered == count)
        .then_some(())
        .ok_or_else(|| format!("{answered} of {count} were answered").into())
}
