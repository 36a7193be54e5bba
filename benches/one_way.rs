//! One way to ask for or place a call, so many times, for tools that measure a whole process.
//!
//! `one_way serve` prints where it listens and serves until its input ends; `one_way get <base url> <times>`
//! (or `get_by_hand`, `create`, `create_by_hand`) prints how often it allocated.

use std::alloc::System;
use std::error::Error;
use std::io::Read;
use std::time::Duration;

use kallyai_bench::by_hand::Ways;
use kallyai_bench::server;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["serve"] => {
            println!("http://{}", server::start(0, Duration::ZERO)?);
            std::io::stdin().read_to_end(&mut Vec::new())?;
        }
        [way, base_url, times] => {
            let ways = Ways::to(base_url);
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let times: u32 = times.parse()?;
            runtime.block_on(async {
                // Connecting and what is made once are not counted.
                go(&ways, way).await?;
                let region = Region::new(ALLOCATOR);
                for _ in 0..times {
                    go(&ways, way).await?;
                }
                let change = region.change();
                let allocations = change.allocations + change.reallocations;
                println!("{allocations} {}", change.bytes_allocated);
                Ok::<(), Box<dyn Error>>(())
            })?;
        }
        _ => {
            return Err(
                "serve, or: get|get_by_hand|create|create_by_hand <base url> <times>".into(),
            );
        }
    }
    Ok(())
}

async fn go(ways: &Ways, way: &str) -> Result<String, Box<dyn Error>> {
    let id = match way {
        "get" => ways.get().await,
        "get_by_hand" => ways.get_by_hand().await,
        "create" => ways.create().await,
        "create_by_hand" => ways.create_by_hand().await,
        _ => return Err("no such way".into()),
    };
    id.ok_or_else(|| "no answer".into())
}
