//! The events of inbound calls, as a log and as a stream; and the time in every answer.

use std::io;
use std::time::Duration;

use kallyai_sandbox::{Clock, Fault, FaultKind, Sandbox};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::api::{Api, answer, refused};
use crate::raw;

const PATH: &str = "/v1/inbound/events";
const ADA: &str = "+12025550142";
const LIFE: Duration = Duration::from_secs(30);

fn builder() -> kallyai_sandbox::Builder {
    Sandbox::builder().clock(Clock::Manual).call_seconds(30.0)
}

async fn manual() -> Api {
    Api::new(builder()).await
}

/// A stream of events, read block by block.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn open(api: &Api, last: Option<&str>) -> Self {
        Self::open_at(api, PATH, last).await
    }

    async fn open_at(api: &Api, path: &str, last: Option<&str>) -> Self {
        let request = api.get(path).header("accept", "text/event-stream");
        let response = match last {
            Some(id) => request.header("last-event-id", id),
            None => request,
        }
        .send()
        .await
        .unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self {
            response,
            text: String::new(),
        };
        let hello = stream.block().await.unwrap();
        assert!(hello.contains("\nretry: 100"), "{hello}");
        stream
    }

    /// The text up to the next empty line; none at the end, an error when the connection breaks.
    async fn block(&mut self) -> Result<String, Option<reqwest::Error>> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                return Ok(block.trim_end().to_owned());
            }
            match self.response.chunk().await {
                Ok(Some(bytes)) => self.text.push_str(std::str::from_utf8(&bytes).unwrap()),
                Ok(None) => return Err(None),
                Err(error) => return Err(Some(error)),
            }
        }
    }

    /// Id, name and data of the next event.
    async fn event(&mut self) -> (String, String, Value) {
        let block = self.block().await.unwrap();
        let field = |name: &str| {
            let mut lines = block.lines();
            lines
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                .unwrap_or_else(|| panic!("{name} in {block}"))
                .to_owned()
        };
        let data = serde_json::from_str(&field("data")).unwrap();
        (field("id"), field("event"), data)
    }
}

#[tokio::test]
async fn every_change_is_an_event_in_the_stream_and_in_the_log() {
    let api = manual().await;
    let mut stream = Stream::open(&api, None).await;
    let id = api.sandbox.ring(ADA, ["Hello"]).unwrap();
    let mut streamed = vec![stream.event().await];
    api.sandbox.advance(LIFE / 3);
    streamed.push(stream.event().await);
    let path = format!("/v1/inbound/calls/{id}/takeover");
    assert_eq!(answer(api.post(&path, &json!({}))).await.0, 200);
    streamed.push(stream.event().await);
    api.sandbox.advance(LIFE);
    streamed.push(stream.event().await);
    // All of a life at once comes in order, and at its own time.
    api.sandbox.ring(ADA, ["Hello"]).unwrap();
    api.sandbox.advance(LIFE);
    for _ in 0..3 {
        streamed.push(stream.event().await);
    }
    let expected = [
        ("call.ringing", "ringing", "18:00:00"),
        ("call.answered", "assistant", "18:00:10"),
        ("call.taken_over", "human", "18:00:10"),
        ("call.completed", "over", "18:00:30"),
        ("call.ringing", "ringing", "18:00:40"),
        ("call.answered", "assistant", "18:00:50"),
        ("call.completed", "over", "18:01:10"),
    ];
    assert_eq!(streamed.len(), expected.len());
    for ((number, (name, live, at)), (seen, event, data)) in (1..).zip(expected).zip(&streamed) {
        let number: u64 = number;
        assert_eq!((seen, event.as_str()), (&format!("e_{number}"), name));
        assert_eq!((&data["id"], &data["type"]), (&json!(seen), &json!(name)));
        assert_eq!(data["live_state"], live);
        assert_eq!(data["created_at"], format!("2026-02-14T{at}Z"));
        assert_eq!(data["caller_number"], ADA);
    }
    assert_eq!(streamed[0].2["call_id"], id.as_str());
    let log = api.json(PATH).await;
    let bodies: Vec<&Value> = streamed.iter().map(|(_, _, data)| data).collect();
    assert_eq!(log, json!({ "items": bodies, "total": 7 }));
    let later = api.json(&format!("{PATH}?from=2026-02-14T18:00:40Z")).await;
    assert_eq!(later["total"], 3);
    refused(
        api.get(&format!("{PATH}?from=soon")),
        400,
        "validation_error",
    )
    .await;
}

