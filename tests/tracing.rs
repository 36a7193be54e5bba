//! What `tracing` is told: the spans of a request, and nothing private at any level.

mod planted;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use http::Method;
use kallyai_openapi::{Answer, Operation, Spec};
use kallyai_sdk::Client;
use kallyai_tests::{CANARY_CALLERS, RawServer};
use planted::{CANARY, NUMBER, NUMBER_INSIDE, planted};
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

#[derive(Debug, Default, Clone)]
struct Span {
    name: &'static str,
    level: String,
    parent: Option<&'static str>,
    fields: BTreeMap<&'static str, String>,
}

impl Visit for Span {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Keeps the library's spans.
#[derive(Default, Clone)]
struct Spans(Arc<Mutex<Vec<(Id, Span)>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let metadata = attributes.metadata();
        if !metadata.target().starts_with("kallyai_sdk") {
            return;
        }
        let mut span = Span {
            name: metadata.name(),
            level: metadata.level().to_string(),
            parent: context.lookup_current().map(|parent| parent.name()),
            fields: BTreeMap::new(),
        };
        attributes.record(&mut span);
        self.0.lock().unwrap().push((id.clone(), span));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.0.lock().unwrap();
        // An id is used again when its span has ended: the latest one is it.
        if let Some((_, span)) = spans.iter_mut().rev().find(|(other, _)| other == id) {
            values.record(span);
        }
    }
}

fn client(server: &RawServer) -> Client {
    Client::builder()
        .base_url(server.base_url())
        .access_token(CANARY)
        .max_attempts(2)
        .build()
        .unwrap()
}

/// The spans of what is done with a client of the server.
async fn spans<F: Future>(server: &RawServer, doing: impl FnOnce(Client) -> F) -> Vec<Span> {
    let spans = Spans::default();
    let subscriber = tracing_subscriber::registry().with(spans.clone());
    let _here = tracing::subscriber::set_default(subscriber);
    let _ = doing(client(server)).await;
    let spans = spans.0.lock().unwrap().clone();
    spans.into_iter().map(|(_, span)| span).collect()
}

fn assert_fields(server: &RawServer, span: &Span, expected: &[(&'static str, &str)]) {
    let port = server.base_url().rsplit_once(':').unwrap().1;
    let mut expected: BTreeMap<_, _> = expected
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    expected.insert("server.address", "127.0.0.1".to_owned());
    expected.insert("server.port", port.to_owned());
    assert_eq!(span.fields, expected);
}

#[tokio::test]
async fn a_retry_is_one_request_and_two_attempts() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let server = RawServer::answering(move |_| {
        if first.swap(false, std::sync::atomic::Ordering::SeqCst) {
            RawServer::bytes("503 Down", "retry-after: 0\r\n", "")
        } else {
            RawServer::bytes("200 OK", "", r#"{"call_id": "a", "status": "success"}"#)
        }
    })
    .await;
    let spans = spans(&server, |kally| kally.calls().get(CANARY).into_future()).await;
    let [request, one, two] = &spans[..] else {
        panic!("{spans:?}");
    };
    let names = |span: &Span| (span.name, span.level.clone(), span.parent);
    assert_eq!(names(request), ("kallyai.request", "INFO".into(), None));
    let attempt = ("kallyai.attempt", "DEBUG".into(), Some("kallyai.request"));
    assert_eq!(names(one), attempt);
    assert_eq!(names(two), attempt);
    let method = ("http.request.method", "GET");
    let template = ("url.template", "/v1/calls/{call_id}");
    let kind = ("otel.kind", "client");
    assert_fields(
        &server,
        request,
        &[
            ("otel.kind", "internal"),
            ("kallyai.operation", "calls_get"),
            method,
            template,
            ("http.response.status_code", "200"),
        ],
    );
    let failed = ("http.response.status_code", "503");
    let error = ("error.type", "503");
    assert_fields(&server, one, &[kind, method, template, failed, error]);
    let again = ("http.request.resend_count", "1");
    let fine = ("http.response.status_code", "200");
    assert_fields(&server, two, &[kind, method, template, fine, again]);
}

#[tokio::test]
async fn a_raw_request_to_an_unknown_path_shows_no_path() {
    let server = RawServer::start("").await;
    let spans = spans(&server, |kally| {
        kally.request(Method::POST, "/v1/hunter2").into_future()
    })
    .await;
    let [request, attempt] = &spans[..] else {
        panic!("{spans:?}");
    };
    let method = ("http.request.method", "POST");
    let error = ("error.type", "transport");
    assert_fields(
        &server,
        request,
        &[("otel.kind", "internal"), method, error],
    );
    assert_fields(&server, attempt, &[("otel.kind", "client"), method, error]);
}

/// Keeps all that is logged.
#[derive(Default, Clone)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl io::Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl log::Log for Logged {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("log: {} {}\n", record.target(), record.args());
        self.0.lock().unwrap().extend_from_slice(line.as_bytes());
    }

    fn flush(&self) {}
}

