//! A call that is broken off, at any moment, and the key that keeps it one call.

use kallyai_sandbox::{Clock, Sandbox};

use super::CALL;
use crate::support::{Home, Printed, Running, dialled};

/// A world in which a call goes on until somebody lets time pass.
async fn world() -> Sandbox {
    let builder = Sandbox::builder().clock(Clock::Manual).call_seconds(3.0);
    builder.start().await.unwrap()
}

fn over(sandbox: &Sandbox) {
    sandbox.advance(std::time::Duration::from_secs(4));
}

const WITH_KEY: [&str; 2] = ["--idempotency-key", "k-1"];

#[tokio::test]
async fn the_same_key_is_one_call() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    let home = Home::new();
    let run = || {
        home.kallyai(&sandbox)
            .args(CALL)
            .args(WITH_KEY)
            .output()
            .unwrap()
    };
    let (first, second) = (run(), run());
    assert_eq!(first.status.code(), Some(0), "{}", first.err());
    assert_eq!(second.status.code(), Some(0), "{}", second.err());
    assert_eq!(first.json()["call_id"], second.json()["call_id"]);
    assert_eq!(sandbox.dialled().len(), 1);

    // Another call with the key of this one is none.
    let mut other = CALL;
    other[5] = "Ask when they close";
    let error = super::fails(home.kallyai(&sandbox).args(other).args(WITH_KEY), 2);
    assert!(!error.to_string().contains("close"), "{error}");
    assert_eq!(sandbox.dialled().len(), 1);
}

/// Also where the service forgets keys.
#[tokio::test]
async fn two_at_once_are_one_call() {
    let builder = Sandbox::builder().clock(Clock::Manual).call_seconds(3.0);
    let sandbox = builder.ignore_idempotency(true).start().await.unwrap();
    let home = Home::new();
    let start = || Running::start(home.kallyai(&sandbox).args(CALL).args(WITH_KEY));
    let (one, other) = (start(), start());
    dialled(&sandbox);
    over(&sandbox);
    for running in [one, other] {
        let (status, out, err) = running.end();
        assert_eq!(status.code(), Some(0), "{err}");
        assert!(out.concat().contains("success"), "{out:?}");
    }
    assert_eq!(sandbox.dialled().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_run_that_was_killed_is_gone_on_with() {
    let builder = Sandbox::builder().clock(Clock::Manual).call_seconds(3.0);
    let sandbox = builder.ignore_idempotency(true).start().await.unwrap();
    let home = Home::new();
    let start = || Running::start(home.kallyai(&sandbox).args(CALL).args(WITH_KEY));
    let first = start();
    dialled(&sandbox);
    first.signal(rustix::process::Signal::KILL);
    let (status, out, _) = first.end();
    assert_eq!((status.code(), out), (None, vec![]));

    let second = start();
    let seen = sandbox.journal().len();
    while sandbox.journal().len() == seen {
        tokio::task::yield_now().await;
    }
    over(&sandbox);
    let (status, out, err) = second.end();
    assert_eq!(status.code(), Some(0), "{err}");
    assert!(out.concat().contains("success"), "{out:?}");
    assert_eq!(sandbox.dialled().len(), 1);
}

/// Before it is sent, nobody is called; while the request is under way, one call at most.
#[cfg(unix)]
#[tokio::test]
async fn signals() {
    use rustix::process::Signal;

    let sandbox = world().await;
    for wait in ["--wait", "--no-wait"] {
        for signal in [Signal::INT, Signal::TERM] {
            let before = sandbox.dialled().len();
            let home = Home::new();
            let line = [&CALL[..], &[wait]].concat();
            let running = Running::start(home.kallyai(&sandbox).args(&line));
            running.signal(signal);
            let (status, out, _) = running.end();
            assert!(matches!(status.code(), None | Some(130)), "{status}");
            assert_eq!(out, Vec::<String>::new());
            // Whatever it had come to.
            assert!(sandbox.dialled().len() <= before + 1);

            let before = sandbox.dialled().len();
            let running = Running::start(home.kallyai(&sandbox).args(&line));
            while sandbox.dialled().len() == before {
                tokio::task::yield_now().await;
            }
            running.signal(signal);
            let (status, out, err) = running.end();
            assert_eq!(out, Vec::<String>::new());
            if signal == Signal::INT {
                assert_eq!(status.code(), Some(130));
                assert!(err.contains("the call may go on"), "{err}");
            } else {
                assert_eq!(status.code(), None);
            }
            assert_eq!(sandbox.dialled().len(), before + 1);
        }
    }
}
