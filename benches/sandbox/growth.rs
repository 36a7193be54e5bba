//! What a request takes in a world with many calls.

use std::time::{Duration, Instant};

use kallyai_bench::load::{Connection, request};
use kallyai_bench::server;

use crate::Failure;
use crate::world::{self, FREE, getting, place};

const SIZES: &[usize] = &[10, 100, 1_000, 10_000];
const TIMES: u32 = 500;

pub(crate) async fn rows() -> Result<(), Failure> {
    println!(
        "\n| calls in the world | placing one | `calls_get` | `calls_list` | the same, last page |\n| --- | --- | --- | --- | --- |"
    );
    let plain = server::start(0, Duration::ZERO)?.to_string();
    let mut connection = Connection::open(&plain).await?;
    let nothing = time(&mut connection, &getting("token", "call")).await?;
    let sandbox = world::start().await?;
    let token = sandbox.access_token();
    let mut connection = Connection::open(world::address(&sandbox)).await?;
    let mut placed = 0;
    for size in SIZES {
        let mut times = Vec::new();
        let mut id = String::new();
        while placed < *size {
            let started = Instant::now();
            id = place(&mut connection, token, FREE).await?;
            times.push(started.elapsed());
            placed += 1;
        }
        let placing = median(times);
        let get = time(&mut connection, &getting(token, &id)).await?;
        let list = time(&mut connection, &request("GET", "/v1/calls", token, "")).await?;
        let path = format!("/v1/calls?offset={}&limit=50", size.saturating_sub(50));
        let last_page = time(&mut connection, &request("GET", &path, token, "")).await?;
        println!("| {size} | {placing:.1?} | {get:.1?} | {list:.1?} | {last_page:.1?} |");
    }
    println!("\nBare hyper takes {nothing:.1?} for a request in this table.");
    Ok(())
}

/// The median time of a request, one after another.
async fn time(connection: &mut Connection, request: &[u8]) -> Result<Duration, Failure> {
    let mut times = Vec::new();
    for _ in 0..TIMES {
        let started = Instant::now();
        let status = connection.ask(request).await?.status;
        times.push(started.elapsed());
        if status != 200 {
            return Err(format!("answered {status}").into());
        }
    }
    Ok(median(times))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