/// An answer with canaries in every place.
fn answers(spec: &Spec, operation: &Operation) -> Vec<Vec<u8>> {
    let location = format!("location: https://app.example.com/?access_token={CANARY}\r\n");
    let headers = format!(
        "retry-after: 0\r\nset-cookie: {CANARY}\r\nx-request-id: {CANARY}\r\n\
         www-authenticate: {CANARY}\r\n"
    );
    let odd = json!({"call_id": CANARY, "status": [CANARY], "calls": [{"a": NUMBER}]});
    let error =
        json!({"error": {"code": CANARY, "message": NUMBER, "details": {"reason": CANARY}}});
    let fine = match &operation.answer {
        Answer::Json(name) => {
            let schema = format!("/components/schemas/{name}");
            let schema = spec.document().pointer(&schema).unwrap();
            planted(spec, schema, 0, &mut 0).to_string()
        }
        _ => CANARY.to_owned(),
    };
    let json = format!("content-type: application/json\r\n{headers}");
    let kind = match &operation.answer {
        Answer::Text(kind) => format!("content-type: {kind}\r\n{headers}"),
        Answer::Redirect => format!("{location}{headers}"),
        _ => json.clone(),
    };
    let redirects = operation.answer == Answer::Redirect;
    let status = if redirects { "302 Found" } else { "200 OK" };
    vec![
        RawServer::bytes(status, &kind, &fine),
        RawServer::bytes("200 OK", &json, &odd.to_string()),
        RawServer::bytes("401 No", &json, &error.to_string()),
        RawServer::bytes("500 Oh", &json, &error.to_string()),
        RawServer::bytes("307 Go", &format!("{location}{headers}"), CANARY),
        Vec::new(),
        format!("HTTP/1.1 200 {CANARY}\r\ncontent-length: 900\r\n\r\n{CANARY}").into_bytes(),
        CANARY.as_bytes().to_vec(),
    ]
}

fn body(spec: &Spec, operation: &Operation) -> Value {
    operation.request.as_deref().map_or(Value::Null, |name| {
        let schema = format!("/components/schemas/{name}");
        let schema = spec.document().pointer(&schema).unwrap();
        planted(spec, schema, 0, &mut 0)
    })
}

/// Sends an operation, typed and raw, to servers with these answers. Gives what was typed.
async fn every_answer(operation: &Operation, body: &Value, answers: Vec<Vec<u8>>) -> Vec<String> {
    let id = operation.id.as_str();
    let (_, caller) = CANARY_CALLERS.iter().find(|(name, _)| *name == id).unwrap();
    let path = operation.path.replace(['{', '}'], "");
    let mut typed = Vec::new();
    for answer in answers {
        let server = RawServer::start(answer).await;
        let kally = client(&server);
        let _ = caller(kally.clone(), body.clone()).await;
        let heard = server.heard();
        let before = heard.len();
        typed.extend(heard);
        let raw = kally
            .request(operation.method.parse().unwrap(), path.as_str())
            .query(CANARY, CANARY)
            .header("accept", CANARY)
            .json(json!({"respondent_phone": NUMBER, "task_description": CANARY}));
        let _ = raw.await;
        assert!(server.heard().len() > before, "{id}");
    }
    typed
}

#[test]
fn nothing_private_is_logged_at_any_level() {
    let logged = Logged::default();
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For all threads: connections have tasks of their own.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log::set_logger(Box::leak(Box::new(logged.clone()))).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    let spec = Spec::load().expect("the spec merges");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (mut typed, mut with_canary) = (0, 0);
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for operation in spec.operations() {
            let body = body(&spec, &operation);
            let answers = answers(&spec, &operation);
            tasks.spawn(async move { every_answer(&operation, &body, answers).await });
        }
        while let Some(heard) = tasks.join_next().await {
            let heard = heard.unwrap();
            typed += usize::from(!heard.is_empty());
            with_canary += usize::from(heard.iter().any(|heard| heard.contains("hunter2")));
        }
    });
    drop(runtime);
    assert!(typed >= 130 && with_canary >= 125, "{typed} {with_canary}");

    let logged = String::from_utf8_lossy(&logged.0.lock().unwrap()).into_owned();
    for expected in [
        "TRACE",
        "kallyai.request",
        "kallyai.attempt",
        "odd values in an answer",
        "hyper_util::",
        "log: reqwest::",
    ] {
        assert!(logged.contains(expected), "{expected} is not logged");
    }
    for line in logged.lines() {
        let silent = !line.contains("hunter2") && !line.contains(NUMBER_INSIDE);
        assert!(silent, "private: {line}");
    }
}
