//! The binary: one line on stdout, logs on stderr, an end within a second.

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::api::{answer, call, client};

pub(crate) async fn start(arguments: &[&str]) -> (Child, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kallyai-sandbox"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).await.unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

#[cfg(unix)]
#[tokio::test]
async fn it_prints_one_line_serves_and_ends() {
    let (mut child, line) = start(&[
        "--seed",
        "3",
        "--clock",
        "per-poll",
        "--call-seconds",
        "0.01",
        "--auto-approve",
        "--strict-rotation",
        "--keep-refresh-token",
        "--ignore-idempotency",
        "--hide-active",
        "--no-event-stream",
    ])
    .await;
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    assert_eq!(line.as_object().unwrap().len(), 5);
    let base_url = text("base_url");
    assert!(base_url.starts_with("http://127.0.0.1:") && !base_url.ends_with('/'));
    let request = client()
        .post(format!("{base_url}/v1/calls"))
        .bearer_auth(text("access_token"))
        .json(&call("+12025550199"));
    assert_eq!(answer(request).await.0, 201);
    let events = client()
        .get(format!("{base_url}/v1/inbound/events"))
        .header("accept", "text/event-stream")
        .bearer_auth(text("access_token"));
    assert_eq!(answer(events).await.1["items"], json!([]));

    terminate(&mut child).await;

    let mut log = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut log).await.unwrap();
    assert!(log.contains("calls_create"), "{log}");
    assert!(log.contains(&format!(" {base_url}/\n")), "{log}");
    for name in ["access_token", "refresh_token", "client_secret"] {
        assert!(text(name).starts_with("sbx_"));
        assert!(!log.contains(&text(name)));
    }
    assert!(!log.contains("12025550199") && !log.contains("table"));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_tokens() {
    let (_one, first) = start(&["--seed", "5"]).await;
    let (_two, second) = start(&["--seed", "5"]).await;
    assert_eq!(first["access_token"], second["access_token"]);
    assert_ne!(first["base_url"], second["base_url"]);
}

#[cfg(unix)]
async fn terminate(child: &mut Child) {
    let before = Instant::now();
    let id = child.id().unwrap().to_string();
    let killed = Command::new("kill").args(["-TERM", &id]).status().await;
    assert!(killed.unwrap().success());
    assert!(child.wait().await.unwrap().success());
    // One second is promised; a machine that is busy with other things gets three.
    assert!(
        before.elapsed() < Duration::from_secs(3),
        "{:?}",
        before.elapsed()
    );
}

/// A pipe holds 64 KiB: far less than the log of these requests.
#[cfg(unix)]
#[tokio::test]
async fn a_log_that_nobody_reads_stops_nothing() {
    let (mut child, line) = start(&[]).await;
    let http = client();
    let url = format!("{}/v1/credits/costs", line["base_url"].as_str().unwrap());
    for _ in 0..1500 {
        assert_eq!(http.get(&url).send().await.unwrap().status(), 200);
    }
    terminate(&mut child).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_closed_log_stops_nothing() {
    let (mut child, line) = start(&[]).await;
    drop(child.stderr.take());
    let http = client();
    let url = format!("{}/v1/credits/costs", line["base_url"].as_str().unwrap());
    for _ in 0..20 {
        assert_eq!(http.get(&url).send().await.unwrap().status(), 200);
    }
    terminate(&mut child).await;
}

/// A deep list of the longest body keeps the world busy; the end does not wait for it.
#[cfg(unix)]
#[tokio::test]
async fn the_end_does_not_wait_for_long_work() {
    let (mut child, line) = start(&[]).await;
    let mut body = call("+12025550199");
    body["submission"]["extra"] = json!(vec![json!({ "a": 1 }); 1_000_000]);
    let request = client()
        .post(format!("{}/v1/calls", line["base_url"].as_str().unwrap()))
        .bearer_auth(line["access_token"].as_str().unwrap())
        .json(&body);
    let asked = tokio::spawn(async move { request.send().await.map(|answer| answer.status()) });
    // Nothing tells when the work has begun; whenever this comes, the end is in time.
    tokio::time::sleep(Duration::from_millis(300)).await;
    terminate(&mut child).await;
    // An answer, or none: that is not the matter here.
    let _ = asked.await.unwrap();
}
