//! Endurance: requests at a steady rate for a long time, with refreshes and faults, and memory and files that stay.
//!
//! `cargo run --release -p kallyai-bench --example soak -- 1800 200`: for 1,800 s, 200 requests a second. The sandbox
//! has a process of its own. It ends with an error when memory or files have grown, the rate was not kept, or a
//! call was dialled twice. Linux only.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kallyai_bench::process::resident_kib;
use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::auth::{Credentials, FileStore, TokenSet, TokenStore};
use kallyai_sdk::types::CallRequest;
use kallyai_sdk::{Client, WasSent};
use serde_json::{Value, json};

type Failure = Box<dyn Error + Send + Sync>;

const NUMBER: &str = "+12025550199";
/// How long an access token is good.
const LIFETIME: Duration = Duration::from_secs(20);
/// One request in so many places a call.
const CALLS: u64 = 2000;
/// In how many parts the figures are shown.
const PARTS: u32 = 10;
/// How much may come in the second half: what an allocator keeps differs from run to run.
const GROWTH_KIB: u64 = 2048;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    match arguments.as_slice() {
        ["serve"] => runtime.block_on(serve()),
        [seconds, rate] => runtime.block_on(soak(seconds.parse()?, rate.parse()?)),
        _ => Err("how many seconds, and how many requests a second".into()),
    }
}

/// A sandbox with faults; at the end of its input it says what it has dialled.
async fn serve() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await?;
    for (kind, probability) in [
        (FaultKind::ServerError { status: 503 }, 0.002),
        (FaultKind::ResetBefore, 0.001),
        (FaultKind::ResetAfter, 0.001),
        (FaultKind::CutBody, 0.001),
        (FaultKind::UnknownField, 0.01),
        (FaultKind::StringNumbers, 0.01),
    ] {
        sandbox.inject(Fault::everywhere(kind).probability(probability));
    }
    let tokens = sandbox.issue_token(["calls:read", "calls:write", "credits:read"], LIFETIME);
    let line = json!({
        "base_url": sandbox.base_url(),
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
    });
    println!("{line}");
    tokio::task::spawn_blocking(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
    })
    .await?;
    let dialled = sandbox.dialled();
    let keys: HashSet<_> = dialled.iter().map(|call| &call.idempotency_key).collect();
    println!(
        "{}",
        json!({ "dialled": dialled.len(), "keys": keys.len() })
    );
    Ok(())
}

/// The sandbox in a process of its own: its memory is not counted.
struct Server {
    process: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Server {
    fn start() -> Result<(Self, Value), Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut server = Self {
            process,
            lines: BufReader::new(output),
        };
        let first = server.line()?;
        Ok((server, first))
    }

    fn line(&mut self) -> Result<Value, Failure> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// What it has dialled.
    fn end(mut self) -> Result<Value, Failure> {
        drop(self.process.stdin.take());
        let dialled = self.line()?;
        self.process.wait()?;
        Ok(dialled)
    }
}

/// What came of the requests.
#[derive(Default)]
struct Tally {
    done: u64,
    placed: u64,
    unclear: u64,
    failed: BTreeMap<String, u64>,
}

async fn soak(seconds: u64, rate: u64) -> Result<(), Failure> {
    let (server, line) = Server::start()?;
    let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
    let folder = std::env::temp_dir().join(format!("kallyai-soak-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let store = FileStore::at(folder.join("tokens.json"));
    let mut tokens = TokenSet::new(text("access_token"));
    tokens.refresh_token = Some(text("refresh_token").into());
    tokens.expires_at = Some(chrono::Utc::now() + LIFETIME);
    tokens.origin = Some(text("base_url").to_owned());
    store.save(&tokens)?;
    let kally = Client::builder()
        .base_url(text("base_url"))
        .credentials(Credentials::from_store(store))
        .build()?;

    let tally = Arc::new(Mutex::new(Tally::default()));
    println!("seconds\trequests\tfailed\tmemory KiB\tfiles");
    let pause = Duration::from_secs(1).div_f64(f64::from(u32::try_from(rate)?));
    let part = Duration::from_secs(seconds) / PARTS;
    let mut figures = Vec::new();
    let mut ticks = tokio::time::interval(pause);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let began = Instant::now();
    let mut sent = 0;
    while figures.len() < usize::try_from(PARTS)? {
        ticks.tick().await;
        sent += 1;
        let (asking, counting) = (kally.clone(), Arc::clone(&tally));
        tokio::spawn(async move { one(&asking, sent, &counting).await });
        if began.elapsed() >= part * u32::try_from(figures.len() + 1)? {
            let (memory, files) = (resident_kib("self")?, files()?);
            let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
            let failed: u64 = tally.failed.values().sum();
            let at = began.elapsed().as_secs();
            println!("{at}\t{}\t{failed}\t{memory}\t{files}", tally.done);
            figures.push((memory, files));
        }
    }
    // What is still under way, retries included.
    while tally.lock().unwrap_or_else(PoisonError::into_inner).done < sent {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let dialled = server.end()?;
    std::fs::remove_dir_all(&folder)?;
    let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    println!("failed: {:?}", tally.failed);
    println!(
        "placed {}, unclear {}, {dialled}",
        tally.placed, tally.unclear
    );
    verdict(&figures, sent, seconds * rate, &tally, &dialled)
}

fn verdict(
    figures: &[(u64, usize)],
    sent: u64,
    wanted: u64,
    tally: &Tally,
    dialled: &Value,
) -> Result<(), Failure> {
    let half = figures.get(figures.len() / 2).ok_or("no figures")?;
    let last = figures.last().ok_or("no figures")?;
    if last.0 > half.0 + GROWTH_KIB {
        return Err("memory has grown".into());
    }
    if last.1 > half.1 + 8 {
        return Err("open files have grown".into());
    }
    if sent * 100 < wanted * 95 {
        return Err(format!("the rate was not kept: {sent} of {wanted}").into());
    }
    let count = |name: &str| dialled.get(name).and_then(Value::as_u64).unwrap_or(0);
    let (dialled, keys) = (count("dialled"), count("keys"));
    if dialled != keys || dialled < tally.placed || dialled > tally.placed + tally.unclear {
        return Err("a call was dialled twice, or not at all".into());
    }
    println!("memory and files stay, and no call was dialled twice");
    Ok(())
}

async fn one(kally: &Client, number: u64, tally: &Mutex<Tally>) {
    let places = number.is_multiple_of(CALLS);
    let outcome = if places {
        let task = format!("Ask when they open, for the time number {number}");
        match NUMBER.parse() {
            Ok(phone) => kally
                .calls()
                .create(CallRequest::general(phone, task))
                .await
                .map(drop),
            Err(_) => return,
        }
    } else if number.is_multiple_of(3) {
        kally.calls().list().limit(20).await.map(drop)
    } else {
        kally.credits().balance().await.map(drop)
    };
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    tally.done += 1;
    match outcome {
        Ok(()) => tally.placed += u64::from(places),
        Err(error) => {
            tally.unclear += u64::from(places && error.was_sent() == WasSent::Maybe);
            let kind = format!(
                "{:?} {:?}",
                error.kind(),
                error.status().map(|s| s.as_u16())
            );
            *tally.failed.entry(kind).or_default() += 1;
        }
    }
}

/// How many files this process has open.
fn files() -> std::io::Result<usize> {
    Ok(std::fs::read_dir("/proc/self/fd")?.count())
}
