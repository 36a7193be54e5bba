//! Requests by the id of their operation, previews, and answers that are left as they came.

use http::Method;
use kallyai_openapi::Spec;
use kallyai_sandbox::{Fault, FaultKind, Sandbox};
use kallyai_sdk::types::CallRequest;
use kallyai_sdk::{Client, OPERATIONS, WasSent};
use kallyai_tests::RawServer;
use serde_json::{Map, Value, json};

const NUMBER: &str = "+12025550199";
const TOKEN: &str = "token-hunter2";

fn client(base_url: &str) -> Client {
    Client::builder()
        .base_url(base_url)
        .access_token(TOKEN)
        .build()
        .unwrap()
}

/// Nothing listens there.
fn nowhere() -> Client {
    client("http://127.0.0.1:9")
}

/// The examples of the document: all arguments, and the body among them.
fn examples(spec: &Spec, id: &str) -> (Map<String, Value>, Value) {
    let operations = spec.operations();
    let operation = operations.iter().find(|operation| operation.id == id);
    let mut given = Map::new();
    for parameter in spec.parameters(id) {
        if parameter["in"] != "header" {
            let name = parameter["name"].as_str().unwrap();
            given.insert(name.to_owned(), parameter["example"].clone());
        }
    }
    let mut body = Value::Null;
    if let Some(schema) = &operation.unwrap().request {
        let pointer = format!("/components/schemas/{schema}/example");
        body = spec.document().pointer(&pointer).unwrap().clone();
        given.extend(body.as_object().unwrap().clone());
    }
    (given, body)
}

#[tokio::test]
async fn every_operation_is_previewed_as_the_document_says() {
    let spec = Spec::load().unwrap();
    let kally = nowhere();
    for operation in OPERATIONS {
        let id = operation.id;
        let (given, body) = examples(&spec, id);
        let request = kally.operation(id, Value::Object(given.clone())).unwrap();
        assert_eq!(request.info().id, id);
        let preview = request.preview().await.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(preview.method, operation.method, "{id}");
        let url = url::Url::parse(&preview.url).unwrap();
        let mut path = operation.path.to_owned();
        let mut query = 0;
        for parameter in spec.parameters(id) {
            let name = parameter["name"].as_str().unwrap();
            let value = &given.get(name).cloned().unwrap_or_default();
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), &text);
            } else if parameter["in"] == "query" {
                let pair = (name.into(), text.as_str().into());
                assert!(url.query_pairs().any(|sent| sent == pair), "{id}");
                query += 1;
            }
        }
        assert_eq!(url.query_pairs().count(), query, "{id}");
        let sent = percent_decoded(url.path());
        assert_eq!(sent, path, "{id}");
        let form = preview.headers.get("content-type");
        let form = form.is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        let sent = if form {
            let pairs: Map<String, Value> = url::form_urlencoded::parse(&preview.body)
                .map(|(name, value)| (name.into_owned(), value.into()))
                .collect();
            Value::Object(pairs)
        } else {
            serde_json::from_slice(&preview.body).unwrap_or(Value::Null)
        };
        assert_eq!(sent, body, "{id}");
        assert!(!preview.headers.contains_key("authorization"), "{id}");
        assert!(!preview.headers.contains_key("api-version"), "{id}");
    }
}

