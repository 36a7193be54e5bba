//! Every operation with everything that can be wrong with a request: the documented error, and the world
//! goes on.

use std::time::Duration;

use kallyai_openapi::{Operation, Spec};
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};

use crate::api::{Api, answer};
use crate::raw;
use crate::spec::{Asked, Document, ready, text};

struct Case {
    what: String,
    request: RequestBuilder,
    /// The statuses that are right.
    right: &'static [u16],
}

/// One operation in a world of its own.
struct Bench<'a> {
    document: &'a Document,
    operation: &'a Operation,
    api: Api,
    asked: Asked,
    cases: Vec<Case>,
}

impl<'a> Bench<'a> {
    async fn new(document: &'a Document, operation: &'a Operation) -> Self {
        let (api, asked) = ready(document, operation).await;
        Self {
            document,
            operation,
            api,
            asked,
            cases: Vec::new(),
        }
    }

    fn method(&self) -> Method {
        self.operation.method.parse().unwrap()
    }

    /// The path and query with which it would succeed.
    fn address(&self) -> String {
        let query = crate::api::encode(&self.asked.query);
        if query.is_empty() {
            self.asked.path.clone()
        } else {
            format!("{}?{query}", self.asked.path)
        }
    }

    /// The operation's request, signed in, with headers but without a body.
    fn request(&self, address: &str, token: &str) -> RequestBuilder {
        let mut request = self.api.with_token(self.method(), address, token);
        for (name, value) in &self.asked.headers {
            request = request.header(name, value);
        }
        request
    }

    fn own(&self, address: &str) -> RequestBuilder {
        self.request(address, self.api.sandbox.access_token())
    }

    /// With the body that it asks for.
    fn with_body(&self, request: RequestBuilder, body: Option<&Value>) -> RequestBuilder {
        match (&self.asked.body, body) {
            (Some((kind, _)), Some(body)) if kind.contains("form") => {
                let pairs: Vec<(String, String)> = body
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(name, value)| (name.clone(), text(value)))
                    .collect();
                request
                    .header("content-type", kind)
                    .body(crate::api::encode(&pairs))
            }
            (Some(_), Some(body)) => request.json(body),
            _ => request,
        }
    }

    fn good_body(&self) -> Option<&Value> {
        self.asked.body.as_ref().map(|(_, body)| body)
    }

    fn add(&mut self, what: impl Into<String>, request: RequestBuilder, right: &'static [u16]) {
        self.cases.push(Case {
            what: what.into(),
            request,
            right,
        });
    }

    fn definition(&self) -> &'a Value {
        let method = self.operation.method.to_lowercase();
        &self.document.0["paths"][&self.operation.path][&method]
    }

    fn tokens(&mut self) {
        if self.operation.public {
            return;
        }
        let address = self.address();
        let sandbox = &self.api.sandbox;
        let expired = sandbox.issue_token(["calls:read"], Duration::ZERO);
        let known = self
            .document
            .0
            .pointer("/components/securitySchemes/oauth/flows/authorizationCode/scopes")
            .unwrap();
        let others: Vec<&String> = known
            .as_object()
            .unwrap()
            .keys()
            .filter(|scope| !self.operation.scopes.contains(scope))
            .collect();
        let narrow = sandbox.issue_token(others, Duration::from_secs(60));
        let ask = |token: &str| self.with_body(self.request(&address, token), self.good_body());
        let (expired, foreign, narrow) = (
            ask(&expired.access_token),
            ask("sbx_at_0"),
            ask(&narrow.access_token),
        );
        self.add("an expired token", expired, &[401]);
        self.add("a token of nobody", foreign, &[401]);
        if !self.operation.scopes.is_empty() {
            self.add("a missing scope", narrow, &[403]);
        }
    }

    /// An id of another account, and of nobody. Enums in a path are no ids.
    async fn ids(&mut self) {
        let (_, elsewhere) = ready(self.document, self.operation).await;
        let names: Vec<&str> = self
            .operation
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .filter(|name| name.ends_with("_id") || *name == "index")
            .collect();
        let right: &[u16] = if self.definition()["responses"].get("404").is_some() {
            &[404]
        } else {
            &[200, 400]
        };
        for (index, part) in self.operation.path.split('/').enumerate() {
            let Some(name) = names.iter().find(|name| part == format!("{{{name}}}")) else {
                continue;
            };
            let foreign = elsewhere.path.split('/').nth(index).unwrap();
            // Two worlds without a seed have the same ids.
            let foreign = if *name == "index" {
                "4711".to_owned()
            } else {
                format!("{}0", &foreign[..foreign.len() - 1])
            };
            for id in [
                foreign.as_str(),
                "7f6a1c1e-6a47-4c0c-9a53-0b2f5d8a9e0f",
                "x",
            ] {
                let mut parts: Vec<&str> = self.asked.path.split('/').collect();
                if parts[index] == id || (*name == "index" && id == "x") {
                    continue;
                }
                parts[index] = id;
                let path = parts.join("/");
                let right = if *name == "index" && id.contains('-') {
                    &[400]
                } else {
                    right
                };
                let request = self.with_body(self.own(&path), self.good_body());
                self.add(format!("{name} = {id}"), request, right);
            }
        }
    }

    fn schema(&self) -> Option<&'a Value> {
        let content = self.definition()["requestBody"]["content"].as_object()?;
        let media = content.values().next()?;
        Some(self.document.resolve(&media["schema"]))
    }

    /// Bodies that lack a field, have a field of another type, or are none at all.
    fn bodies(&mut self) {
        const REFUSED: &[u16] = &[400, 422];
        let address = self.address();
        if let (Some(schema), Some((kind, body))) = (self.schema(), self.asked.body.clone()) {
            if !kind.contains("form") {
                let mut wrong = Vec::new();
                without_required(self.document, schema, &body, &mut Vec::new(), &mut wrong);
                with_wrong_types(self.document, schema, &body, &mut Vec::new(), &mut wrong);
                for (what, body) in wrong {
                    let request = self.own(&address).json(&body);
                    self.add(what, request, REFUSED);
                }
                for raw in ["", "{", "[]", "null", "\"text\"", "{\"a\": NaN}", "\u{0}"] {
                    let request = self
                        .own(&address)
                        .header("content-type", "application/json")
                        .body(raw);
                    self.add(format!("the body {raw:?}"), request, REFUSED);
                }
            }
            let request = self.own(&address).body("{}");
            self.add("no content type", request, REFUSED);
        }
        let request = self
            .own(&address)
            .header("content-type", "application/json")
            .body(vec![b' '; 10 * 1024 * 1024 + 1]);
        self.add("10 MB", request, &[413]);
    }

    /// Paths that a client would tidy up, byte by byte: none reaches the operation.
    async fn dots(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let documented = self.definition()["responses"].get("404").is_some();
        for dots in [
            "..", ".", "%2e%2e", "%2E%2e", "a%2f..", "a%5c..", "%00", "%ff", "",
        ] {
            let parts: Vec<&str> = self
                .operation
                .path
                .split('/')
                .map(|part| if part.starts_with('{') { dots } else { part })
                .collect();
            let path = parts.join("/");
            if path == self.operation.path {
                continue;
            }
            // Without its last part it is no path of the document.
            let (status, code) = if documented || path.ends_with('/') {
                ("HTTP/1.1 404", "not_found")
            } else {
                ("HTTP/1.1 400", "validation_error")
            };
            let request = format!(
                "{} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
                 Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}",
                self.operation.method,
                self.api.sandbox.access_token()
            );
            let (answer, _) = raw::exchange(&self.api.sandbox, &request).await;
            if !answer.starts_with(status) || !raw::body(&answer).contains(code) {
                wrong.push(format!("{}, {path}: {answer}", self.operation.id));
            }
        }
        wrong
    }

    async fn judge(self) -> Vec<String> {
        let mut wrong = self.dots().await;
        for case in self.cases {
            let (status, body) = answer(case.request).await;
            let id = &self.operation.id;
            if !case.right.contains(&status.as_u16()) {
                wrong.push(format!("{id}, {}: {status} {body}", case.what));
            } else if !status.is_success() && body["error"]["code"].as_str().is_none() {
                wrong.push(format!("{id}, {}: no code in {body}", case.what));
            }
        }
        let (status, _) = answer(self.api.get("/v1/credits/balance")).await;
        if status != 200 {
            wrong.push(format!("{}: afterwards {status}", self.operation.id));
        }
        wrong
    }
}

