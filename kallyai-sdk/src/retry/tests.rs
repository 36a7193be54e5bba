//! The whole table, in time that only the tests move.

use std::cell::{Cell, RefCell};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};

use super::*;
use crate::error::{ErrorKind, WasSent};
use crate::index::{OPERATIONS, row};

const SECOND: Duration = Duration::from_secs(1);

/// Time that passes by sleeping, and by as much as an attempt takes.
#[derive(Default)]
struct Stage {
    now: Mutex<Duration>,
    slept: Mutex<Vec<Duration>>,
}

impl Stage {
    fn pass(&self, time: Duration) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }

    fn slept(&self) -> Vec<Duration> {
        self.slept.lock().unwrap().clone()
    }
}

impl Surroundings for Stage {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, time: Duration) {
        self.slept.lock().unwrap().push(time);
        self.pass(time);
    }

    fn fraction(&self) -> f64 {
        0.5
    }
}

fn network(kind: ErrorKind, was_sent: WasSent) -> Error {
    Error::example(kind, was_sent)
}

fn answered(status: u16, code: &str, headers: &[(&str, &str)]) -> Error {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: http::HeaderName = name.parse().unwrap();
        map.insert(name, HeaderValue::from_str(value).unwrap());
    }
    let body = format!(r#"{{"error": {{"code": "{code}", "message": "m"}}}}"#);
    Error::answered(StatusCode::from_u16(status).unwrap(), &map, body.as_bytes())
}

/// Every failure that there is, under the name that the table gives it.
fn failure(name: &str) -> Error {
    let now = (DATE.as_str(), "Sat, 14 Feb 2026 12:00:00 GMT");
    match name {
        "refused connection" => network(ErrorKind::Transport, WasSent::No),
        "connect timeout" => network(ErrorKind::Timeout, WasSent::No),
        "reset" => network(ErrorKind::Transport, WasSent::Maybe),
        "timeout" => network(ErrorKind::Timeout, WasSent::Maybe),
        "cut body" => network(ErrorKind::Transport, WasSent::Yes),
        "slow body" => network(ErrorKind::Timeout, WasSent::Yes),
        "unreadable answer" => network(ErrorKind::Decode, WasSent::Yes),
        "429 seconds" => answered(429, "rate_limited", &[("retry-after", "7")]),
        "429 date" => answered(
            429,
            "rate_limited",
            &[now, ("retry-after", "Sat, 14 Feb 2026 12:00:09 GMT")],
        ),
        "429 neither" => answered(429, "rate_limited", &[]),
        "429 too long" => answered(429, "rate_limited", &[("retry-after", "121")]),
        "429 out of credits" => answered(429, "quota_exceeded", &[("retry-after", "1")]),
        "402" => answered(402, "quota_exceeded", &[]),
        "401" => answered(401, "token_expired", &[]),
        "403" => answered(403, "forbidden", &[]),
        "404" => answered(404, "call_not_found", &[]),
        "408" => answered(408, "", &[]),
        "409" => answered(409, "goal_already_completed", &[]),
        "409 in progress" => answered(409, "idempotency_in_progress", &[]),
        "422" => answered(422, "emergency_number", &[]),
        "500" => answered(500, "internal", &[]),
        "501" => answered(501, "", &[]),
        "502" => answered(502, "", &[]),
        "503 seconds" => answered(503, "", &[("retry-after", "4")]),
        "504" => answered(504, "", &[]),
        "invalid input" => network(ErrorKind::InvalidInput, WasSent::No),
        "token store" => network(ErrorKind::TokenStore, WasSent::No),
        "refresh failed" => network(ErrorKind::Transport, WasSent::No).while_refreshing(),
        _ => panic!("no failure is called {name}"),
    }
}

/// What three attempts wait when nobody says how long: half of 500 ms, half of 1 s.
const BACKOFF: &[u64] = &[250, 500];

type Row = (&'static str, &'static [u64], &'static [u64], &'static [u64]);

