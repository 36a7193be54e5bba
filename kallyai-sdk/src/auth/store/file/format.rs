//! What stands in a token file: the JSON that the vendor's own tools read and write.
//!
//! One of them writes `expires_at` as a fraction, reduced by a minute, the other needs a whole number and
//! takes the minute off itself; a missing refresh token can be null, or an empty string.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};

use crate::auth::TokenSet;
use crate::types::SecretText;

const ACCESS_TOKEN: &str = "access_token";
const REFRESH_TOKEN: &str = "refresh_token";
const EXPIRES_AT: &str = "expires_at";
const ORIGIN: &str = "origin";
const CLIENT_ID: &str = "client_id";
const SCOPE: &str = "scope";

/// The published life of an access token.
const USUAL_LIFE: TimeDelta = TimeDelta::seconds(3600);
/// By how much `expires_at` is reduced.
const MARGIN: TimeDelta = TimeDelta::seconds(60);
/// Later times are milliseconds, or nonsense.
const LATEST: Duration = Duration::from_secs(100_000_000_000);

/// What is left in a file that cannot be removed when somebody logs out.
pub(super) const SIGNED_OUT: &[u8] = b"{}\n";

/// What a file holds.
pub(super) enum Content {
    /// Nobody is signed in.
    SignedOut,
    /// Nothing: a place for tokens to come, or a write that was cut off.
    Empty,
    /// No tokens can be read from it.
    Damaged,
    Tokens(Stored),
}

/// Tokens, and what else stands beside them.
pub(super) struct Stored {
    pub(super) tokens: TokenSet,
    pub(super) rest: Map<String, Value>,
}

pub(super) fn parse(bytes: &[u8]) -> Content {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Content::Empty;
    }
    // What serde_json says about it repeats it.
    let Ok(mut fields) = serde_json::from_slice::<Map<String, Value>>(bytes) else {
        return Content::Damaged;
    };
    if fields.is_empty() {
        return Content::SignedOut;
    }
    let mut secret = |name| match fields.remove(name) {
        Some(Value::String(token)) if !token.is_empty() => Some(token),
        _ => None,
    };
    let (access_token, refresh_token) = (secret(ACCESS_TOKEN), secret(REFRESH_TOKEN));
    let Some(access_token) = access_token else {
        return Content::Damaged;
    };
    let mut tokens = TokenSet::new(access_token);
    tokens.refresh_token = refresh_token.map(Into::into);
    tokens.expires_at = fields.get(EXPIRES_AT).and_then(time);
    let text = |name| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    tokens.origin = text(ORIGIN);
    tokens.client_id = text(CLIENT_ID);
    tokens.scope = text(SCOPE);
    Content::Tokens(Stored {
        tokens,
        rest: fields,
    })
}

fn time(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let since_1970 = Duration::try_from_secs_f64(seconds).ok()?;
    let since_1970 = TimeDelta::from_std(since_1970.min(LATEST)).ok()?;
    (seconds < LATEST.as_secs_f64())
        .then(|| DateTime::UNIX_EPOCH.checked_add_signed(since_1970))
        .flatten()
}

/// The content of a file with these tokens and the other fields. The file shared with the vendor's tools
/// holds what they know, and always a time.
pub(super) fn write(
    tokens: &TokenSet,
    rest: Map<String, Value>,
    shared: bool,
    now: DateTime<Utc>,
) -> Zeroizing<Vec<u8>> {
    let mut fields = rest;
    let expires_at = match tokens.expires_at {
        None if shared => now.checked_add_signed(USUAL_LIFE),
        known => known,
    };
    fields.insert(ACCESS_TOKEN.into(), tokens.access_token.expose().into());
    fields.insert(
        REFRESH_TOKEN.into(),
        tokens
            .refresh_token
            .as_ref()
            .map(SecretText::expose)
            .filter(|token| !token.is_empty())
            .into(),
    );
    fields.insert(
        EXPIRES_AT.into(),
        expires_at.map(|time| reduced(time, now).timestamp()).into(),
    );
    if !shared {
        for (name, text) in [
            (ORIGIN, &tokens.origin),
            (CLIENT_ID, &tokens.client_id),
            (SCOPE, &tokens.scope),
        ] {
            match text {
                Some(text) => fields.insert(name.into(), text.as_str().into()),
                None => fields.remove(name),
            };
        }
    }
    let mut text = Zeroizing::new(Value::Object(fields).to_string().into_bytes());
    text.push(b'\n');
    text
}

/// The margin costs a token of the usual life nothing; a short one keeps half of what is left of it.
fn reduced(time: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let left = time.signed_duration_since(now).max(TimeDelta::zero());
    time.checked_sub_signed(MARGIN.min(left / 2))
        .unwrap_or(time)
}
