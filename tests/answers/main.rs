//! Answers that are not quite what the spec says: random ones of every operation, changed at random, over
//! sockets. What changes without harm comes through decoding and encoding unchanged; what is wrong at one
//! place costs that place; nothing panics.
//!
//! `KALLYAI_ANSWERS=60 cargo test -p kallyai-tests --test answers` sends more of them, and `KALLYAI_SEED=n`
//! one round of them again.

mod change;
mod generate;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use change::{HARMLESS, agree_but, harmless, odd_at, oddities, wild};
use fastrand::Rng;
use kallyai_openapi::{Answer, Operation, Spec};
use kallyai_sdk::{Client, Error};
use kallyai_tests::{CALLERS, Caller, RawServer, without_nulls};
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Rounds over all operations.
const ROUNDS: u64 = 10;
/// Answers with one oddity, for each one with harmless changes.
const ODD: usize = 2;
/// Operations at the same time.
const AT_ONCE: usize = 8;

/// How often each change was made.
type Tally = BTreeMap<&'static str, usize>;

/// One operation, and a server that gives it one answer after the other.
struct Scene {
    spec: Arc<Spec>,
    operation: Operation,
    caller: Caller,
    body: Value,
    client: Client,
    answer: Arc<Mutex<Vec<u8>>>,
    _server: RawServer,
}

impl Scene {
    async fn new(spec: &Arc<Spec>, operation: Operation) -> Self {
        let answer = Arc::<Mutex<Vec<u8>>>::default();
        let given = Arc::clone(&answer);
        let server = RawServer::answering(move |_| given.lock().unwrap().clone()).await;
        let client = Client::builder()
            .base_url(server.base_url())
            .access_token("token")
            .max_attempts(1)
            .build()
            .unwrap();
        let mut callers = CALLERS.iter();
        let (_, caller) = callers.find(|(id, _)| *id == operation.id).unwrap();
        let body = operation.request.as_ref().map_or(Value::Null, |name| {
            let pointer = format!("/components/schemas/{name}/example");
            spec.document().pointer(&pointer).unwrap().clone()
        });
        Self {
            spec: Arc::clone(spec),
            operation,
            caller: *caller,
            body,
            client,
            answer,
            _server: server,
        }
    }

    /// Calls the operation, and gives the answer encoded again.
    async fn call(&self, what: &str, headers: &str, body: &str) -> Result<Value, Error> {
        let status = format!("{} Done", self.operation.success_status);
        // The server closes each connection: said, so that none is used twice.
        let headers = format!("connection: close\r\n{headers}");
        *self.answer.lock().unwrap() = RawServer::bytes(&status, &headers, body);
        tokio::spawn((self.caller)(self.client.clone(), self.body.clone()))
            .await
            .unwrap_or_else(|_| panic!("{what} made it panic: {body}"))
    }

    async fn json(&self, what: &str, body: &str) -> Result<Value, Error> {
        self.call(what, "content-type: application/json\r\n", body)
            .await
    }

    async fn rounds(self, seeds: Vec<u64>) -> Tally {
        let mut tally = Tally::new();
        for seed in seeds {
            // Another sequence for each operation.
            let mut rng = Rng::with_seed(seed);
            for byte in self.operation.id.bytes() {
                rng = Rng::with_seed(rng.u64(..) ^ u64::from(byte));
            }
            let what = format!("{} in the round KALLYAI_SEED={seed}", self.operation.id);
            match &self.operation.answer {
                Answer::Json(schema) => {
                    let answer = generate::answer(&self.spec, schema, &mut rng);
                    self.harmless(&what, &answer, &mut rng, &mut tally).await;
                    for _ in 0..ODD {
                        self.odd(&what, &answer, &mut rng).await;
                    }
                    let sent = wild(&answer, &mut rng);
                    if let Err(error) = self.json(&what, &sent).await {
                        assert!(error.is_decode(), "{what}: {error}: {sent}");
                    }
                }
                other => self.no_json(&what, other, &mut rng).await,
            }
            *tally.entry("answers").or_default() += 1;
        }
        tally
    }

    async fn harmless(
        &self,
        what: &str,
        answer: &generate::Generated,
        rng: &mut Rng,
        tally: &mut Tally,
    ) {
        let changed = harmless(answer, &self.operation, rng);
        let sent = changed.sent.to_string();
        let read = self.json(what, &sent).await;
        let read = read.unwrap_or_else(|error| panic!("{what}: {error}: {sent}"));
        let (read, expected) = (without_nulls(&read), without_nulls(&changed.expected));
        assert_eq!(read, expected, "{what}, {:?}: {sent}", changed.done);
        for done in changed.done {
            *tally.entry(done).or_default() += 1;
        }
    }

