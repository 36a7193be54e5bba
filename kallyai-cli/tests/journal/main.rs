//! Every row of the table of commands, sent: what the sandbox's journal says of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod skill;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use kallyai_sandbox::{JournalEntry, Sandbox};
use serde_json::{Map, Value};

const ROWS: &str = include_str!("../surface/rows.tsv");

struct Row {
    argv: Vec<String>,
    operation: &'static str,
    method: &'static str,
    path: &'static str,
    query: Value,
    body: Value,
}

fn rows() -> Vec<Row> {
    let object = |text: &str| match text {
        "-" => Value::Null,
        text => serde_json::from_str(text).unwrap(),
    };
    ROWS.lines()
        .skip(1)
        .map(|line| {
            let [argv, operation, method, path, query, body] =
                line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            Row {
                argv: serde_json::from_str(argv).unwrap(),
                operation,
                method,
                path,
                query: object(query),
                body: object(body),
            }
        })
        .collect()
}

/// The command in an environment of its own, at the sandbox.
fn run(sandbox: &Sandbox, home: &std::path::Path, argv: &[String]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kallyai"))
        .args(argv)
        .env_clear()
        .env("HOME", home)
        .env("LANG", "en_GB.UTF-8")
        .env("TZ", "Europe/London")
        .env("KALLYAI_BASE_URL", sandbox.base_url())
        .env("KALLYAI_ACCESS_TOKEN", sandbox.access_token())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().flush().unwrap();
    child.wait_with_output().unwrap()
}

/// A query as the document writes it: all values are texts on the wire.
fn texts(query: &Value) -> Map<String, Value> {
    let fields = query.as_object().into_iter().flatten();
    fields
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), Value::String(text))
        })
        .collect()
}

/// The fields of a body: where none is given, an operation that has a body sends an empty one.
fn fields(body: &Value) -> Map<String, Value> {
    match body {
        Value::Null => Map::new(),
        body => body.as_object().unwrap().clone(),
    }
}

/// The journal keeps no codes and tokens.
fn masked(mut expected: Map<String, Value>, kept: &Map<String, Value>) -> Map<String, Value> {
    for (name, value) in &mut expected {
        if kept.get(name).is_some_and(|kept| kept == "[masked]") {
            *value = "[masked]".into();
        }
    }
    expected
}

fn check(row: &Row, entry: &JournalEntry) {
    let argv = &row.argv;
    assert_eq!(
        entry.operation_id.as_deref(),
        Some(row.operation),
        "{argv:?}"
    );
    assert_eq!(entry.method, row.method, "{argv:?}");
    assert_eq!(entry.path, row.path, "{argv:?}");
    let query = serde_json::to_value(&entry.query).unwrap();
    let query = query.as_object().cloned().unwrap_or_default();
    assert_eq!(query, masked(texts(&row.query), &query), "{argv:?}");
    let body = fields(&entry.body);
    assert_eq!(body, masked(fields(&row.body), &body), "{argv:?}");
    let key = entry.headers.contains_key("idempotency-key");
    assert_eq!(key, row.operation == "calls_create", "{argv:?}");
    let agent = entry.headers["user-agent"].as_str().unwrap();
    assert!(agent.starts_with("kallyai-cli/"), "{agent}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_is_sent_as_it_says_and_nothing_else_is() {
    let home = tempfile::tempdir().unwrap();
    let rows = rows();
    assert!(rows.len() > 200, "{}", rows.len());
    for row in &rows {
        // A world of its own: some limit how often they are asked.
        let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
        let ended = run(&sandbox, home.path(), &row.argv);
        let journal = sandbox.journal();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(journal.len(), 1, "{:?}: {said} {journal:?}", row.argv);
        check(row, journal.first().unwrap());

        // One document for programs, whatever came of it.
        let human = row.argv.iter().any(|argument| argument.starts_with("--hu"));
        if ended.status.success() {
            assert!(said.is_empty(), "{:?}: {said}", row.argv);
            let text = String::from_utf8(ended.stdout).unwrap();
            if !human && row.operation != "calls_calendar" {
                let document: Result<Value, _> = serde_json::from_str(&text);
                assert!(document.is_ok(), "{:?}: {text}", row.argv);
            }
        } else if !human {
            let error: Value = serde_json::from_str(&said).unwrap();
            assert!(error["error"]["code"].is_string(), "{:?}: {said}", row.argv);
            assert!(ended.stdout.is_empty(), "{:?}", row.argv);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_of_each_row_shows_that_request_and_sends_nothing() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start().await.unwrap();
    for row in rows() {
        let mut argv = row.argv.clone();
        argv.extend(["--dry-run".to_owned(), "--json".to_owned()]);
        if argv.iter().any(|argument| argument == "--human") {
            argv.pop();
            argv.retain(|argument| argument != "--human");
        }
        let ended = run(&sandbox, home.path(), &argv);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.success(), "{argv:?}: {said}");
        let text = String::from_utf8(ended.stdout).unwrap();
        assert!(!text.contains(sandbox.access_token()), "{argv:?}");
        let shown: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(shown["method"], row.method, "{argv:?}");
        let url = shown["url"].as_str().unwrap();
        let path = url.strip_prefix(&sandbox.base_url().to_string()).unwrap();
        let path = path.split('?').next().unwrap();
        assert_eq!(path, row.path, "{argv:?}");
        assert_eq!(fields(&shown["body"]), fields(&row.body), "{argv:?}");
    }
    assert!(sandbox.journal().is_empty());
}