/// Failure; the waits in ms between the attempts for what can be repeated, for a call whose key is
/// trusted, and for everything else. No wait: one attempt.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    ("refused connection", BACKOFF, BACKOFF, BACKOFF),
    ("connect timeout",    BACKOFF, BACKOFF, BACKOFF),
    ("reset",              BACKOFF, BACKOFF, &[]),
    ("timeout",            BACKOFF, BACKOFF, &[]),
    ("cut body",           BACKOFF, BACKOFF, &[]),
    ("slow body",          BACKOFF, BACKOFF, &[]),
    ("unreadable answer",  &[],     &[],     &[]),
    ("429 seconds",        &[7000, 7000], &[7000, 7000], &[7000, 7000]),
    ("429 date",           &[9000, 9000], &[9000, 9000], &[9000, 9000]),
    ("429 neither",        BACKOFF, BACKOFF, BACKOFF),
    ("429 too long",       &[],     &[],     &[]),
    ("429 out of credits", &[],     &[],     &[]),
    ("402",                &[],     &[],     &[]),
    ("401",                &[],     &[],     &[]),
    ("403",                &[],     &[],     &[]),
    ("404",                &[],     &[],     &[]),
    ("408",                BACKOFF, BACKOFF, &[]),
    ("409",                &[],     &[],     &[]),
    ("409 in progress",    &[],     BACKOFF, &[]),
    ("422",                &[],     &[],     &[]),
    ("500",                BACKOFF, BACKOFF, &[]),
    ("501",                &[],     &[],     &[]),
    ("502",                BACKOFF, BACKOFF, &[]),
    ("503 seconds",        &[4000, 4000], &[4000, 4000], &[]),
    ("504",                BACKOFF, BACKOFF, &[]),
    ("invalid input",      &[],     &[],     &[]),
    ("token store",        &[],     &[],     &[]),
    ("refresh failed",     &[],     &[],     &[]),
];

/// Runs the loop over scripted outcomes; `None` is a success. Answers with what came of it, and with
/// what was left of the time at each attempt.
async fn run(
    class: Class,
    stage: &Stage,
    budget: &Budget,
    deadline: Duration,
    takes: Duration,
    outcomes: &[Option<&str>],
) -> (Result<(), Error>, Vec<Duration>) {
    let next = Cell::new(0);
    let left = RefCell::new(Vec::new());
    let policies = Policies {
        verdict: |error: &Error| class.verdict(error),
        max_attempts: MAX_ATTEMPTS,
        backoff: &Backoff::default(),
        budget,
        deadline,
    };
    let outcome = repeat(policies, stage, |attempt| {
        let at = next.replace(next.get() + 1);
        assert_eq!(usize::try_from(attempt.resent).unwrap(), at);
        left.borrow_mut().push(attempt.left);
        stage.pass(takes);
        let name = outcomes.get(at).copied().expect("one attempt too many");
        async move { name.map_or(Ok(()), |name| Err(failure(name))) }
    })
    .await;
    (outcome, left.into_inner())
}

#[tokio::test]
async fn the_whole_table() {
    for (name, repeatable, keyed, once) in TABLE {
        for (class, waits) in [
            (Class::Repeatable, repeatable),
            (Class::Keyed, keyed),
            (Class::Once, once),
        ] {
            let stage = Stage::default();
            let outcomes = vec![Some(*name); waits.len() + 1];
            let (outcome, attempts) = run(
                class,
                &stage,
                &Budget::default(),
                100 * SECOND,
                Duration::ZERO,
                &outcomes,
            )
            .await;
            let error = outcome.unwrap_err();
            assert_eq!(attempts.len(), waits.len() + 1, "{class:?} after {name}");
            assert_eq!(error.attempts() as usize, attempts.len());
            let expected: Vec<_> = waits.iter().copied().map(Duration::from_millis).collect();
            assert_eq!(stage.slept(), expected, "{class:?} after {name}");
        }
    }
}

#[tokio::test]
async fn a_success_ends_it() {
    let stage = Stage::default();
    let outcomes = [Some("503 seconds"), None];
    let (outcome, attempts) = run(
        Class::Repeatable,
        &stage,
        &Budget::default(),
        100 * SECOND,
        SECOND,
        &outcomes,
    )
    .await;
    outcome.unwrap();
    assert_eq!(attempts, [100 * SECOND, 95 * SECOND]);
}

