//! The callback listener under idle connections: from the browser's connect to the whole page, with
//! nobody else there and with 300 connections that say nothing. Both are printed, and how they compare.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion};
use kallyai_sdk::auth::{CliLogin, PendingLogin};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A sign-in with idle connections, and the request that ends it.
struct Prepared {
    pending: PendingLogin,
    host: String,
    request: String,
    _idle: Vec<TcpStream>,
}

async fn prepare(idle: usize) -> Result<Prepared, Failure> {
    let pending = CliLogin::new().no_browser().begin().await?;
    let host = pending
        .redirect_uri()
        .trim_start_matches("http://")
        .to_owned();
    let state = pending
        .url()
        .rsplit_once("state=")
        .map_or("", |(_, state)| state);
    let request =
        format!("GET /?access_token=token&state={state} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    // It accepts meanwhile: beyond what the system queues, connecting takes seconds.
    let connecting = async {
        let mut connections = Vec::with_capacity(idle);
        for _ in 0..idle {
            connections.push(TcpStream::connect(&host).await?);
        }
        Ok::<_, Failure>(connections)
    };
    let connections = tokio::select! {
        biased;
        connections = connecting => connections?,
        _ = pending.wait() => return Err("the sign-in has ended".into()),
    };
    Ok(Prepared {
        pending,
        host,
        request,
        _idle: connections,
    })
}

async fn callback(prepared: &Prepared) -> Result<Duration, Failure> {
    let asking = async {
        let started = Instant::now();
        let mut stream = TcpStream::connect(&prepared.host).await?;
        stream.write_all(prepared.request.as_bytes()).await?;
        let mut page = String::new();
        stream.read_to_string(&mut page).await?;
        if !page.starts_with("HTTP/1.1 200") {
            return Err("the callback was refused".into());
        }
        Ok::<_, Failure>(started.elapsed())
    };
    let (tokens, took) = tokio::join!(prepared.pending.wait(), asking);
    tokens?;
    took
}

fn main() -> Result<(), Failure> {
    let runtime = Runtime::new()?;
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut medians = Vec::new();
    let mut group = criterion.benchmark_group("callback");
    for idle in [0, 300] {
        let times = Mutex::new(Vec::new());
        let failure = Mutex::new(None);
        group.bench_function(BenchmarkId::new("idle connections", idle), |bencher| {
            bencher.iter_custom(|times_asked| {
                let mut total = Duration::ZERO;
                for _ in 0..times_asked {
                    let took = runtime.block_on(async { callback(&prepare(idle).await?).await });
                    match took {
                        Ok(took) => {
                            total += took;
                            lock(&times).push(took);
                        }
                        Err(error) => *lock(&failure) = Some(error),
                    }
                }
                total
            });
        });
        if let Some(error) = lock(&failure).take() {
            return Err(error);
        }
        let mut times = times.into_inner().unwrap_or_default();
        times.sort_unstable();
        medians.push(times.get(times.len() / 2).copied().unwrap_or_default());
    }
    group.finish();
    if let [none, many] = medians.as_slice()
        && !none.is_zero()
    {
        println!(
            "callback: {none:?} alone, {many:?} under 300 idle connections, {:.2} times as long",
            many.as_secs_f64() / none.as_secs_f64()
        );
    }
    criterion.final_summary();
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
