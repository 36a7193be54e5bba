//! Random programs of operations under random faults, with futures dropped half-way: whatever happens,
//! nothing is dialled twice, no credit is unaccounted for, no token is lost, nothing is left over, and
//! the client goes on working.
//!
//! `KALLYAI_PROGRAMS=1000 cargo test -p kallyai-tests --test faults random` runs more of them, and
//! `KALLYAI_SEED=n` one of them again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::auth::{Credentials, MemoryStore, TokenSet};
use kallyai_sdk::types::{CallRequest, CallerIdRequest, Decimal};
use kallyai_sdk::{Client, Error, WasSent};
use tokio::runtime::{Builder, Runtime};

const PROGRAMS: u64 = 24;
const STEPS: u32 = 25;
/// Programs at the same time.
const AT_ONCE: u64 = 6;

#[test]
fn random_programs_keep_the_promises() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(seed) = number("KALLYAI_SEED") {
        return program(seed);
    }
    let programs: u64 = number("KALLYAI_PROGRAMS").unwrap_or(PROGRAMS);
    let mut failed = Vec::new();
    for first in (0..programs).step_by(usize::try_from(AT_ONCE).unwrap()) {
        let running: Vec<_> = (first..programs.min(first + AT_ONCE))
            .map(|seed| (seed, std::thread::spawn(move || program(seed))))
            .collect();
        for (seed, program) in running {
            if program.join().is_err() {
                failed.push(seed);
            }
        }
    }
    assert!(
        failed.is_empty(),
        "run again with KALLYAI_SEED, one of {failed:?}"
    );
}

