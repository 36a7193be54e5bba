//! Reads an answer as its operation says.

use http::header::{CONTENT_TYPE, HeaderMap, LOCATION};
use serde::de::DeserializeOwned;

use crate::decode;
use crate::error::Error;
use crate::index::{Answer, Operation};
use crate::request::Arrived;
use crate::types::Redirect;
use crate::wire::Answered;

/// JSON.
pub(crate) fn json<T: DeserializeOwned>(
    operation: &'static Operation,
    answered: Answered,
) -> Arrived<T> {
    if let Ok(value) = serde_json::from_slice(&answered.body) {
        return Ok(answered.with(value));
    }
    let value = decode::repair(operation, &answered.body)?;
    let mut response = answered.with(value);
    response.mended = true;
    Ok(response)
}

/// No body.
// One signature for all of them.
#[allow(clippy::unnecessary_wraps)]
pub(crate) fn empty(_: &'static Operation, answered: Answered) -> Arrived<()> {
    Ok(answered.with(()))
}

/// A redirect, not followed.
pub(crate) fn redirect(_: &'static Operation, answered: Answered) -> Arrived<Redirect> {
    let location = answered.headers.get(LOCATION);
    let location = location
        .and_then(|location| location.to_str().ok())
        .map(Redirect::new)
        .ok_or_else(|| Error::decode("the answer redirects nowhere", &[]))?;
    Ok(answered.with(location))
}

/// A text of the kind that the spec names.
pub(crate) fn text(operation: &'static Operation, answered: Answered) -> Arrived<String> {
    let expected = match operation.answer {
        Answer::Text(kind) => Some(kind),
        _ => None,
    };
    let kind = content_type(&answered.headers);
    let fits = kind.is_none() || kind.as_deref() == expected;
    let text = std::str::from_utf8(&answered.body).ok().filter(|_| fits);
    match text.map(str::to_owned) {
        Some(text) => Ok(answered.with(text)),
        None => Err(Error::decode(
            "the answer is no text of the kind asked for",
            &answered.body,
        )),
    }
}

/// What an answer says it is, without parameters.
pub(crate) fn content_type(headers: &HeaderMap) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(kind.split(';').next().unwrap_or(kind).trim().to_lowercase())
}
