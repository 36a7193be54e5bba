//! The page at `/`, the feed behind it, and the transcript that grows.

use std::time::Duration;

use kallyai_sandbox::{Clock, Fault, FaultKind, Sandbox};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::api::{Api, answer, call, quick, refused};

const LIFE: Duration = Duration::from_secs(30);
const ADA: &str = "+12025550142";

async fn manual() -> Api {
    Api::new(Sandbox::builder().clock(Clock::Manual).call_seconds(30.0)).await
}

/// The feed, read picture by picture.
struct Feed {
    response: Response,
    text: String,
    /// What was shown last.
    world: Value,
}

impl Feed {
    async fn open(api: &Api) -> Self {
        let request = api.bare(Method::GET, "/_sandbox/live");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(
            !response
                .headers()
                .contains_key("access-control-allow-origin")
        );
        Self {
            response,
            text: String::new(),
            world: Value::Null,
        }
    }

    /// The next picture; none at the end, an error when the connection breaks.
    async fn next(&mut self) -> Result<Option<Value>, reqwest::Error> {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                if let Some(data) = block.strip_prefix("data: ") {
                    let picture: Value = serde_json::from_str(data).unwrap();
                    self.world = picture["world"].clone();
                    return Ok(Some(picture));
                }
            }
            match self.response.chunk().await? {
                Some(bytes) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                None => return Ok(None),
            }
        }
    }

    /// The world as soon as it looks like that.
    async fn until(&mut self, holds: impl Fn(&Value) -> bool) -> Value {
        while self.world.is_null() || !holds(&self.world) {
            self.next().await.unwrap().unwrap();
        }
        self.world.clone()
    }
}

/// Places a call that waits for the clock, and answers with its id.
async fn dial(api: &Api, body: &Value) -> (String, tokio::task::JoinHandle<Value>) {
    let before = api.sandbox.dialled().len();
    let request = api.post("/v1/calls", body);
    let waiting = tokio::spawn(async move { answer(request).await.1 });
    while api.sandbox.dialled().len() == before {
        tokio::task::yield_now().await;
    }
    (api.sandbox.dialled()[before].call_id.clone(), waiting)
}

#[tokio::test]
async fn the_page_needs_no_token_and_allows_nothing_from_elsewhere() {
    let api = Api::quick().await;
    let page = api.bare(Method::GET, "/").send().await.unwrap();
    assert_eq!(page.status(), 200);
    let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let policy = header("content-security-policy");
    for part in [
        "default-src 'none'",
        "script-src 'sha256-",
        "style-src 'sha256-",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{policy}"
    );
    let text = page.text().await.unwrap();
    assert!(text.starts_with("<!doctype html>"), "{text}");
    assert!(!text.contains(api.sandbox.access_token()));
    // Handlers that stand in the markup would need another policy.
    for line in text.split("<script").next().unwrap().lines() {
        assert!(
            !line.contains(" onclick=") && !line.contains(" style="),
            "{line}"
        );
    }
    let elsewhere = api.bare(Method::GET, "/").header("host", "evil.example");
    assert_eq!(answer(elsewhere).await.0, 421);
    let elsewhere = api
        .bare(Method::GET, "/_sandbox/live")
        .header("host", "evil.example");
    assert_eq!(answer(elsewhere).await.0, 421);
    refused(api.post("/", &json!({})), 404, "not_found").await;
    assert_eq!(api.sandbox.journal().len(), 1, "the page is not recorded");
}

