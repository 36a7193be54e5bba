//! The document by which a world checks itself, whole, for other people's tools.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use serde_json::{Value, json};

use crate::control::respond;
use crate::schema;
use crate::shared::Shared;
use crate::wire::Answer;

/// With the prose and the links, which nothing here reads; parsed only when somebody asks.
const WHOLE: &str = include_str!(concat!(env!("OUT_DIR"), "/whole.json"));

/// The spec, with what the sandbox answers beyond its enums, and with this world as the service.
pub(crate) async fn serve(State(shared): State<Arc<Shared>>) -> Response<Body> {
    respond(&match whole(&shared.base_url) {
        Ok(document) => Answer::ok(document),
        Err(problem) => Answer::error(500, "sandbox_bug", &problem),
    })
}

fn whole(base_url: &str) -> Result<Value, String> {
    let mut document: Value = serde_json::from_str(WHOLE).map_err(|error| error.to_string())?;
    let schemas = document.pointer_mut("/components/schemas");
    for (name, schema) in schemas.and_then(Value::as_object_mut).into_iter().flatten() {
        schema::admit_assumed(name, schema);
    }
    if let Value::Object(document) = &mut document {
        let here = json!([{ "url": base_url, "description": "A sandbox." }]);
        document.insert("servers".to_owned(), here);
    }
    let flow = "/components/securitySchemes/oauth/flows/authorizationCode";
    for address in ["authorizationUrl", "tokenUrl", "refreshUrl"] {
        if let Some(Value::String(url)) = document.pointer_mut(&format!("{flow}/{address}"))
            && let Some(path) = url.find("/v1/")
        {
            url.replace_range(..path, base_url);
        }
    }
    Ok(document)
}
