//! Every operation of the spec is reachable, is sent as the spec says, and its documented answer
//! comes through decoding and encoding unchanged.

use std::collections::BTreeMap;

use kallyai_openapi::{Answer, Operation, Spec};
use kallyai_sandbox::Sandbox;
use kallyai_sdk::{Client, OPERATIONS};
use kallyai_tests::{CALLERS, CODECS, RawServer, without_nulls};
use serde_json::{Value, json};

fn spec() -> Spec {
    Spec::load().expect("the spec merges")
}

fn schema_example(spec: &Spec, name: &str) -> Value {
    spec.document()
        .pointer(&format!("/components/schemas/{name}/example"))
        .unwrap_or_else(|| panic!("{name} has an example"))
        .clone()
}

fn body_of(spec: &Spec, operation: &Operation) -> Value {
    operation
        .request
        .as_deref()
        .map_or(Value::Null, |name| schema_example(spec, name))
}

/// The journal masks what the spec calls passwords.
fn masked(spec: &Spec, operation: &Operation, mut body: Value) -> Value {
    let name = operation.request.as_deref().unwrap_or_default();
    let pointer = format!("/components/schemas/{name}/properties");
    let properties = spec.document().pointer(&pointer).and_then(Value::as_object);
    for (field, property) in properties.into_iter().flatten() {
        if property["format"] == "password" && body.get(field).is_some() {
            body[field] = json!("[masked]");
        }
    }
    body
}

/// As it stands in a query or a path.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// The parameters of one kind, by name, from the examples.
fn examples(spec: &Spec, operation: &Operation, place: &str) -> BTreeMap<String, String> {
    spec.parameters(&operation.id)
        .into_iter()
        .filter(|parameter| parameter["in"] == place)
        .map(|parameter| (text(&parameter["name"]), text(&parameter["example"])))
        .collect()
}