fn percent_decoded(path: &str) -> String {
    let form = format!("x={}", path.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect()
}

#[tokio::test]
async fn an_answer_is_left_as_it_came() {
    for body in [
        // Spaces, order, odd values and unknown fields.
        "{ \"total\":\"3\",  \"new\": [1.10], \"calls\":[{\"duration_seconds\":\"x\"}] }",
        "{}",
        "not JSON at all",
    ] {
        let server = RawServer::json("200 OK", body).await;
        let kally = client(server.base_url());
        let typed = kally.calls().list().limit(2).with_raw_body().await.unwrap();
        assert_eq!(typed.value.text().unwrap(), body);
        assert_eq!(typed.status.as_u16(), 200);
        let named = kally.operation("calls_list", json!({"limit": 2}));
        assert_eq!(named.unwrap().await.unwrap().value.text().unwrap(), body);
        let heard = server.heard();
        let lines: Vec<&str> = heard.iter().filter_map(|h| h.lines().next()).collect();
        assert_eq!(lines, ["GET /v1/calls?limit=2 HTTP/1.1"; 2]);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_said_before_anything_is_sent() {
    let kally = nowhere();
    for (id, arguments, field, why) in [
        ("calls_lst", json!({}), "operation", "there is none"),
        ("calls_list", json!([]), "arguments", "no object"),
        (
            "calls_list",
            json!({"limit": "5"}),
            "limit",
            "not what is asked for",
        ),
        (
            "calls_list",
            json!({"limit": -1}),
            "limit",
            "not what is asked for",
        ),
        (
            "calls_list",
            json!({"+12025550199": 1}),
            "arguments",
            "it has limit",
        ),
        ("calls_get", json!({}), "call_id", "missing"),
        (
            "calls_get",
            json!({"call_id": 7}),
            "call_id",
            "not what is asked for",
        ),
        ("calls_create", json!({}), "submission", "missing"),
        (
            "calls_create",
            json!({"submission": {"task_category": "general", "task_description": "x"}}),
            "submission.respondent_phone",
            "missing",
        ),
        (
            "calls_create",
            json!({"submission": 3, "timezone": "UTC"}),
            "submission",
            "not what is asked for",
        ),
        (
            "calls_create",
            json!({"idempotency_key": 3}),
            "idempotency_key",
            "not what is asked for",
        ),
    ] {
        let error = kally.operation(id, arguments).unwrap_err();
        assert!(error.is_invalid_input());
        assert_eq!(error.was_sent(), WasSent::No);
        assert_eq!(error.field(), Some(field), "{error}");
        let text = error.to_string();
        assert!(text.contains(why) && !text.contains("0199"), "{text}");
    }
    // What a number lacks is said in the number's own words.
    let emergency = json!({"submission": {"respondent_phone": "911"}});
    let error = kally.operation("calls_create", emergency).unwrap_err();
    assert_eq!(error.field(), Some("submission.respondent_phone"));
    assert!(error.code().is_some(), "{error}");

    // The values are checked as those of the typed request.
    let request = kally
        .operation("calls_get", json!({"call_id": "../x"}))
        .unwrap();
    for error in [
        request.check().unwrap_err(),
        request.preview().await.unwrap_err(),
        request.await.unwrap_err(),
    ] {
        assert_eq!(error.field(), Some("call_id"), "{error}");
    }
}

fn call() -> Value {
    let call = CallRequest::general(NUMBER.parse().unwrap(), "Ask when they open");
    serde_json::to_value(call).unwrap()
}

async fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().call_seconds(0.1).start().await.unwrap();
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap();
    (sandbox, kally)
}

#[tokio::test]
async fn a_call_is_placed_once_with_the_key_that_was_previewed() {
    let (sandbox, kally) = sandbox().await;
    let mut arguments = call();
    arguments["idempotency_key"] = json!("k1");
    let request = || kally.operation("calls_create", arguments.clone()).unwrap();
    let preview = request().preview().await.unwrap();
    assert_eq!(preview.headers["idempotency-key"], "k1");
    assert_eq!(
        serde_json::from_slice::<Value>(&preview.body).unwrap(),
        call()
    );
    assert!(sandbox.journal().is_empty());

    // The answer is lost, and the call found again.
    sandbox.inject(Fault::on("calls_create", FaultKind::ResetAfter).times(1));
    let answer = request().await.unwrap();
    let answer: Value = answer.value.json().unwrap();
    assert_eq!(answer["status"], "success");
    let journal = sandbox.journal();
    let sent: Vec<_> = journal.iter().filter(|e| e.method == "POST").collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].headers["idempotency-key"], "k1");
    sandbox.assert_dialled_once(NUMBER);

    // Without a key there is one all the same.
    let again = kally.operation("calls_create", call()).unwrap().await;
    again.unwrap();
    let journal = sandbox.journal();
    let last = journal.iter().rev().find(|e| e.method == "POST").unwrap();
    assert_eq!(last.headers["idempotency-key"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn a_refused_token_costs_nothing_and_a_failure_is_repeated_as_ever() {
    let (sandbox, kally) = sandbox().await;
    let down = FaultKind::ServerError { status: 503 };
    sandbox.inject(Fault::on("credits_balance", down).times(1));
    let balance = kally.operation("credits_balance", Value::Null).unwrap();
    let balance: Value = balance.await.unwrap().value.json().unwrap();
    assert!(balance.get("credits_remaining").is_some(), "{balance}");
    assert_eq!(sandbox.journal().len(), 2);

    let stranger = client(sandbox.base_url());
    let error = stranger.operation("credits_balance", json!({})).unwrap();
    let error = error.max_attempts(1).await.unwrap_err();
    assert!(error.is_sign_in());
    assert_eq!(error.operation().unwrap().id, "credits_balance");
}

#[tokio::test]
async fn a_raw_request_is_previewed_too_and_nothing_shows_what_is_in_it() {
    let kally = nowhere();
    let request = kally
        .request(Method::POST, "/v1/new/secret-path")
        .query("q", "a b")
        .json(json!({"text": "secret-task"}))
        .idempotency_key("k");
    let preview = request.preview().await.unwrap();
    assert_eq!(preview.url, "http://127.0.0.1:9/v1/new/secret-path?q=a+b");
    assert_eq!(preview.body, br#"{"text":"secret-task"}"#);
    assert_eq!(preview.headers["idempotency-key"], "k");
    let wrong = kally.request(Method::GET, "v1").preview().await;
    assert_eq!(wrong.unwrap_err().field(), Some("path"));

    let named = kally.operation("search_quick", json!({"query": "secret-task"}));
    let typed = kally.calls().get("secret-path").with_raw_body();
    let shown = format!("{preview:?} {:?} {typed:?}", named.unwrap());
    assert!(
        !shown.contains("secret") && !shown.contains(TOKEN),
        "{shown}"
    );
}
