//! Many worlds in one process.

use std::process::Command;
use std::time::Instant;

use kallyai_bench::load::Connection;
use kallyai_bench::process::{peak_kib, resident_kib};

use crate::Failure;
use crate::world::{self, SUCCEEDS, getting, place};

pub(crate) fn rows() -> Result<(), Failure> {
    println!(
        "\n| worlds in one process, each with a call and an open connection | started and asked in | memory at most | now | for each world |\n| --- | --- | --- | --- | --- |"
    );
    for count in ["1", "500"] {
        let status = Command::new(std::env::current_exe()?)
            .args(["worlds", count])
            .status()?;
        if !status.success() {
            return Err("the worlds failed".into());
        }
    }
    Ok(())
}

/// Starts so many worlds, places and gets a call in each, and says how large the process is.
pub(crate) async fn grow(count: u32) -> Result<(), Failure> {
    let before = resident_kib("self")?;
    let started = Instant::now();
    let mut worlds = Vec::new();
    for _ in 0..count {
        let sandbox = world::start().await?;
        let mut connection = Connection::open(world::address(&sandbox)).await?;
        let id = place(&mut connection, sandbox.access_token(), SUCCEEDS).await?;
        let get = getting(sandbox.access_token(), &id);
        if connection.ask(&get).await?.status != 200 {
            return Err("a world that lost a call".into());
        }
        worlds.push((sandbox, connection));
    }
    let took = started.elapsed();
    let (peak, now) = (peak_kib()?, resident_kib("self")?);
    println!(
        "| {} | {took:.1?} | {:.1} MiB | {:.1} MiB | {} KiB |",
        worlds.len(),
        mib(peak)?,
        mib(now)?,
        now.saturating_sub(before) / u64::from(count.max(1))
    );
    Ok(())
}

fn mib(kib: u64) -> Result<f64, Failure> {
    Ok(f64::from(u32::try_from(kib)?) / 1024.0)
}
