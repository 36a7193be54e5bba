//! What is not sent where it could be too much.

use kallyai_sandbox::Sandbox;

use crate::support::{Home, Printed, kallyai};

const NUMBER: &str = "+12025550199";

#[tokio::test]
async fn a_key_of_ones_own_is_not_placed_without_its_log() {
    // The service forgets keys: only the log knows.
    let builder = Sandbox::builder().call_seconds(0.0).ignore_idempotency(true);
    let sandbox = builder.start().await.unwrap();
    let home = Home::new();
    let call = || {
        let mut command = home.kallyai(&sandbox);
        command.args(["calls", "make", "-p", NUMBER, "-t", "Ask when they open"]);
        command
            .args(["--idempotency-key", "visit-17"])
            .output()
            .unwrap()
    };
    assert_eq!(call().status.code(), Some(0));
    let log = home.path().join("state/kallyai/calls.log");
    let mut damaged = std::fs::read_to_string(&log).unwrap();
    damaged.insert_str(0, "what is this?\n");
    std::fs::write(&log, damaged).unwrap();
    let again = call();
    assert_eq!(again.status.code(), Some(1), "{}", again.out());
    assert!(again.err().contains("\"call_log\""), "{}", again.err());
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test]
async fn a_server_for_agents_is_no_dry_run() {
    let sandbox = Sandbox::start().await.unwrap();
    let ran = kallyai(&sandbox)
        .args(["mcp", "--dry-run"])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(2), "{}", ran.err());
    assert!(ran.err().contains("--dry-run"), "{}", ran.err());
}

#[tokio::test]
async fn a_word_that_could_mean_always_sends_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    for word in ["Always", "1", "true"] {
        let ran = kallyai(&sandbox)
            .env("KALLYAI_CONFIRM", word)
            .args(["search", "quick", "florist"])
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(2), "{word}: {}", ran.err());
        assert!(ran.err().contains("KALLYAI_CONFIRM"), "{}", ran.err());
    }
    assert!(sandbox.journal().is_empty());
    let ran = kallyai(&sandbox)
        .env("KALLYAI_CONFIRM", "")
        .args(["search", "quick", "florist"])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", ran.err());
}