/// The body without each field that is required, inside too.
fn without_required(
    document: &Document,
    schema: &Value,
    body: &Value,
    place: &mut Vec<String>,
    found: &mut Vec<(String, Value)>,
) {
    let schema = document.resolve(schema);
    let required = schema["required"].as_array().into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        let mut less = body.clone();
        if inner(&mut less, place).remove(name).is_some() {
            found.push((format!("without {place:?} {name}"), less));
        }
    }
    descend(schema, body, place, &mut |property, place| {
        without_required(document, property, body, place, found);
    });
}

/// The body with each field as something else.
fn with_wrong_types(
    document: &Document,
    schema: &Value,
    body: &Value,
    place: &mut Vec<String>,
    found: &mut Vec<(String, Value)>,
) {
    let schema = document.resolve(schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let wrong = match document.resolve(property)["type"].as_str() {
            Some("string") => json!(["a list"]),
            Some("integer" | "number" | "boolean") => json!("a text"),
            Some("array") => json!({ "an": "object" }),
            Some("object") => json!(7),
            _ => continue,
        };
        let mut other = body.clone();
        inner(&mut other, place).insert(name.clone(), wrong);
        found.push((format!("{place:?} {name} of another type"), other));
    }
    descend(schema, body, place, &mut |property, place| {
        with_wrong_types(document, property, body, place, found);
    });
}

/// The object at a place.
fn inner<'a>(body: &'a mut Value, place: &[String]) -> &'a mut Map<String, Value> {
    let object = place.iter().fold(body, |value, name| &mut value[name]);
    object.as_object_mut().unwrap()
}

/// Visits the objects in an object.
fn descend(
    schema: &Value,
    body: &Value,
    place: &mut Vec<String>,
    visit: &mut impl FnMut(&Value, &mut Vec<String>),
) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let value = place.iter().fold(body, |value, name| &value[name]);
        if value[name].is_object() && property.get("additionalProperties").is_none() {
            place.push(name.clone());
            visit(property, place);
            place.pop();
        }
    }
}

#[tokio::test]
async fn everything_that_can_be_wrong_with_every_operation() {
    let spec = Spec::load().expect("the spec loads");
    let document = Document(spec.document().clone());
    let mut wrong = Vec::new();
    let mut count = 0;
    for operation in &spec.operations() {
        let mut bench = Bench::new(&document, operation).await;
        bench.tokens();
        bench.ids().await;
        bench.bodies();
        count += bench.cases.len();
        wrong.extend(bench.judge().await);
    }
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(count >= 1200, "{count}");
}