#[test]
fn the_index_the_callers_and_the_table_of_facts_agree() {
    let spec = spec();
    let facts = include_str!("operations.tsv");
    let expected: Vec<Vec<&str>> = facts
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(OPERATIONS.len(), expected.len());
    assert_eq!(CALLERS.len(), expected.len());
    let by_id: BTreeMap<_, _> = spec
        .operations()
        .into_iter()
        .map(|operation| (operation.id.clone(), operation))
        .collect();
    for row in expected {
        let [domain, id, method, path, auth] = row[..] else {
            panic!("five columns: {row:?}");
        };
        let operation = by_id.get(id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(operation.domain, domain);
        assert_eq!(
            (operation.method.as_str(), operation.path.as_str()),
            (method, path),
            "{id}"
        );
        assert_eq!(operation.public, auth == "none", "{id}");
        let index = OPERATIONS.iter().find(|row| row.id == id).unwrap();
        assert_eq!((index.method.as_str(), index.path), (method, path));
        assert!(CALLERS.iter().any(|(caller, _)| *caller == id), "{id}");
    }
}

#[test]
fn the_readme_lists_the_domains() {
    let readme = include_str!("../README.md");
    let mut domains: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in OPERATIONS {
        *domains.entry(operation.domain).or_default() += 1;
    }
    for (domain, count) in &domains {
        let row = format!("| `{domain}` | {count} |");
        assert!(readme.contains(&row), "{row}");
    }
    let rows = readme
        .lines()
        .skip_while(|line| !line.starts_with("| domain |"));
    assert_eq!(
        rows.skip(2)
            .take_while(|line| line.starts_with('|'))
            .count(),
        domains.len()
    );
}

#[tokio::test]
async fn every_operation_is_sent_as_the_spec_says() {
    let spec = spec();
    let sandbox = Sandbox::builder()
        .call_seconds(0.0)
        .auto_approve(true)
        .start()
        .await
        .unwrap();
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap();
    let mut refused = Vec::new();
    for operation in spec.operations() {
        let id = operation.id.as_str();
        let (_, caller) = CALLERS.iter().find(|(caller, _)| *caller == id).unwrap();
        let body = body_of(&spec, &operation);
        sandbox.clear_journal();
        // The example's ids are unknown to this world; what counts here is what was sent.
        let result = caller(client.clone(), body.clone()).await;
        let journal = sandbox.journal();
        assert_eq!(journal.len(), 1, "{id}: {result:?}");
        let entry = serde_json::to_value(&journal[0]).unwrap();

        assert_eq!(entry["operation_id"], id);
        assert_eq!(entry["method"], operation.method);
        let path = examples(&spec, &operation, "path")
            .iter()
            .fold(operation.path.clone(), |path, (name, value)| {
                path.replace(&format!("{{{name}}}"), value)
            });
        assert_eq!(entry["path"], path, "{id}");
        let query: BTreeMap<String, String> = entry["query"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect();
        let mut expected = examples(&spec, &operation, "query");
        for parameter in spec.parameters(id) {
            // The state is no password, and nobody's business all the same.
            let secret =
                parameter["schema"]["format"] == "password" || parameter["name"] == "state";
            if parameter["in"] == "query" && secret {
                expected.insert(text(&parameter["name"]), "[masked]".to_owned());
            }
        }
        assert_eq!(query, expected, "{id}");

        let headers = entry["headers"].as_object().unwrap();
        for (name, value) in examples(&spec, &operation, "header") {
            assert_eq!(headers[&name.to_lowercase()], value, "{id}");
        }
        assert_eq!(
            headers.contains_key("authorization"),
            !operation.public,
            "{id}"
        );
        assert!(!headers.contains_key("api-version"), "{id}");
        assert!(text(&headers["user-agent"]).contains("kallyai-sdk-rust/"));

        let body = masked(&spec, &operation, body);
        match &entry["body"] {
            Value::String(form) if !form.is_empty() => {
                let sent: BTreeMap<String, String> = serde_urlencoded::from_str(form).unwrap();
                let expected: BTreeMap<String, String> = body
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name.clone(), text(value)))
                    .collect();
                assert_eq!(sent, expected, "{id}");
            }
            Value::String(_) | Value::Null => assert_eq!(body, Value::Null, "{id}: sent nothing"),
            sent => assert_eq!(*sent, body, "{id}"),
        }
        let status = entry["status"].as_u64().unwrap();
        assert!(status < 500, "{id}: {status} {result:?}");
        // `validation_error` is what the sandbox says of a request that does not fit the spec; signing in
        // says it of clients and codes that this world does not know, too.
        if let Err(error) = &result
            && status == 400
            && error
                .code()
                .is_some_and(|code| code.as_str() == "validation_error")
            && operation.domain != "auth"
            && !OF_ANOTHER_WORLD.contains(&id)
        {
            refused.push(format!("{id}: {error}: {:?}", error.reason()));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// The examples of these fit the spec and name what a new world does not have: a phone, a restaurant.
const OF_ANOTHER_WORLD: &[&str] = &["phone_configure_verified", "phone_set_up_forwarding"];

#[tokio::test]
async fn every_documented_answer_comes_back_unchanged() {
    let spec = spec();
    for operation in spec.operations() {
        let id = operation.id.as_str();
        let (status, headers, body) = match &operation.answer {
            Answer::Json(name) => {
                let example = schema_example(&spec, name);
                (
                    operation.success_status,
                    "application/json",
                    example.to_string(),
                )
            }
            Answer::Text(kind) => {
                let pointer = format!("/responses/200/content/{}/example", kind.replace('/', "~1"));
                let item = spec.document()["paths"][&operation.path]
                    [operation.method.to_lowercase()]
                .pointer(&pointer)
                .cloned();
                (
                    200,
                    kind.as_str(),
                    text(&item.expect("a text has an example")),
                )
            }
            Answer::Redirect => (302, "text/plain", String::new()),
            _ => (operation.success_status, "text/plain", String::new()),
        };
        let location = "https://app.example.com/?access_token=t";
        let headers = if operation.answer == Answer::Redirect {
            format!("location: {location}\r\n")
        } else {
            format!("content-type: {headers}\r\n")
        };
        let server = RawServer::with(&format!("{status} Done"), &headers, &body).await;
        let client = Client::builder()
            .base_url(server.base_url())
            .access_token("token")
            .build()
            .unwrap();
        let (_, caller) = CALLERS.iter().find(|(caller, _)| *caller == id).unwrap();
        let answer = caller(client, body_of(&spec, &operation))
            .await
            .unwrap_or_else(|error| panic!("{id}: {error}"));
        let expected = match &operation.answer {
            Answer::Json(_) => serde_json::from_str(&body).unwrap(),
            Answer::Text(_) => Value::from(body),
            Answer::Redirect => Value::from(location),
            _ => Value::Null,
        };
        assert_eq!(without_nulls(&answer), without_nulls(&expected), "{id}");
        assert_eq!(server.heard().len(), 1, "{id}");
    }
}

#[test]
fn every_schema_comes_back_unchanged_with_fields_nobody_knows() {
    let spec = spec();
    assert!(CODECS.len() > 100);
    for (name, codec) in CODECS {
        let mut example = schema_example(&spec, name);
        if name != &"CreditCostUnits" {
            example["field_of_tomorrow"] = json!({"a": [1, "two", null]});
        }
        let (encoded, _) = codec(example.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut expected = example;
        // Inside what nobody knows, null is kept; elsewhere it equals absent.
        let unknown = expected
            .as_object_mut()
            .unwrap()
            .remove("field_of_tomorrow");
        let mut rest = encoded;
        assert_eq!(
            rest.as_object_mut().unwrap().remove("field_of_tomorrow"),
            unknown,
            "{name}"
        );
        assert_eq!(without_nulls(&rest), without_nulls(&expected), "{name}");
    }
}