#[tokio::test]
async fn the_feed_shows_a_call_and_its_transcript_as_it_grows() {
    let api = manual().await;
    let mut feed = Feed::open(&api).await;
    let empty = feed.until(|_| true).await;
    assert_eq!(empty["calls"], json!([]));
    assert_eq!(
        empty["clock"],
        json!({ "kind": "manual", "advanced_seconds": 0.0, "step_seconds": 10.0 })
    );
    let mut body = call("+12025550199");
    body["submission"]["task_description"] = json!("<img src=x onerror=alert(1)>");
    let (id, waiting) = dial(&api, &body).await;
    let world = feed.until(|world| world["calls"][0].is_object()).await;
    let shown = &world["calls"][0];
    assert_eq!(
        (&shown["id"], &shown["direction"]),
        (&json!(id), &json!("out"))
    );
    assert_eq!(
        (&shown["status"], &shown["is_over"]),
        (&json!("queued"), &json!(false))
    );
    assert_eq!(shown["task"], "<img src=x onerror=alert(1)>");
    assert_eq!(shown["transcript"], json!([]));
    let mut lengths = Vec::new();
    for _ in 0..5 {
        api.sandbox.advance(LIFE / 5);
        let advanced = json!(lengths.len() * 6 + 6);
        let world = feed
            .until(|world| world["clock"]["advanced_seconds"].as_f64() == advanced.as_f64())
            .await;
        lengths.push(world["calls"][0]["transcript"].as_array().unwrap().len());
    }
    assert_eq!(lengths[..3], [0, 0, 0], "{lengths:?}");
    assert!(0 < lengths[3] && lengths[3] < lengths[4], "{lengths:?}");
    let placed = waiting.await.unwrap();
    let world = feed
        .until(|world| world["journal"][0]["status"] == json!(201))
        .await;
    let shown = &world["calls"][0];
    assert_eq!(
        (&shown["status"], &shown["is_over"]),
        (&json!("success"), &json!(true))
    );
    assert_eq!(shown["credits"], placed["credits_used"]);
    let entry = &world["credits"]["history"]["entries"][0];
    assert_eq!(entry["credits"], placed["credits_used"]);
    let request = json!({
        "seq": 1,
        "operation_id": "calls_create",
        "method": "POST",
        "path": "/v1/calls",
        "status": 201,
    });
    assert_eq!(world["journal"], json!([request]));
    let whole = api.json(&format!("/v1/calls/{id}/transcript")).await;
    assert_eq!(shown["transcript"], whole["entries"]);
}