#[tokio::test]
async fn a_stream_resumes_behind_the_last_event() {
    let api = manual().await;
    api.sandbox.ring(ADA, ["Hello"]).unwrap();
    api.sandbox.advance(LIFE);
    let mut stream = Stream::open(&api, Some("e_1")).await;
    assert_eq!(stream.event().await.0, "e_2");
    assert_eq!(stream.event().await.0, "e_3");
    api.sandbox.ring(ADA, ["Hello"]).unwrap();
    assert_eq!(stream.event().await.0, "e_4");
    // Without an id it begins now, with one that nobody has given out from the start.
    let mut now = Stream::open(&api, None).await;
    let mut whole = Stream::open(&api, Some("e_99")).await;
    let mut since = Stream::open_at(&api, &format!("{PATH}?from=2026-02-14T18:00:10Z"), None).await;
    assert_eq!(whole.event().await.0, "e_1");
    assert_eq!(since.event().await.0, "e_2");
    api.sandbox.advance(LIFE);
    assert_eq!(now.event().await.0, "e_5");
}

#[tokio::test]
async fn by_the_real_clock_events_come_by_themselves() {
    for clock in [Clock::Real, Clock::PerPoll] {
        let api = Api::new(Sandbox::builder().clock(clock).call_seconds(0.02)).await;
        let mut stream = Stream::open(&api, None).await;
        api.sandbox.ring(ADA, ["Hello"]).unwrap();
        for name in ["call.ringing", "call.answered", "call.completed"] {
            assert_eq!(stream.event().await.1, name, "{clock:?}");
        }
    }
}

