//! Real, manual and polled time.

use std::time::Duration;

use kallyai_sandbox::{Clock, Sandbox};

use crate::api::{Api, answer};

#[tokio::test]
async fn by_the_real_clock_the_answer_comes_when_the_call_is_over() {
    let api = Api::new(Sandbox::builder().call_seconds(0.2)).await;
    let before = std::time::Instant::now();
    let (status, body) = answer(api.call("+12025550199")).await;
    assert!(before.elapsed() >= Duration::from_millis(200));
    assert_eq!(
        (status.as_u16(), body["status"].as_str()),
        (201, Some("success"))
    );
}

#[tokio::test]
async fn a_call_follows_the_manual_clock() {
    let api = Api::new(Sandbox::builder().clock(Clock::Manual).call_seconds(3.0)).await;
    let waiting = tokio::spawn(answer(api.call("+12025550199")));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    for status in ["queued", "ringing", "in_progress"] {
        let list = api.json("/v1/calls").await;
        assert_eq!(list["calls"][0]["status"], status);
        assert!(list["calls"][0].get("highlights").is_none());
        assert!(!waiting.is_finished());
        api.sandbox.advance(Duration::from_secs(1));
    }
    let (status, body) = waiting.await.unwrap();
    assert_eq!(
        (status.as_u16(), body["status"].as_str()),
        (201, Some("success"))
    );
    assert_eq!(body["metadata"]["created_at"], "2026-02-14T18:00:00Z");
    assert_eq!(body["metadata"]["ended_at"], "2026-02-14T18:00:03Z");
}

#[tokio::test]
async fn every_get_takes_one_step() {
    // Long enough that nothing happens by itself.
    let api = Api::new(
        Sandbox::builder()
            .clock(Clock::PerPoll)
            .call_seconds(3000.0),
    )
    .await;
    let waiting = tokio::spawn(answer(api.call("+12025550199")));
    while api.sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    for status in ["queued", "ringing", "in_progress", "success"] {
        assert_eq!(api.json("/v1/calls").await["calls"][0]["status"], status);
    }
    assert_eq!(waiting.await.unwrap().0, 201);
}

#[tokio::test]
async fn a_post_alone_runs_to_its_end() {
    let api = Api::new(Sandbox::builder().clock(Clock::PerPoll).call_seconds(0.1)).await;
    let (status, body) = answer(api.call("+12025550101")).await;
    assert_eq!(
        (status.as_u16(), body["status"].as_str()),
        (201, Some("no_answer"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_paused_runtime_does_not_stop_the_world() {
    let sandbox = Sandbox::builder().call_seconds(0.05).start().await.unwrap();
    // Without timeout: paused time would run into it at once.
    let client = crate::api::client_builder().build().unwrap();
    let status = client
        .post(format!("{}/v1/calls", sandbox.base_url()))
        .bearer_auth(sandbox.access_token())
        .json(&crate::api::call("+12025550199"))
        .send()
        .await
        .unwrap()
        .status();
    assert_eq!(status, 201);
}