#[tokio::test]
async fn what_follows_another_failure_is_judged_anew() {
    // Proven unsent, then unknown: a call is not sent a third time.
    let stage = Stage::default();
    let outcomes = [Some("refused connection"), Some("reset")];
    let (outcome, attempts) = run(
        Class::Once,
        &stage,
        &Budget::default(),
        100 * SECOND,
        Duration::ZERO,
        &outcomes,
    )
    .await;
    assert_eq!(outcome.unwrap_err().was_sent(), WasSent::Maybe);
    assert_eq!(attempts.len(), 2);
}

#[tokio::test]
async fn a_refusal_does_not_take_back_what_an_earlier_attempt_may_have_done() {
    for (first, then, expected) in [
        ("reset", "402", WasSent::Maybe),
        ("cut body", "422", WasSent::Maybe),
        ("503 seconds", "401", WasSent::Maybe),
        ("409 in progress", "404", WasSent::Maybe),
        ("refused connection", "402", WasSent::Yes),
        ("429 neither", "402", WasSent::Yes),
    ] {
        let outcomes = [Some(first), Some(then)];
        let (outcome, attempts) = run(
            Class::Keyed,
            &Stage::default(),
            &Budget::default(),
            100 * SECOND,
            Duration::ZERO,
            &outcomes,
        )
        .await;
        let error = outcome.unwrap_err();
        assert_eq!(attempts.len(), 2);
        assert_eq!(error.was_sent(), expected, "{first}, then {then}");
        assert_eq!(error.is_outcome_unknown(), expected == WasSent::Maybe);
    }
}

#[tokio::test]
async fn no_sleep_passes_the_deadline() {
    for (deadline, takes, attempts) in [
        // 7 s would end with the deadline, and leave nothing for the attempt.
        (7 * SECOND, Duration::ZERO, 1),
        (8 * SECOND, Duration::ZERO, 2),
        (8 * SECOND, SECOND, 1),
        (15 * SECOND, Duration::ZERO, 3),
        (15 * SECOND, SECOND, 2),
    ] {
        let stage = Stage::default();
        let outcomes = [Some("429 seconds"); 3];
        let (outcome, seen) = run(
            Class::Once,
            &stage,
            &Budget::default(),
            deadline,
            takes,
            &outcomes,
        )
        .await;
        assert!(outcome.unwrap_err().is_rate_limit());
        assert_eq!(seen.len(), attempts, "{deadline:?} {takes:?}");
        assert!(seen.iter().all(|left| !left.is_zero()));
        assert!(stage.now() < deadline + takes);
    }
}

#[tokio::test]
async fn the_budget_is_shared_and_comes_back() {
    let budget = Budget::default();
    let mut attempts = 0;
    for _ in 0..8 {
        let outcomes = [Some("500"); 3];
        let stage = Stage::default();
        let deadline = 100 * SECOND;
        let run = run(
            Class::Repeatable,
            &stage,
            &budget,
            deadline,
            Duration::ZERO,
            &outcomes,
        );
        attempts += run.await.1.len();
    }
    // 8 first ones, and 10 more in all.
    assert_eq!(attempts, 18);

    let stage = Stage::default();
    let success = [None];
    let once = run(
        Class::Repeatable,
        &stage,
        &budget,
        SECOND,
        Duration::ZERO,
        &success,
    );
    once.await.0.unwrap();
    let outcomes = [Some("500"); 2];
    let again = run(
        Class::Repeatable,
        &stage,
        &budget,
        100 * SECOND,
        Duration::ZERO,
        &outcomes,
    );
    assert_eq!(again.await.1.len(), 2);
}

#[test]
fn what_class_an_operation_has() {
    for operation in OPERATIONS {
        let class = Class::of(operation, false);
        let repeatable = operation.method == Method::GET || operation.method == Method::PUT;
        assert_eq!(class == Class::Repeatable, repeatable, "{}", operation.id);
        assert_ne!(class, Class::Keyed);
    }
    assert_eq!(Class::of(row("calls_create"), true), Class::Keyed);
    assert_eq!(Class::of(row("calls_create"), false), Class::Once);
    assert_eq!(RETRY_AFTER.as_str(), "retry-after");
}
