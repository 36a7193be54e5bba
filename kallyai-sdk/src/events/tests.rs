//! The listener in time that passes by itself, with doors that open as they are told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::blocks::LARGEST;
use super::connection::{Door, Opening};
use super::listener::{Listener, Settings};
use super::*;
use crate::error::{ErrorKind, WasSent};
use crate::types::InboundEvent;

/// What a stream does next.
#[derive(Clone)]
enum Then {
    Say(Bytes),
    Wait(u64),
    Break,
    /// Says nothing more, and stays open.
    Hang,
}

enum Step {
    Stream(Vec<Then>),
    Log(Vec<&'static str>),
    Fail(fn() -> Error),
    End,
}

/// When it was opened, after which event, and whether the log was asked for.
type Opened = (Duration, Option<String>, bool);

struct Script {
    steps: VecDeque<Step>,
    opened: Arc<Mutex<Vec<Opened>>>,
    since: tokio::time::Instant,
}

struct Told(VecDeque<Then>);

impl streams::Source for Told {
    type Item = Bytes;

    async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        loop {
            match self.0.pop_front()? {
                Then::Say(bytes) => return Some(Ok(bytes)),
                Then::Wait(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                Then::Break => return Some(Err(broken())),
                Then::Hang => std::future::pending().await,
            }
        }
    }
}

impl Door for Script {
    async fn open(&mut self, after: Option<&str>, log: bool) -> Result<Opening, Error> {
        let at = self.since.elapsed();
        let opened = (at, after.map(str::to_owned), log);
        self.opened.lock().unwrap().push(opened);
        match self.steps.pop_front() {
            Some(Step::Stream(told)) => Ok(Opening::Stream(streams::stream(Told(told.into())))),
            Some(Step::Log(ids)) => Ok(Opening::Log(ids.into_iter().map(entry).collect())),
            Some(Step::Fail(error)) => Err(error()),
            Some(Step::End) => Ok(Opening::End),
            None => Err(answered(404)),
        }
    }
}

fn entry(id: &str) -> InboundEvent {
    serde_json::from_value(json!({"id": id, "type": "ringing"})).unwrap()
}

fn broken() -> Error {
    Error::example(ErrorKind::Transport, WasSent::Yes)
}

fn answered(status: u16) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    Error::answered(status, &HeaderMap::new(), b"")
}

fn say(text: impl Into<String>) -> Then {
    Then::Say(text.into().into())
}

fn event(id: &str) -> Then {
    say(format!("id: {id}\ndata: {{\"id\": \"{id}\"}}\n\n"))
}

struct Heard {
    events: Inner<ServerEvent>,
    opened: Arc<Mutex<Vec<Opened>>>,
}

fn listen(steps: impl IntoIterator<Item = Step>) -> Heard {
    listen_with(Settings::default(), steps)
}

fn listen_with(settings: Settings, steps: impl IntoIterator<Item = Step>) -> Heard {
    let opened = Arc::default();
    let script = Script {
        steps: steps.into_iter().collect(),
        opened: Arc::clone(&opened),
        since: tokio::time::Instant::now(),
    };
    let listener = Listener::new(script, Machine::new(), settings);
    let events = streams::stream(listener);
    Heard { events, opened }
}

impl Heard {
    async fn next(&mut self) -> Option<Result<ServerEvent, Error>> {
        std::future::poll_fn(|context| self.events.as_mut().poll_next(context)).await
    }

    /// The ids until the script is over, which it says by 404.
    async fn ids(&mut self) -> Vec<String> {
        let mut ids = Vec::new();
        loop {
            match self.next().await.unwrap() {
                Ok(event) => ids.push(event.id().unwrap_or("-").to_owned()),
                Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => break,
                Err(error) => ids.push(error.kind().name().to_owned()),
            }
        }
        assert!(self.next().await.is_none(), "it has stopped for good");
        ids
    }

    fn opened(&self) -> Vec<Opened> {
        self.opened.lock().unwrap().clone()
    }

