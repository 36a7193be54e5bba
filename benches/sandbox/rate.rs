//! Requests a second for one call, server by server in turn.

use std::time::Duration;

use kallyai_bench::load::{Connection, drive};
use kallyai_bench::process::{processor_time, resident_kib};

use crate::Failure;
use crate::servers::{Others, Server};
use crate::world::{SUCCEEDS, getting, place};

/// All servers are asked in turn so often, so that what else the machine does hits all of them.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 8;

struct Rate {
    server: Server,
    /// Answers a second, and processor time of the server for one, in microseconds.
    rounds: Vec<(f64, f64)>,
}

pub(crate) async fn rows(others: &Others) -> Result<(), Failure> {
    let mut rates: Vec<Rate> = servers(others)
        .await?
        .into_iter()
        .map(|server| Rate {
            server,
            rounds: Vec::new(),
        })
        .collect();
    for rate in &rates {
        // What comes first is not counted.
        drive(&rate.server.address, &rate.server.request, 1, ROUND / 4).await?;
    }
    for _ in 0..ROUNDS {
        for rate in &mut rates {
            let before = processor_time(rate.server.id())?;
            let server = &rate.server;
            let driven = drive(&server.address, &server.request, CONNECTIONS, ROUND).await?;
            let spent = processor_time(rate.server.id())?.saturating_sub(before);
            let answers = f64::from(u32::try_from(driven.answers)?);
            rate.rounds.push((
                answers / driven.took.as_secs_f64(),
                spent.as_secs_f64() * 1e6 / answers,
            ));
        }
    }
    println!(
        "\n| `calls_get`, {CONNECTIONS} connections | requests a second, median | best of {ROUNDS} | processor time of the server for one | memory |\n| --- | --- | --- | --- | --- |"
    );
    let mut medians = Vec::new();
    for rate in &mut rates {
        rate.rounds
            .sort_by(|left, right| left.0.total_cmp(&right.0));
        let (median, spent) = *rate.rounds.get(ROUNDS / 2).ok_or("no rounds")?;
        let (best, _) = *rate.rounds.last().ok_or("no rounds")?;
        println!(
            "| {} | {median:.0} | {best:.0} | {spent:.1} µs | {} MiB |",
            rate.server.name,
            resident_kib(&rate.server.id().to_string())? / 1024
        );
        medians.push((rate.server.name, median, spent));
    }
    if let [
        ..,
        (_, sandbox, spent),
        (binary, logged, _),
        ("Prism", prism, spent_by_prism),
    ] = medians.as_slice()
    {
        println!(
            "\nThe sandbox answers {:.1} times as many requests as Prism, in {:.3} of its processor time; {binary} {:.1} times as many.",
            sandbox / prism,
            spent / spent_by_prism,
            logged / prism,
        );
    }
    Ok(())
}

/// Asks one server that is already there, for tools that look into it meanwhile.
pub(crate) async fn drive_one(
    address: &str,
    token: &str,
    call_id: &str,
    seconds: u64,
) -> Result<(), Failure> {
    let request = getting(token, call_id);
    let driven = drive(address, &request, CONNECTIONS, Duration::from_secs(seconds)).await?;
    println!("{} answers in {:.2?}", driven.answers, driven.took);
    Ok(())
}

async fn servers(others: &Others) -> Result<Vec<Server>, Failure> {
    let mut servers = vec![
        Server::own("bare hyper with one answer for everything", "plain")?,
        Server::own("sandbox in a test", "serve")?,
    ];
    if let Some((mut server, token)) = others.binary()? {
        let mut connection = Connection::open(&server.address).await?;
        let id = place(&mut connection, &token, SUCCEEDS).await?;
        server.request = getting(&token, &id);
        servers.push(server);
    }
    if let Some((server, _)) = others.prism().await? {
        servers.push(server);
    }
    Ok(servers)
}