#[tokio::test]
async fn a_silent_stream_says_that_it_is_there() {
    let api = Api::new(builder().heartbeat(Duration::from_millis(5))).await;
    let mut stream = Stream::open(&api, None).await;
    for _ in 0..3 {
        assert_eq!(stream.block().await.unwrap(), ": heartbeat");
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_world_and_with_the_sandbox() {
    let api = manual().await;
    let mut stream = Stream::open(&api, None).await;
    api.sandbox.reset();
    assert!(stream.block().await.unwrap_err().is_none(), "a clean end");
    let state = api.json("/_sandbox/state").await;
    let mut stream = Stream::open(&api, None).await;
    let load = api.bare(Method::PUT, "/_sandbox/state").json(&state);
    assert_eq!(answer(load).await.0, 204);
    assert!(stream.block().await.unwrap_err().is_none(), "a clean end");
    let mut stream = Stream::open(&api, None).await;
    drop(api);
    assert!(stream.block().await.is_err());
}

#[tokio::test]
async fn a_service_may_not_stream() {
    let api = Api::new(builder().without_event_stream()).await;
    api.sandbox.ring(ADA, ["Hello"]).unwrap();
    let response = api
        .get(PATH)
        .header("accept", "text/event-stream")
        .header("last-event-id", "e_1")
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let log: Value = response.json().await.unwrap();
    assert_eq!(log["items"][0]["type"], "call.ringing");
    let info = api.json("/v1/inbound/stream/info").await;
    assert_eq!(info["available"], false);
    let info = manual().await.json("/v1/inbound/stream/info").await;
    assert_eq!(info["available"], true);
}

/// Opens a stream byte by byte, lets a call ring when the head is there, and reads to the end.
async fn broken(kind: FaultKind) -> (String, Option<io::ErrorKind>) {
    let api = manual().await;
    api.sandbox.inject(Fault::on("inbound_events", kind));
    let mut stream = raw::open(&api.sandbox).await;
    let request = raw::get(&api.sandbox, PATH).replace(
        "Connection: close",
        "Accept: text/event-stream\r\nConnection: close",
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        match stream.read(&mut buffer).await {
            Ok(0) => break None,
            Ok(count) => received.extend_from_slice(&buffer[..count]),
            Err(error) => break Some(error.kind()),
        }
        let is_open = String::from_utf8_lossy(&received).contains("retry:");
        if is_open && api.json(PATH).await["total"] == 0 {
            api.sandbox.ring(ADA, ["Hello"]).unwrap();
        }
    };
    (String::from_utf8_lossy(&received).into_owned(), end)
}

#[tokio::test]
async fn a_stream_breaks_behind_or_in_the_middle_of_its_first_event() {
    let (text, end) = broken(FaultKind::ResetAfter).await;
    assert_eq!(end, Some(io::ErrorKind::ConnectionReset), "{text}");
    assert!(text.contains("id: e_1\nevent: call.ringing\n"), "{text}");
    assert!(text.contains("}\n\n"), "{text}");
    let (text, end) = broken(FaultKind::CutBody).await;
    assert!(
        text.contains("id: e_1\n") && !text.contains("}\n\n"),
        "{text}"
    );
    // Without the chunk that ends a body.
    assert!(end.is_none() && !text.ends_with("0\r\n\r\n"), "{text}");
}

#[tokio::test]
async fn other_faults_come_before_the_stream_or_slow_it() {
    let api = manual().await;
    let ask = || api.get(PATH).header("accept", "text/event-stream");
    let on = |kind| api.sandbox.inject(Fault::on("inbound_events", kind));
    on(FaultKind::ServerError { status: 503 });
    on(FaultKind::RateLimit { retry_after: None });
    refused(ask(), 503, "internal_error").await;
    refused(ask(), 429, "rate_limited").await;
    on(FaultKind::ResetBefore);
    assert!(ask().send().await.is_err());
    // What bends a document waits for one.
    on(FaultKind::BrokenJson);
    on(FaultKind::SlowBody(Duration::from_millis(1)));
    on(FaultKind::Latency(Duration::from_millis(1)));
    let mut stream = Stream::open(&api, None).await;
    api.sandbox.ring(ADA, ["Hello"]).unwrap();
    assert_eq!(stream.event().await.0, "e_1");
    let text = api.get(PATH).send().await.unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err(), "{text}");
}

#[tokio::test]
async fn a_stream_needs_a_token_and_is_in_the_journal() {
    let api = manual().await;
    let request = api
        .bare(Method::GET, PATH)
        .header("accept", "text/event-stream");
    refused(request, 401, "missing_token").await;
    let _stream = Stream::open(&api, None).await;
    let journal = api.sandbox.journal();
    assert_eq!(journal[1].operation_id.as_deref(), Some("inbound_events"));
    assert_eq!(journal[1].status, Some(200));
    assert_eq!(journal[1].headers["accept"], "text/event-stream");
}

#[tokio::test]
async fn every_answer_is_dated_by_the_clock_of_the_world() {
    let api = manual().await;
    let date = |response: &Response| {
        let dates: Vec<_> = response.headers().get_all("date").iter().collect();
        assert_eq!(dates.len(), 1);
        dates[0].to_str().unwrap().to_owned()
    };
    let expected = "Sat, 14 Feb 2026 18:00:00 GMT";
    for path in [PATH, "/v1/nothing", "/_sandbox/calls", "/_sandbox/nothing"] {
        let response = api.get(path).send().await.unwrap();
        assert_eq!(date(&response), expected, "{path}");
    }
    api.sandbox
        .inject(Fault::everywhere(FaultKind::ServerError { status: 500 }));
    let response = api.get(PATH).send().await.unwrap();
    assert_eq!(
        (response.status().as_u16(), date(&response).as_str()),
        (500, expected)
    );
    let stream = Stream::open(&api, None).await;
    assert_eq!(date(&stream.response), expected);
    api.sandbox.advance(Duration::from_millis(3_599_999));
    let response = api.get(PATH).send().await.unwrap();
    assert_eq!(date(&response), "Sat, 14 Feb 2026 18:59:59 GMT");
}