    async fn odd(&self, what: &str, answer: &generate::Generated, rng: &mut Rng) {
        let place = rng.choice(&answer.places).unwrap();
        let all = oddities();
        // One more: the place is missing.
        let oddity = all.get(rng.usize(..=all.len())).map(String::as_str);
        if place.pointer.is_empty() && oddity.is_none() {
            return;
        }
        let sent = odd_at(&answer.value, &place.pointer, oddity);
        let read = self.json(what, &sent).await;
        let what = format!("{what}, odd at {place:?}");
        match read {
            // The whole is something else: it does not panic, that is all.
            Ok(_) if place.pointer.is_empty() => {}
            Ok(read) => {
                let piece = place.piece.as_ref().unwrap_or(&place.pointer);
                assert!(
                    agree_but(&answer.value, &read, piece),
                    "{what} costs more: {sent}\n{read}"
                );
            }
            Err(error) => {
                assert!(error.is_decode(), "{what}: {error}: {sent}");
                assert!(place.piece.is_none(), "{what} costs all: {error}: {sent}");
            }
        }
    }

    /// Texts and redirects come as they are; where nothing is expected, anything may come.
    async fn no_json(&self, what: &str, answer: &Answer, rng: &mut Rng) {
        let text = generate::text(rng);
        let (headers, body, expected) = match answer {
            Answer::Text(kind) => (format!("content-type: {kind}\r\n"), &*text, json!(text)),
            Answer::Redirect => {
                let to = format!("https://app.example.com/?code={}", rng.u64(..));
                (format!("location: {to}\r\n"), "", json!(to))
            }
            _ if self.operation.success_status == 204 => (String::new(), "", Value::Null),
            _ => (String::new(), &*text, Value::Null),
        };
        let read = self.call(what, &headers, body).await;
        let read = read.unwrap_or_else(|error| panic!("{what}: {error}: {body:?}"));
        assert_eq!(read, expected, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_decodes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seeds: Vec<u64> = match number("KALLYAI_SEED") {
        Some(seed) => vec![seed],
        None => (0..number("KALLYAI_ANSWERS").unwrap_or(ROUNDS)).collect(),
    };
    let spec = Arc::new(Spec::load().expect("the spec merges"));
    let operations = spec.operations();
    let count = operations.len();
    let (mut running, mut tally, mut failed) = (JoinSet::new(), Tally::new(), 0);
    let mut waiting = operations.into_iter();
    loop {
        while running.len() < AT_ONCE
            && let Some(operation) = waiting.next()
        {
            let scene = Scene::new(&spec, operation).await;
            running.spawn(scene.rounds(seeds.clone()));
        }
        match running.join_next().await {
            Some(Ok(of_one)) => {
                for (done, times) in of_one {
                    *tally.entry(done).or_default() += times;
                }
            }
            Some(Err(_)) => failed += 1,
            None => break,
        }
    }
    assert_eq!(failed, 0, "operations of {count}; see above");
    assert_eq!(tally["answers"], seeds.len() * count);
    if seeds.len() >= 5 {
        for done in HARMLESS {
            assert!(tally.contains_key(done), "never {done}: {tally:?}");
        }
    }
}

/// The comparison sees what it is there to see.
#[test]
fn agreement_but_for_a_piece() {
    let sent = json!({"list": [{"a": 1}, {"a": 2}, {"a": 3}], "b": null, "c": 1});
    let agree = |read: Value, piece: &str| agree_but(&sent, &read, piece);
    let all = || json!({"list": [{"a": 1}, {"a": "?"}, {"a": 3}], "c": 1});
    assert!(agree(all(), "/list/1"));
    assert!(agree(
        json!({"list": [{"a": 1}, {"a": 3}], "c": 1}),
        "/list/1"
    ));
    assert!(!agree(json!({"list": [{"a": 1}], "c": 1}), "/list/1"));
    assert!(!agree(
        json!({"list": [{"a": 1}, {"a": 2}], "c": 1}),
        "/list/1"
    ));
    assert!(!agree(all(), "/list/0"));
    assert!(!agree(all(), "/c"));
    assert!(agree(json!({"list": sent["list"]}), "/c"));
    assert!(!agree(json!({"c": 1}), "/list/1"));
}
