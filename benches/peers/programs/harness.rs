//! What every peer in Rust does, in the same way: one thread, one client, every answer checked.
//!
//! `<program> <scenario> <base url> <count> <in flight>` prints one line of JSON: what it took, without
//! starting. `cold` is the exception: it is all about starting.

use std::alloc::System;
use std::cell::Cell;
use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::task::LocalSet;

pub type Failure = Box<dyn Error>;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

pub const TOKEN: &str = "a-token-of-no-account";
pub const CLIENT_ID: &str = "peer";
pub const CLIENT_SECRET: &str = "a-secret-of-nobody";
pub const REDIRECT_URI: &str = "http://127.0.0.1:1/callback";
pub const CODE: &str = "a-code-that-is-good-again";
pub const TASK: &str = "Reserve a table for 4 at 8 pm";
pub const NUMBER: &str = "+12025550199";
pub const BUSINESS: &str = "Italian Bistro";
pub const TIMEZONE: &str = "America/New_York";

/// How many entries a page has.
pub const PAGE: u16 = 200;

/// Some way to use the API.
pub trait Peer: Sized + 'static {
    /// What there is before the exchange.
    type SignIn;

    fn new(base_url: &str) -> Result<Self, Failure>;
    fn begin(&self) -> Result<Self::SignIn, Failure>;
    /// Exchanges a code: the access token.
    async fn sign_in(&self, begun: Self::SignIn) -> Result<String, Failure>;
    /// Places a call: its id.
    async fn place(&self) -> Result<String, Failure>;
    /// Reads a call: its id.
    async fn read(&self, id: &str) -> Result<String, Failure>;
    /// Walks over the list of calls to its end, in pages.
    async fn walk(&self, seen: &mut Ids) -> Result<(), Failure>;
    /// Reads the list of calls as one answer.
    async fn whole(&self, seen: &mut Ids) -> Result<(), Failure>;
}

/// The ids that should come, in their order.
#[derive(Default)]
pub struct Ids {
    seen: usize,
}

impl Ids {
    pub fn next(&mut self, id: &str) -> Result<(), Failure> {
        let number = id.get(..8).map(|digits| usize::from_str_radix(digits, 16));
        if number != Some(Ok(self.seen)) {
            return Err(format!("{id} came in place of entry {}", self.seen).into());
        }
        self.seen += 1;
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.seen
    }
}

pub fn run<P: Peer>() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [scenario, base_url, count, in_flight] = arguments.as_slice() else {
        return Err("usage: <scenario> <base url> <count> <in flight>".into());
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let all = measure::<P>(scenario, base_url, count.parse()?, in_flight.parse()?);
    LocalSet::new().block_on(&runtime, all)
}

async fn measure<P: Peer>(
    scenario: &str,
    base_url: &str,
    count: usize,
    in_flight: usize,
) -> Result<(), Failure> {
    let peer = Rc::new(P::new(base_url)?);
    if scenario == "cold" {
        read(&*peer, 0).await?;
        return Measured::report_since_start();
    }
    // The connections are there before anything is measured.
    reads(&peer, in_flight, in_flight).await?;
    let measured = match scenario {
        "sign_in" => {
            // The library signs in by connections of its own.
            peer.sign_in(peer.begin()?).await?;
            let begun = (0..count)
                .map(|_| peer.begin())
                .collect::<Result<Vec<_>, _>>()?;
            let measured = Measured::start();
            for begun in begun {
                expect(&peer.sign_in(begun).await?, "example-access-token")?;
            }
            measured.stop()
        }
        "place" => {
            let measured = Measured::start();
            for _ in 0..count {
                expect(&peer.place().await?, &id(0))?;
            }
            measured.stop()
        }
        "read" => {
            let measured = Measured::start();
            reads(&peer, count, in_flight).await?;
            measured.stop()
        }
        "list" => {
            let measured = Measured::start();
            let mut seen = Ids::default();
            peer.walk(&mut seen).await?;
            expect(&seen.len().to_string(), &count.to_string())?;
            measured.stop()
        }
        "decode" => {
            // As many entries in all, whatever one answer has.
            let times = in_decodes(count);
            let measured = Measured::start();
            for _ in 0..times {
                let mut seen = Ids::default();
                peer.whole(&mut seen).await?;
                expect(&seen.len().to_string(), &count.to_string())?;
            }
            measured.stop()
        }
        _ => return Err("no such scenario".into()),
    };
    measured.report()
}

/// How often an answer of so many entries is read.
fn in_decodes(entries: usize) -> usize {
    (10_000 / entries.max(1)).max(1)
}

fn id(number: usize) -> String {
    format!("{number:08x}-6a47-4c0c-9a53-0b2f5d8a9e01")
}

async fn read<P: Peer>(peer: &P, number: usize) -> Result<(), Failure> {
    let id = id(number);
    expect(&peer.read(&id).await?, &id)
}

async fn reads<P: Peer>(peer: &Rc<P>, count: usize, in_flight: usize) -> Result<(), Failure> {
    let next = Rc::new(Cell::new(0));
    let workers: Vec<_> = (0..in_flight)
        .map(|_| {
            let (peer, next) = (Rc::clone(peer), Rc::clone(&next));
            tokio::task::spawn_local(async move {
                while next.get() < count {
                    let number = next.replace(next.get() + 1);
                    read(&*peer, number)
                        .await
                        .map_err(|error| error.to_string())?;
                }
                Ok::<(), String>(())
            })
        })
        .collect();
    for worker in workers {
        worker.await??;
    }
    Ok(())
}

fn expect(is: &str, should_be: &str) -> Result<(), Failure> {
    (is == should_be)
        .then_some(())
        .ok_or_else(|| format!("{is} came in place of {should_be}").into())
}

struct Measured {
    wall: Instant,
    cpu: Duration,
    allocations: usize,
}

impl Measured {
    fn start() -> Self {
        Self {
            allocations: allocations(),
            cpu: processor_time(),
            wall: Instant::now(),
        }
    }

    fn stop(self) -> Taken {
        Taken {
            wall: self.wall.elapsed(),
            cpu: processor_time().saturating_sub(self.cpu),
            allocations: allocations().saturating_sub(self.allocations),
        }
    }

    /// What the process has taken from its very start; the time on the wall is for who has started it.
    fn report_since_start() -> Result<(), Failure> {
        let taken = Taken {
            wall: Duration::ZERO,
            cpu: processor_time(),
            allocations: allocations(),
        };
        taken.report()
    }
}

struct Taken {
    wall: Duration,
    cpu: Duration,
    allocations: usize,
}

impl Taken {
    fn report(&self) -> Result<(), Failure> {
        println!(
            r#"{{"wall_ns":{},"cpu_ns":{},"peak_kib":{},"allocations":{}}}"#,
            self.wall.as_nanos(),
            self.cpu.as_nanos(),
            peak_kib()?,
            self.allocations
        );
        Ok(())
    }
}

fn processor_time() -> Duration {
    ProcessTime::now().as_duration()
}

fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// The most memory that this process has had. Linux only.
fn peak_kib() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|line| line.split_whitespace().next())
        .ok_or("the system does not say the peak")?;
    Ok(peak.parse()?)
}
