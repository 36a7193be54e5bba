//! Looks in time that passes by itself.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::*;
use crate::error::{ErrorKind, WasSent};
use crate::types::Goal;

/// A status, or why there is none.
type State = Result<&'static str, fn() -> Error>;

/// Says what it is told, the last for ever, and notes when it was asked.
struct Script {
    states: VecDeque<State>,
    looks: Arc<Mutex<Vec<Duration>>>,
    since: tokio::time::Instant,
}

fn goal(status: &str) -> Goal {
    serde_json::from_value(json!({"id": "g", "title": "t", "status": status})).unwrap()
}

impl Read for Script {
    type State = Goal;

    async fn read(&mut self, _: Duration) -> Result<Goal, Error> {
        self.looks.lock().unwrap().push(self.since.elapsed());
        let state = if self.states.len() > 1 {
            self.states.pop_front().unwrap()
        } else {
            self.states.front().copied().unwrap()
        };
        state.map(goal).map_err(|error| error())
    }
}

struct Quiet(Machine);

impl Surroundings for Quiet {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send {
        self.0.sleep(time)
    }

    /// Without jitter.
    fn fraction(&self) -> f64 {
        1.0
    }
}

type Looks = Arc<Mutex<Vec<Duration>>>;

fn watch(states: &[State], pace: Pace, deadline: u64) -> (Watch<Script, Quiet>, Looks) {
    let looks = Looks::default();
    let script = Script {
        states: states.iter().copied().collect(),
        looks: Arc::clone(&looks),
        since: tokio::time::Instant::now(),
    };
    let deadline = Duration::from_secs(deadline);
    (
        Watch::new(script, Quiet(Machine::new()), pace, deadline),
        looks,
    )
}

fn doubling() -> Pace {
    Pace::Backoff(Backoff {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(20),
        ..Backoff::default()
    })
}

fn seconds(looks: &Looks) -> Vec<u64> {
    let looks = looks.lock().unwrap();
    looks.iter().map(Duration::as_secs).collect()
}

fn broken() -> Error {
    Error::example(ErrorKind::Transport, WasSent::Maybe)
}

fn not_found() -> Error {
    Error::answered(StatusCode::NOT_FOUND, &HeaderMap::new(), b"")
}

fn busy() -> Error {
    let headers = [(http::header::RETRY_AFTER, "7".parse().unwrap())];
    let headers = HeaderMap::from_iter(headers);
    Error::answered(StatusCode::TOO_MANY_REQUESTS, &headers, b"")
}

#[tokio::test(start_paused = true)]
async fn looks_less_often_while_nothing_changes() {
    let mut states = vec![Ok("active"); 8];
    states.extend([Ok("in_progress"), Ok("in_progress"), Ok("completed")]);
    let (watch, looks) = watch(&states, doubling(), 600);
    let goal = watch.settled().await.unwrap();
    assert_eq!(goal.status.as_str(), "completed");
    // 1, 2, 4, 8, 16, 20, 20 s; the change is seen after 20 more; then 1 and 2 again.
    assert_eq!(seconds(&looks), [0, 1, 3, 7, 15, 31, 51, 71, 91, 92, 94]);
}

#[tokio::test(start_paused = true)]
async fn looks_at_fixed_intervals() {
    let states = [Ok("active"), Ok("active"), Ok("pending"), Ok("cancelled")];
    let (watch, looks) = watch(&states, Pace::Every(Duration::from_secs(3)), 600);
    watch.settled().await.unwrap();
    assert_eq!(seconds(&looks), [0, 3, 6, 9]);
}

#[test]
fn jitter_takes_half_at_most() {
    let second = Duration::from_secs(1);
    assert_eq!(doubling().wait(0, 0.0), second / 2);
    assert_eq!(doubling().wait(0, 1.0), second);
    assert_eq!(doubling().wait(30, 0.0), second * 10);
}

#[tokio::test(start_paused = true)]
async fn what_settles_it() {
    for status in [
        "completed",
        "cancelled",
        "archived",
        "failed",
        "needs_input",
    ] {
        let (watch, looks) = watch(&[Ok(status)], doubling(), 600);
        assert_eq!(watch.settled().await.unwrap().status.as_str(), status);
        assert_eq!(seconds(&looks), [0]);
    }
    for status in ["active", "pending", "in_progress", "a_new_word"] {
        let (watch, _) = watch(&[Ok(status)], doubling(), 600);
        let error = watch.settled().await.unwrap_err();
        assert!(error.is_timeout(), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_kept() {
    let started = tokio::time::Instant::now();
    let (watch, looks) = watch(&[Ok("active")], doubling(), 10);
    let error = watch.settled().await.unwrap_err();
    assert_eq!(started.elapsed().as_secs(), 10);
    assert_eq!(seconds(&looks), [0, 1, 3, 7]);
    assert_eq!(
        (error.kind(), error.was_sent()),
        (ErrorKind::Timeout, WasSent::Yes)
    );
    assert!(error.to_string().contains("goes on"), "{error}");
    assert!(std::error::Error::source(&error).is_none());
}

#[tokio::test(start_paused = true)]
async fn failures_that_pass_are_outlasted() {
    let states = [
        Ok("active"),
        Err(broken as fn() -> Error),
        Err(busy),
        Ok("completed"),
    ];
    let (watch, looks) = watch(&states, doubling(), 600);
    watch.settled().await.unwrap();
    // The service asked for 7 s.
    assert_eq!(seconds(&looks), [0, 1, 3, 10]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_lasts_stands_behind_the_timeout() {
    let (watch, _) = watch(&[Err(broken)], doubling(), 30);
    let error = watch.settled().await.unwrap_err();
    assert!(error.is_timeout());
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test(start_paused = true)]
async fn other_failures_end_it() {
    let (watch, looks) = watch(&[Ok("active"), Err(not_found)], doubling(), 600);
    let error = watch.settled().await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(seconds(&looks).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn states_are_given_once_and_end() {
    let states = [
        Ok("pending"),
        Ok("pending"),
        Ok("active"),
        Err(broken as fn() -> Error),
        Ok("active"),
        Ok("needs_input"),
    ];
    let (watch, _) = watch(&states, doubling(), 600);
    let mut states = States {
        inner: streams::stream(watch),
    };
    let mut seen = Vec::new();
    while let Some(goal) = states.try_next().await.unwrap() {
        seen.push(goal.status.to_string());
    }
    assert_eq!(seen, ["pending", "active", "needs_input"]);
    assert!(states.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_select_loop_loses_no_state() {
    let states = [
        Ok("pending"),
        Ok("active"),
        Ok("in_progress"),
        Ok("completed"),
    ];
    let (watch, looks) = watch(&states, Pace::Every(Duration::from_secs(2)), 600);
    let mut states = States {
        inner: streams::stream(watch),
    };
    let mut seen = 0;
    let mut ticks = 0;
    loop {
        tokio::select! {
            state = states.next() => match state {
                Some(state) => {
                    state.unwrap();
                    seen += 1;
                }
                None => break,
            },
            () = tokio::time::sleep(Duration::from_millis(300)) => ticks += 1,
        }
    }
    assert_eq!(seen, 4);
    assert!(ticks >= 18);
    assert_eq!(seconds(&looks), [0, 2, 4, 6]);
}
