//! What is not sent where it could be too much.

use kallyai_sandbox::Sandbox;

use crate::support::{Home, Printed, fed, kallyai};

const NUMBER: &str = "+12025550199";

#[tokio::test]
async fn a_key_of_ones_own_is_not_placed_without_its_log() {
    // The service forgets keys: only the log knows.
    let builder = Sandbox::builder()
        .call_seconds(0.0)
        .ignore_idempotency(true);
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

#[cfg(feature = "jq")]
#[tokio::test]
async fn a_call_that_cannot_be_printed_was_placed() {
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    for more in [&[][..], &["--wait"]] {
        let ran = kallyai(&sandbox)
            .args(["calls", "make", "-p", NUMBER, "-t", "Ask when they open"])
            .args(["--jq", ".status | error"])
            .args(more)
            .output()
            .unwrap();
        assert_eq!(ran.status.code(), Some(1));
        let id = sandbox.dialled().pop().unwrap().call_id;
        let err = ran.err();
        assert!(err.contains("the call was placed, but --jq"), "{err}");
        assert!(err.contains(&format!("kallyai calls info {id}")), "{err}");
    }
}

#[tokio::test]
async fn credentials_go_where_the_command_line_says() {
    let sandbox = Sandbox::start().await.unwrap();
    let mut command = kallyai(&sandbox);
    command.args(["channels", "connect", "whatsapp", "--dry-run"]);
    let ran = fed(
        &mut command,
        r#"{"channel": "telegram", "access_token": "t"}"#,
    );
    let url = ran.json()["url"].as_str().unwrap().to_owned();
    assert!(url.contains("whatsapp"), "{url}");
    assert!(!url.contains("telegram"), "{url}");
}

#[test]
fn a_mistake_in_the_configuration_is_told_as_was_asked_for() {
    let home = Home::new();
    std::fs::write(home.path().join("wrong.toml"), "timeout = 0").unwrap();
    let ran = home
        .command()
        .env("KALLYAI_CONFIG", home.path().join("wrong.toml"))
        .args(["credits", "balance", "--human"])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert!(
        ran.err().starts_with("error: the configuration file "),
        "{}",
        ran.err()
    );
}
