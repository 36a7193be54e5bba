//! What the journal does not show.

use std::borrow::Cow;

use axum::http::{HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use crate::catalogue::{Catalogue, Operation, catalogue};
use crate::walk::{any, walk};

/// Stands where a secret was.
pub(crate) const MASK: &str = "[masked]";

const HEADERS: &[&str] = &["cookie", "proxy-authorization"];

/// Names of parameters that hold a secret, whatever the operation.
const PARAMETERS: &[&str] = &[
    "access_token",
    "client_secret",
    "code",
    "code_verifier",
    "id_token",
    "refresh_token",
    "state",
    "token",
];

/// A header as it is shown.
pub(crate) fn header<'a>(name: &HeaderName, value: &'a HeaderValue) -> Cow<'a, str> {
    let text = String::from_utf8_lossy(value.as_bytes());
    if name == "authorization" {
        return match text.split_once(' ') {
            Some((scheme, _)) => Cow::Owned(format!("{scheme} {MASK}")),
            None => Cow::Borrowed(MASK),
        };
    }
    if HEADERS.contains(&name.as_str()) {
        return Cow::Borrowed(MASK);
    }
    text
}

/// Whether a parameter of the query holds a secret.
pub(crate) fn in_query(operation: Option<&Operation>, name: &str) -> bool {
    PARAMETERS.contains(&name)
        || operation.is_some_and(|operation| {
            operation.parameters().iter().any(|parameter| {
                parameter.name == name && parameter.schema.as_object().is_some_and(is_secret)
            })
        })
}

/// Masks the fields of a body that the spec calls passwords.
pub(crate) fn mask_body(operation: Option<&Operation>, body: &mut Value) {
    let (Some(operation), Ok(catalogue)) = (operation, catalogue()) else {
        return;
    };
    let Some(schema) = body_schema(operation) else {
        return;
    };
    walk(catalogue, schema, body, &mut |schema, value| {
        if is_secret(schema) && !value.is_null() {
            *value = json!(MASK);
        }
    });
    // What is not the document that was asked for cannot be told apart.
    if body.is_string() && has_secret(catalogue, schema) {
        *body = json!(MASK);
    }
}

fn body_schema(operation: &Operation) -> Option<&Value> {
    operation
        .definition
        .pointer("/requestBody/content")?
        .as_object()?
        .values()
        .next()?
        .get("schema")
}

fn has_secret(catalogue: &Catalogue, schema: &Value) -> bool {
    any(catalogue, schema, &is_secret)
}

fn is_secret(schema: &Map<String, Value>) -> bool {
    schema.get("format").and_then(Value::as_str) == Some("password")
}
