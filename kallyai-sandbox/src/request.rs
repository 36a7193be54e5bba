//! A request as the handlers see it: routed, decoded, and checked against the spec.

use axum::http::{HeaderMap, Method, Uri};
use serde_json::Value;
use url::form_urlencoded;

use crate::catalogue::{Catalogue, Operation, Place};
use crate::check::{Values, Violation, coerce, same_type};

/// A request for an operation.
pub(crate) struct Request {
    pub(crate) operation: &'static Operation,
    path: Values,
    query: Values,
    headers: Values,
    /// What the spec does not name: they belong to HTTP and to server-sent events.
    accept: String,
    last_event_id: Option<String>,
    pub(crate) body: Value,
}

impl Request {
    /// Takes the parts of a request apart, as the operation wants them.
    pub(crate) fn decode(
        catalogue: &Catalogue,
        operation: &'static Operation,
        path: Vec<(String, String)>,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, Violation> {
        let schema = |place: Place, name: &str| {
            operation
                .parameters()
                .iter()
                .find(|parameter| {
                    parameter.place == place && parameter.name.eq_ignore_ascii_case(name)
                })
                .map(|parameter| &parameter.schema)
        };
        let mut query = Values::new();
        for (name, text) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            // What the spec does not know is ignored, like an unknown field of a body.
            let Some(schema) = schema(Place::Query, &name) else {
                continue;
            };
            let value = coerce(catalogue, schema, &text);
            if query.insert(name.to_string(), value).is_some() {
                return Err(Violation::new(format!("query/{name}"), "is given twice"));
            }
        }
        let path = path
            .into_iter()
            .map(|(name, text)| {
                let value = schema(Place::Path, &name).map_or_else(
                    || Value::String(text.clone()),
                    |schema| coerce(catalogue, schema, &text),
                );
                (name, value)
            })
            .collect();
        let mut headers_wanted = Values::new();
        for (name, value) in headers {
            if schema(Place::Header, name.as_str()).is_none() {
                continue;
            }
            let wrong = |problem| Violation::new(format!("header/{name}"), problem);
            // Dropped silently, a key that nobody sees would ring a phone twice.
            let text = value
                .to_str()
                .ok()
                .filter(|text| !text.is_empty())
                .ok_or_else(|| wrong("must be visible ASCII and not empty"))?;
            let text = Value::String(text.to_owned());
            if headers_wanted.insert(name.to_string(), text).is_some() {
                return Err(wrong("is given twice"));
            }
        }
        let plain = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let content_type = plain("content-type");
        let checks = operation
            .checks(catalogue)
            .map_err(|problem| Violation::new("spec", problem))?;
        Ok(Self {
            operation,
            path,
            query,
            headers: headers_wanted,
            accept: plain("accept").unwrap_or_default().to_lowercase(),
            last_event_id: plain("last-event-id").map(str::to_owned),
            body: decode_body(catalogue, operation, checks.body_type(), content_type, body)?,
        })
    }

    pub(crate) fn check(&self, catalogue: &Catalogue) -> Result<(), Violation> {
        self.operation
            .checks(catalogue)
            .map_err(|problem| Violation::new("spec", problem))?
            .request(&self.path, &self.query, &self.headers, &self.body)
    }

    /// The schema of the body, where it names an appointment.
    pub(crate) fn appointment<'a>(&'a self, catalogue: &'a Catalogue) -> Option<&'a Value> {
        let content = self
            .operation
            .definition
            .get("requestBody")?
            .get("content")?;
        let schema = content.get("application/json")?.get("schema")?;
        let schema = catalogue.resolve(schema);
        schema.get("x-not-past").is_some().then_some(schema)
    }

    pub(crate) fn path(&self, name: &str) -> &str {
        text(&self.path, name).unwrap_or_default()
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        text(&self.query, name)
    }

    /// A count in the query, or what is meant when it is missing.
    pub(crate) fn count(&self, name: &str, default: usize) -> usize {
        self.query
            .get(name)
            .and_then(Value::as_u64)
            .map_or(default, |count| {
                usize::try_from(count).unwrap_or(usize::MAX)
            })
    }

    /// A switch in the query.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.query.get(name) == Some(&Value::Bool(true))
    }

    /// A number in the path.
    pub(crate) fn index(&self, name: &str) -> Option<usize> {
        usize::try_from(self.path.get(name)?.as_u64()?).ok()
    }

    /// Whether the client wants server-sent events.
    pub(crate) fn accepts_events(&self) -> bool {
        self.accept
            .split(',')
            .any(|kind| same_type(kind, "text/event-stream"))
    }

    /// The last event that the client has seen.
    pub(crate) fn last_event_id(&self) -> Option<&str> {
        self.last_event_id.as_deref().filter(|id| !id.is_empty())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        text(&self.headers, name)
    }

    /// A field of the body.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }
}

impl Request {
    /// A list of texts in the body.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        self.body
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }
}

fn text<'a>(values: &'a Values, name: &str) -> Option<&'a str> {
    values.get(name).and_then(Value::as_str)
}

fn decode_body(
    catalogue: &Catalogue,
    operation: &Operation,
    wanted: Option<&str>,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Value, Violation> {
    let json = content_type.is_some_and(|given| same_type(given, "application/json"));
    let Some(wanted) = wanted else {
        // Some clients send `{}` where nothing is asked for.
        return Ok(Value::Null);
    };
    if !content_type.is_some_and(|given| same_type(given, wanted)) {
        return Err(Violation::new(
            "header/content-type",
            format!("must be {wanted}"),
        ));
    }
    if json {
        return parse(body);
    }
    let schema = operation
        .definition
        .pointer("/requestBody/content")
        .and_then(|content| content.get(wanted)?.get("schema"))
        .map(|schema| catalogue.resolve(schema));
    let mut form = Values::new();
    for (name, text) in form_urlencoded::parse(body) {
        // As in the query, what the spec does not know is ignored.
        let Some(schema) = schema.and_then(|schema| schema.get("properties")?.get(&*name)) else {
            continue;
        };
        let value = coerce(catalogue, schema, &text);
        if form.insert(name.to_string(), value).is_some() {
            return Err(Violation::new(format!("body/{name}"), "is given twice"));
        }
    }
    Ok(Value::Object(form))
}

fn parse(body: &[u8]) -> Result<Value, Violation> {
    serde_json::from_slice(body).map_err(|error| {
        // Without the message, which may quote the body.
        Violation::new(
            "body",
            format!(
                "is not JSON (line {}, column {})",
                error.line(),
                error.column()
            ),
        )
    })
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get("authorization")?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

/// Whether a request only looks.
pub(crate) fn is_poll(method: &Method) -> bool {
    method == Method::GET
}