#[tokio::test]
async fn the_feed_shows_who_rings_faults_and_goals() {
    let api = manual().await;
    let mut feed = Feed::open(&api).await;
    api.sandbox
        .ring(ADA, ["Hello", "Please call back"])
        .unwrap();
    let world = feed.until(|world| world["calls"][0].is_object()).await;
    assert_eq!(world["calls"][0]["direction"], "in");
    assert_eq!(world["calls"][0]["status"], "ringing");
    api.sandbox.advance(LIFE / 2);
    let world = feed
        .until(|world| world["calls"][0]["status"] == "assistant")
        .await;
    let said = world["calls"][0]["transcript"].as_array().unwrap().len();
    api.sandbox.advance(LIFE / 3);
    let more = |world: &Value| world["calls"][0]["transcript"].as_array().unwrap().len() > said;
    feed.until(more).await;

    api.sandbox
        .inject(Fault::on("calls_list", FaultKind::ServerError { status: 503 }).times(2));
    let world = feed.until(|world| world["faults"][0].is_object()).await;
    let fault = json!({
        "operation_id": "calls_list", "fault": "server_error", "status": 503, "times": 2,
    });
    assert_eq!(world["faults"], json!([fault]));
    refused(api.get("/v1/calls"), 503, "internal_error").await;
    let world = feed
        .until(|world| world["journal"][0]["status"] == json!(503))
        .await;
    assert_eq!(world["faults"][0]["times"], 1);
    api.sandbox.clear_faults();
    feed.until(|world| world["faults"] == json!([])).await;
    let code = "call_not_found".to_owned();
    api.sandbox
        .inject(Fault::on("calls_get", FaultKind::Published { code }));
    let fault = json!({
        "operation_id": "calls_get", "fault": "error", "code": "call_not_found", "times": 1,
    });
    feed.until(|world| world["faults"] == json!([fault])).await;
    api.sandbox.clear_journal();
    feed.until(|world| world["journal"] == json!([])).await;

    let message = json!({ "message": "[ask] Find a dentist" });
    answer(api.post("/v1/coordination/message", &message)).await;
    let world = feed.until(|world| world["goals"][0].is_object()).await;
    assert_eq!(world["goals"][0]["steps"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_feed_shows_what_has_come_and_what_has_left() {
    let api = Api::quick().await;
    api.placed().await;
    let mut state = api.json("/_sandbox/state").await;
    let letter = json!({
        "carrier": "email",
        "to": "ada@example.com",
        "subject": "Tonight",
        "text": "A table for four",
        "at": "2026-02-14T18:00:00Z",
    });
    state["sent"] = json!([letter]);
    let load = api.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    let mut feed = Feed::open(&api).await;
    let world = feed.until(|_| true).await;
    let came = api.json("/v1/messages/inbox").await["messages"].clone();
    assert_eq!(world["inbox"], came);
    assert!(world["inbox"][0].is_object());
    let left = api.json("/_sandbox/sent").await["sent"].clone();
    assert_eq!(world["sent"], left);
    assert_eq!(world["sent"][0]["subject"], "Tonight");
}

#[tokio::test]
async fn a_request_that_waits_is_shown_before_it_is_answered() {
    let api = manual().await;
    let mut feed = Feed::open(&api).await;
    api.sandbox
        .inject(Fault::everywhere(FaultKind::Latency(Duration::from_secs(
            3600,
        ))));
    let request = api.get("/v1/credits/balance");
    let waiting = tokio::spawn(request.send());
    let world = feed.until(|world| world["journal"][0].is_object()).await;
    assert_eq!(world["journal"][0]["operation_id"], "credits_balance");
    assert_eq!(world["journal"][0]["status"], Value::Null);
    waiting.abort();
}

#[tokio::test]
async fn by_the_real_clock_a_talk_grows_by_itself() {
    let api = Api::new(Sandbox::builder().call_seconds(3.0)).await;
    let mut feed = Feed::open(&api).await;
    let (_, waiting) = dial(&api, &call("+12025550199")).await;
    let mut lengths = Vec::new();
    feed.until(|world| world["calls"][0].is_object()).await;
    loop {
        feed.next().await.unwrap().unwrap();
        let shown = &feed.world["calls"][0];
        let length = shown["transcript"].as_array().unwrap().len();
        if lengths.last() != Some(&length) {
            lengths.push(length);
        }
        if shown["is_over"] == true {
            break;
        }
    }
    assert!(lengths.is_sorted() && lengths.len() > 3, "{lengths:?}");
    waiting.await.unwrap();
}

#[tokio::test]
async fn to_watch_is_not_to_poll() {
    let clock = Sandbox::builder()
        .clock(Clock::PerPoll)
        .call_seconds(3000.0);
    let api = Api::new(clock).await;
    let mut feed = Feed::open(&api).await;
    api.sandbox.ring(ADA, ["Hello"]).unwrap();
    let world = feed.until(|world| world["calls"][0].is_object()).await;
    assert_eq!(world["clock"]["advanced_seconds"], 0.0);
    for path in ["/", "/_sandbox/faults", "/_sandbox/calls"] {
        assert_eq!(answer(api.bare(Method::GET, path)).await.0, 200);
    }
    api.sandbox.ring(ADA, ["Hello"]).unwrap();
    let world = feed.until(|world| world["calls"][1].is_object()).await;
    assert_eq!(world["clock"]["advanced_seconds"], 0.0);
    api.json("/v1/calls").await;
    feed.until(|world| world["clock"]["advanced_seconds"] == 1000.0)
        .await;
}

#[tokio::test]
async fn a_picture_holds_the_last_of_everything_and_no_long_text() {
    let api = Api::new(quick()).await;
    let mut body = call("+12025550199");
    let mut wishes = vec!["More bread".to_owned(); 500];
    wishes.push("é".repeat(5000));
    body["submission"]["additional_instructions"] = json!(wishes);
    for _ in 0..70 {
        let (status, _) = answer(api.post("/v1/calls", &body)).await;
        assert_eq!(status, 201);
    }
    let last = api.sandbox.dialled()[69].call_id.clone();
    let mut feed = Feed::open(&api).await;
    let world = feed.until(|_| true).await;
    let length = |value: &Value| value.as_array().unwrap().len();
    assert_eq!(world["calls"][0]["id"], last.as_str());
    assert_eq!(
        (length(&world["calls"]), length(&world["journal"])),
        (30, 60)
    );
    assert_eq!(world["journal"][0]["seq"], 70);
    assert_eq!(length(&world["calls"][0]["transcript"]), 60);
    let turns = world["calls"][0]["transcript"].as_array().unwrap();
    let lengths = turns
        .iter()
        .map(|turn| turn["content"].as_str().unwrap().chars().count());
    assert_eq!(lengths.max(), Some(1201), "with an ellipsis");
}

#[tokio::test]
async fn a_feed_ends_with_its_world_and_with_the_sandbox() {
    let api = manual().await;
    let mut feed = Feed::open(&api).await;
    feed.until(|_| true).await;
    api.sandbox.reset();
    assert_eq!(feed.next().await.unwrap(), None, "a clean end");
    let state = api.json("/_sandbox/state").await;
    let mut feed = Feed::open(&api).await;
    let load = api.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    while let Some(picture) = feed.next().await.unwrap() {
        assert!(picture["world"].is_object());
    }
    let mut feed = Feed::open(&api).await;
    feed.until(|_| true).await;
    drop(api);
    assert!(feed.next().await.is_err(), "it breaks off");
}

#[tokio::test]
async fn a_transcript_can_be_read_while_somebody_talks() {
    let api = manual().await;
    let (id, waiting) = dial(&api, &call("+12025550199")).await;
    let path = format!("/v1/calls/{id}/transcript");
    refused(api.get(&path), 404, "transcript_not_found").await;
    api.sandbox.advance(LIFE / 2);
    refused(api.get(&path), 404, "transcript_not_found").await;
    // When somebody has just answered, the first word is being said.
    api.sandbox.advance(LIFE / 6);
    let mut said = vec![api.json(&path).await["entries"].clone()];
    assert_eq!(said[0].as_array().unwrap().len(), 1);
    for _ in 0..3 {
        api.sandbox.advance(LIFE / 12);
        said.push(api.json(&path).await["entries"].clone());
    }
    api.sandbox.advance(LIFE);
    waiting.await.unwrap();
    said.push(api.json(&path).await["entries"].clone());
    for pair in said.windows(2) {
        let (before, after) = (pair[0].as_array().unwrap(), pair[1].as_array().unwrap());
        assert_eq!(after[..before.len()], before[..], "what was said stays");
    }
    let lengths: Vec<usize> = said
        .iter()
        .map(|said| said.as_array().unwrap().len())
        .collect();
    assert!(
        lengths[1..].is_sorted_by(|one, next| one < next),
        "{lengths:?}"
    );
}

#[tokio::test]
async fn a_call_that_is_stopped_keeps_what_was_said() {
    let api = manual().await;
    // At once when somebody answers, and later.
    for part in [20, 26] {
        let (id, waiting) = dial(&api, &call("+12025550199")).await;
        let path = format!("/v1/calls/{id}/transcript");
        api.sandbox.advance(Duration::from_secs(part));
        let said = api.json(&path).await;
        let stop = api.post(&format!("/v1/calls/{id}/stop"), &json!({}));
        assert_eq!(answer(stop).await.0, 200);
        assert_eq!(waiting.await.unwrap()["status"], "terminated");
        api.sandbox.advance(LIFE);
        assert_eq!(api.json(&path).await, said);
    }
}

#[tokio::test]
async fn what_is_said_in_a_hidden_call_is_hidden() {
    let builder = Sandbox::builder().clock(Clock::Manual).call_seconds(30.0);
    let api = Api::new(builder.hide_active(true)).await;
    let (id, waiting) = dial(&api, &call("+12025550199")).await;
    let path = format!("/v1/calls/{id}/transcript");
    api.sandbox.advance(LIFE * 5 / 6);
    refused(api.get(&path), 404, "call_not_found").await;
    api.sandbox.advance(LIFE);
    waiting.await.unwrap();
    assert!(api.json(&path).await["entries"].is_array());
}