    /// Whole seconds between one opening and the next. (A difference of whole seconds would be one too many
    /// at times.)
    fn waits(&self) -> Vec<u64> {
        let opened = self.opened();
        opened
            .windows(2)
            .map(|two| two[1].0.saturating_sub(two[0].0).as_secs())
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn it_connects_again_after_the_last_event_and_repeats_nothing() {
    let mut heard = listen([
        Step::Stream(vec![event("1"), event("2"), Then::Break]),
        Step::Stream(vec![event("2"), event("3")]),
        Step::Stream(vec![event("3"), event("3"), event("4"), Then::Break]),
    ]);
    assert_eq!(heard.ids().await, ["1", "2", "3", "4"]);
    let after: Vec<_> = heard.opened().into_iter().map(|opened| opened.1).collect();
    let after: Vec<_> = after.iter().map(Option::as_deref).collect();
    assert_eq!(after, [None, Some("2"), Some("3"), Some("4")]);
    assert!(
        heard.waits().iter().all(|wait| *wait == 1),
        "{:?}",
        heard.waits()
    );
}

#[tokio::test(start_paused = true)]
async fn it_resumes_where_it_is_told_to() {
    let settings = Settings {
        last_id: Some("7".to_owned()),
        ..Settings::default()
    };
    let mut heard = listen_with(settings, []);
    assert!(heard.ids().await.is_empty());
    assert_eq!(heard.opened()[0].1.as_deref(), Some("7"));
}

#[tokio::test(start_paused = true)]
async fn failures_wait_twice_as_long_and_an_event_sets_that_back() {
    let fail = || Step::Fail(broken);
    let mut heard = listen([
        fail(),
        fail(),
        fail(),
        fail(),
        fail(),
        fail(),
        Step::Stream(vec![event("1")]),
        fail(),
    ]);
    assert_eq!(heard.ids().await, ["1"]);
    let expected = [1, 2, 4, 8, 16, 20, 1, 2];
    for (wait, least) in heard.waits().into_iter().zip(expected) {
        assert!(
            (least..=least * 3 / 2).contains(&wait),
            "{wait} for {least}"
        );
    }
    assert_eq!(heard.waits().len(), expected.len());
}

#[tokio::test(start_paused = true)]
async fn the_service_says_how_long_to_wait() {
    let mut heard = listen([
        Step::Stream(vec![say("retry: 40000\n\n")]),
        Step::Stream(vec![say("retry: 99999999999\n\n"), event("1")]),
        Step::Stream(vec![say("retry: soon\nretry: 10\n\n"), event("2")]),
    ]);
    assert_eq!(heard.ids().await, ["1", "2"]);
    let waits = heard.waits();
    assert!((40..=60).contains(&waits[0]), "{waits:?}");
    // Ten minutes are the most.
    assert!((600..=900).contains(&waits[1]), "{waits:?}");
    assert!(waits[2] <= 1, "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_busy_service_is_left_alone() {
    fn busy(seconds: &str) -> Error {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::RETRY_AFTER, seconds.parse().unwrap());
        Error::answered(StatusCode::TOO_MANY_REQUESTS, &headers, b"")
    }
    let mut heard = listen([
        Step::Fail(|| busy("100")),
        Step::Fail(|| busy("3000")),
        Step::Stream(vec![event("1")]),
    ]);
    // A wait that long is told.
    assert_eq!(heard.ids().await, ["rate_limit", "1"]);
    assert_eq!(heard.waits()[..2], [100, 3000]);
}

#[tokio::test(start_paused = true)]
async fn ten_failures_are_silent_and_one_more_is_told() {
    let steps = (0..25).map(|_| Step::Fail(broken));
    let mut heard = listen(steps.chain([Step::Stream(vec![event("1")])]));
    assert_eq!(heard.ids().await, ["transport", "transport", "1"]);
    assert_eq!(heard.opened().len(), 27);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_quiet_but_holds_is_no_failure() {
    // Proxies end streams by time.
    let steps = (0..50).map(|_| Step::Stream(vec![Then::Wait(60)]));
    let mut heard = listen(steps.chain([Step::Stream(vec![event("1")])]));
    assert_eq!(heard.ids().await, ["1"]);
    assert!(heard.waits().iter().all(|wait| *wait <= 62));
}

#[tokio::test(start_paused = true)]
async fn silence_is_a_broken_connection_and_a_heartbeat_is_not() {
    let beat = [Then::Wait(80), say(": beat\n\n")];
    let beats = beat.into_iter().cycle().take(20);
    let told = beats.chain([Then::Wait(80), event("1"), Then::Hang]);
    let mut heard = listen([Step::Stream(told.collect())]);
    assert_eq!(heard.ids().await, ["1"]);
    assert_eq!(heard.waits(), [11 * 80 + 90 + 1]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_mend_ends_it() {
    for status in [400, 401, 403, 404, 410, 302] {
        let step = match status {
            400 => Step::Fail(|| answered(400)),
            401 => Step::Fail(|| answered(401)),
            403 => Step::Fail(|| answered(403)),
            404 => Step::Fail(|| answered(404)),
            410 => Step::Fail(|| answered(410)),
            _ => Step::Fail(|| answered(302)),
        };
        let mut heard = listen([step]);
        let error = heard.next().await.unwrap().unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), status);
        assert!(heard.next().await.is_none());
        assert_eq!(heard.opened().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_can_end_it() {
    let mut heard = listen([Step::Stream(vec![event("1")]), Step::End]);
    assert!(heard.next().await.unwrap().is_ok());
    assert!(heard.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn the_log_is_read_where_there_is_no_stream() {
    let mut heard = listen([
        Step::Log(vec!["1", "2"]),
        Step::Log(vec!["1", "2"]),
        Step::Log(vec!["3", "2", "1"]),
        Step::Fail(broken),
        Step::Log(vec!["4", "3"]),
        // It has a stream after all, and then none again.
        Step::Stream(vec![say(
            "data: {\"id\": \"5\", \"type\": \"ringing\"}\n\n",
        )]),
        Step::Log(vec!["5", "4", "6"]),
    ]);
    assert_eq!(heard.ids().await, ["1", "2", "3", "4", "5", "6"]);
    assert_eq!(heard.waits()[..3], [5, 5, 5]);
    assert!(heard.opened().iter().all(|opened| !opened.2));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_refuses_to_stream_is_asked_for_the_log() {
    let mut heard = listen([
        Step::Fail(|| answered(406)),
        Step::Log(vec!["1"]),
        Step::Log(vec!["1"]),
    ]);
    assert_eq!(heard.ids().await, ["1"]);
    let log: Vec<bool> = heard.opened().into_iter().map(|opened| opened.2).collect();
    assert_eq!(log, [false, true, true, true]);
    // Refused also there, it ends.
    let mut heard = listen([Step::Fail(|| answered(406)), Step::Fail(|| answered(406))]);
    assert_eq!(
        heard.next().await.unwrap().unwrap_err().status().unwrap(),
        406
    );
    assert!(heard.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_large_event_costs_only_itself() {
    let large = format!("id: 1\ndata: {}\n\n", "x".repeat(LARGEST));
    let endless = format!("data: {}", "x".repeat(3 * LARGEST));
    let fitting = format!("id: 3\ndata: {}\n\n", "x".repeat(LARGEST - 100));
    let mut heard = listen([Step::Stream(vec![
        event("0"),
        say(large),
        event("2"),
        say(fitting),
        say(endless.clone()),
        say(endless),
        say("\n\n"),
        event("4"),
    ])]);
    assert_eq!(heard.ids().await, ["0", "decode", "2", "3", "decode", "4"]);
    assert_eq!(heard.opened()[1].1.as_deref(), Some("4"));
}

/// A stream in the ways that it can be written and cut.
const ODD: &[u8] = b"\xef\xbb\xbf: hello\r\n\r\nid: 1\r\nevent: call\r\ndata: {\"id\":\r\ndata: \"a\"}\r\n\r\n\
    data: plain\n\nid\ndata:x\xff\n\nretry: 5\nunknown: y\nid: n\0ul\n\n\revent: none\r\rid: \xc3\xbc\rdata\rdata\r\r\
    data: last and unfinished\n";

#[tokio::test(start_paused = true)]
async fn every_way_to_write_it() {
    for size in [1, 2, 3, 7, 1000] {
        let told = ODD
            .chunks(size)
            .map(|chunk| Then::Say(Bytes::from_static(chunk)));
        let mut heard = listen([Step::Stream(told.collect())]);
        let mut read = Vec::new();
        while let Ok(event) = heard.next().await.unwrap() {
            let id = event.id().map(str::to_owned);
            read.push((id, event.name().to_owned(), event.data().to_owned()));
        }
        let id = |id: &str| Some(id.to_owned());
        let of = |id, name: &str, data: &str| (id, name.to_owned(), data.to_owned());
        let expected = [
            of(id("1"), "call", "{\"id\":\n\"a\"}"),
            of(None, "message", "plain"),
            of(None, "message", "x\u{fffd}"),
            of(id("\u{fc}"), "message", "\n"),
        ];
        assert_eq!(read, expected, "{size}");
        assert_eq!(heard.opened()[1].1.as_deref(), Some("\u{fc}"));
    }
}

#[tokio::test(start_paused = true)]
async fn data_are_decoded_where_they_can_be() {
    let mut heard = listen([Step::Stream(vec![
        say("data: {\"id\": 5, \"type\": \"ringing\"}\n\n"),
        say("data: [1]\n\ndata: {broken\n\ndata: null\n\n"),
    ])]);
    let event = heard.next().await.unwrap().unwrap();
    assert_eq!(event.id(), Some("5"));
    assert!(event.event().unwrap().extra.contains_key("type"));
    assert!(!format!("{event:?}").contains("ringing"));
    for data in ["[1]", "{broken", "null"] {
        let event = heard.next().await.unwrap().unwrap();
        assert_eq!(event.data(), data);
        assert!(event.event().is_none(), "{data}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_no_id_is_never_taken_for_a_repetition() {
    let beat = || Step::Stream(vec![say("data: {\"type\": \"beat\"}\n\n")]);
    let mut heard = listen([beat(), beat()]);
    assert_eq!(heard.ids().await, ["-", "-"]);
}

#[tokio::test(start_paused = true)]
async fn a_select_loop_loses_no_event() {
    let told = (0..20).flat_map(|n| [Then::Wait(2), event(&n.to_string())]);
    let mut heard = listen([Step::Stream(told.collect())]);
    let mut ids = Vec::new();
    while ids.len() < 20 {
        tokio::select! {
            event = heard.next() => ids.push(event.unwrap().unwrap().id().unwrap().to_owned()),
            () = tokio::time::sleep(Duration::from_millis(300)) => {}
        }
    }
    let expected: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    assert_eq!(ids, expected);
}