fn program(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    // The service lives in another runtime: what is left over in ours is the client's.
    let outside = runtime();
    let trusted = rng.bool();
    let sandbox = outside
        .block_on(
            Sandbox::builder()
                .call_seconds(0.05)
                .ignore_idempotency(!trusted && rng.bool())
                .hide_active(rng.bool())
                .start(),
        )
        .unwrap();
    let inside = runtime();
    let store = Arc::new(store(&sandbox));
    let kally = client(&sandbox, &store, trusted);
    let outcomes = inside.block_on(steps(&mut rng, &sandbox, &kally));
    sandbox.clear_faults();

    assert_dialled_once(seed, &sandbox, &outcomes);
    inside.block_on(async {
        assert_credits_add_up(seed, &kally).await;
        // Another program, long after the tokens have expired.
        sandbox.advance(Duration::from_secs(7200));
        let later = client(&sandbox, &store, trusted);
        let balance = later.credits().balance().await;
        balance.unwrap_or_else(|error| panic!("seed {seed}: the tokens are lost: {error}"));
    });
    drop(kally);
    assert_nothing_is_left(seed, &inside);
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

fn store(sandbox: &Sandbox) -> MemoryStore {
    let tokens = TokenSet::new(sandbox.access_token())
        .refresh_token(sandbox.refresh_token())
        .expires_at(chrono::Utc::now() + Duration::from_secs(3600));
    MemoryStore::with(tokens)
}

fn client(sandbox: &Sandbox, store: &Arc<MemoryStore>, trusted: bool) -> Client {
    Client::builder()
        .base_url(sandbox.base_url())
        .credentials(Credentials::from_store(Arc::clone(store)))
        .attempt_timeout(Duration::from_millis(400))
        .timeout(Duration::from_secs(3))
        .trust_idempotency_key(trusted)
        .build()
        .unwrap()
}

/// What came of one call: its key, and the answer unless the future was dropped.
struct Placed {
    key: String,
    outcome: Option<Result<String, Error>>,
}

async fn steps(rng: &mut Rng, sandbox: &Sandbox, kally: &Client) -> Vec<Placed> {
    let mut running = tokio::task::JoinSet::new();
    let mut outcomes = Vec::new();
    // Once the service's clock is ahead of ours: it says that tokens have expired which we think good.
    let jump = rng.u32(0..STEPS);
    for step in 0..STEPS {
        if rng.u32(0..3) == 0 {
            sandbox.inject(fault(rng));
        }
        if step == jump {
            sandbox.advance(Duration::from_secs(4000));
        }
        let patience = rng.bool().then(|| Duration::from_millis(rng.u64(0..600)));
        let (kally, what) = (kally.clone(), rng.u32(0..8));
        running.spawn(async move {
            match what {
                0..4 => Some(place(&kally, step, patience).await),
                4 => patient(patience, kally.calls().list()).await,
                5 => patient(patience, kally.calls().get("unknown")).await,
                6 => patient(patience, kally.credits().history()).await,
                _ => {
                    let name = CallerIdRequest::new("Bistro");
                    patient(patience, kally.phone().set_caller_id("n1", name)).await
                }
            }
        });
        while running.len() >= 4 {
            outcomes.extend(running.join_next().await.unwrap().unwrap());
        }
    }
    while let Some(outcome) = running.join_next().await {
        outcomes.extend(outcome.unwrap());
    }
    outcomes
}

/// Waits as long as there is patience, and then drops it.
async fn patient<T>(
    patience: Option<Duration>,
    request: impl IntoFuture<Output = Result<T, Error>>,
) -> Option<Placed> {
    let _ = dropped_after(patience, request).await;
    None
}

async fn dropped_after<T>(
    patience: Option<Duration>,
    request: impl IntoFuture<Output = T>,
) -> Option<T> {
    match patience {
        Some(patience) => tokio::time::timeout(patience, request).await.ok(),
        None => Some(request.await),
    }
}

async fn place(kally: &Client, step: u32, patience: Option<Duration>) -> Placed {
    let number = "+12025550199".parse().unwrap();
    // Some are alike, as people's calls are.
    let task = format!("Ask when they open, {}", step % 7);
    let key = format!("key-{step}");
    let create = kally.calls().create(CallRequest::general(number, task));
    let create = create.idempotency_key(key.clone());
    let outcome = dropped_after(patience, create).await;
    Placed {
        key,
        outcome: outcome.map(|outcome| outcome.map(|call| call.call_id)),
    }
}

fn fault(rng: &mut Rng) -> Fault {
    let kind = match rng.u32(0..10) {
        0 => FaultKind::Latency(Duration::from_millis(rng.u64(0..600))),
        1 => FaultKind::SlowBody(Duration::from_millis(rng.u64(0..80))),
        2 => FaultKind::RateLimit {
            retry_after: rng.bool().then(|| "0".to_owned()),
        },
        3 => FaultKind::ServerError {
            status: 500 + rng.u16(0..5),
        },
        4 => FaultKind::ResetBefore,
        5 => FaultKind::ResetAfter,
        6 => FaultKind::CutBody,
        7 => FaultKind::BrokenJson,
        8 => FaultKind::UnknownField,
        _ => FaultKind::StringNumbers,
    };
    let operation = rng.choice([
        "calls_create",
        "calls_list",
        "calls_get",
        "auth_refresh_token",
        "credits_history",
        "phone_set_caller_id",
    ]);
    match operation {
        Some(operation) if rng.bool() => Fault::on(operation, kind),
        _ => Fault::everywhere(kind),
    }
    .times(rng.u32(1..4))
}

fn assert_dialled_once(seed: u64, sandbox: &Sandbox, outcomes: &[Placed]) {
    let dialled = sandbox.dialled();
    let mut keys = HashSet::new();
    for call in &dialled {
        let key = call.idempotency_key.clone().unwrap();
        assert!(
            keys.insert(key.clone()),
            "seed {seed}: {key} was dialled twice"
        );
    }
    let mut answered = HashSet::new();
    for Placed { key, outcome } in outcomes {
        match outcome {
            Some(Ok(id)) => {
                assert!(
                    keys.contains(key),
                    "seed {seed}: {key} was answered and never dialled"
                );
                assert!(
                    answered.insert(id),
                    "seed {seed}: two calls were answered with {id}"
                );
                assert!(
                    dialled.iter().any(|call| &call.call_id == id),
                    "seed {seed}: {id}"
                );
            }
            Some(Err(error)) if error.was_sent() == WasSent::No => {
                assert!(
                    !keys.contains(key),
                    "seed {seed}: {key} was dialled: {error}"
                );
            }
            _ => {}
        }
    }
}

/// What the account was charged is what its calls cost.
async fn assert_credits_add_up(seed: u64, kally: &Client) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        // Calls that were dropped go on for a moment, and so does a renewal of the token that has failed.
        let list = kally.calls().list().limit(200).await;
        let balance = kally.credits().balance().await;
        if let (Ok(list), Ok(balance)) = (&list, &balance) {
            let costs = list
                .calls()
                .iter()
                .filter_map(|call| call.credits_used.as_ref());
            let sum = costs.fold(Decimal::from(0), |sum, cost| sum.checked_add(cost).unwrap());
            let over = list.calls().iter().all(kallyai_sdk::types::Call::is_over);
            if over && sum == balance.credits_used {
                return;
            }
        }
        assert!(
            Instant::now() < deadline,
            "seed {seed}: the calls {list:?} do not cost what was used: {balance:?}"
        );
        tokio::task::yield_now().await;
    }
}

/// No task, and no socket, some moments after the client has gone.
fn assert_nothing_is_left(seed: u64, inside: &Runtime) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while inside.metrics().num_alive_tasks() > 0 {
        let left = inside.metrics().num_alive_tasks();
        assert!(
            Instant::now() < deadline,
            "seed {seed}: {left} tasks are left"
        );
        std::thread::yield_now();
    }
}
