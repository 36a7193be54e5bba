//! What would be sent, and is not.

use std::fmt::Write as _;

use kallyai_sdk::Preview;
use serde_json::{Map, Value, json};

use super::{Failure, Session};
use crate::output::{Exit, Format, Hints, Output};

/// Prints a request.
pub(crate) fn show(session: &Session, preview: &Preview) -> Result<Exit, Failure> {
    if session.output.format() == Format::Human {
        Output::lines(&as_text(preview))?;
    } else {
        let body = as_json(preview).to_string();
        session.output.answer(&Hints::default(), body.as_bytes())?;
    }
    Ok(Exit::Done)
}

/// For commands that are no request, or as many as it takes.
pub(crate) fn refuse(session: &Session) -> Result<(), Failure> {
    if session.options.dry_run {
        return Err(Failure::usage(
            "--dry-run shows one request, and this command is none, or many",
            "leave it out",
        ));
    }
    Ok(())
}

/// Prints one of several requests.
pub(crate) fn show_one_of_many(session: &Session, preview: &Preview) -> Result<(), Failure> {
    if session.output.format() == Format::Human {
        Output::lines(&(as_text(preview) + "\n"))?;
    } else {
        let body = as_json(preview).to_string();
        session.output.item(&Hints::default(), body.as_bytes())?;
    }
    Ok(())
}

fn as_json(preview: &Preview) -> Value {
    let headers: Map<String, Value> = headers(preview)
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let text = String::from_utf8_lossy(&preview.body);
    let body = serde_json::from_slice(&preview.body).unwrap_or_else(|_| match text.as_ref() {
        "" => Value::Null,
        text => text.into(),
    });
    json!({
        "dry_run": true,
        "method": preview.method.as_str(),
        "url": preview.url,
        "headers": headers,
        "body": body,
    })
}

fn as_text(preview: &Preview) -> String {
    let mut text = format!("{} {}\n", preview.method, preview.url);
    for (name, value) in headers(preview) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name}: {value}");
    }
    if !preview.body.is_empty() {
        let body: Option<Value> = serde_json::from_slice(&preview.body).ok();
        let body = body.and_then(|body| serde_json::to_string_pretty(&body).ok());
        text.push('\n');
        text.push_str(&body.unwrap_or_else(|| String::from_utf8_lossy(&preview.body).into_owned()));
        text.push('\n');
    }
    text
}

fn headers(preview: &Preview) -> impl Iterator<Item = (&str, String)> {
    preview.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str(), value)
    })
}
