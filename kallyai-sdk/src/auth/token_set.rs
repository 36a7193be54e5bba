//! What a sign-in gives.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::types::{SecretText, TokenResponse};

/// The tokens of one sign-in.
///
/// `Debug` shows no token. Serialized, it is what a store of your own can keep; whoever reads that can
/// act for the user.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TokenSet {
    /// What requests are sent with.
    pub access_token: SecretText,
    /// What brings the next access token. Without it the user signs in again when this one expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<SecretText>,
    /// When the access token expires, if the service said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// The scopes that were granted, separated by spaces, if the service said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The base URL of the service that gave them: they are sent nowhere else. Without it they are for
    /// the client that they are given to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The client id of the code flow that they came from; none for the flow for commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

impl TokenSet {
    /// Tokens that came from elsewhere.
    pub fn new(access_token: impl Into<SecretText>) -> Self {
        Self {
            access_token: access_token.into(),
            refresh_token: None,
            expires_at: None,
            scope: None,
            origin: None,
            client_id: None,
        }
    }

    /// With a refresh token.
    #[must_use]
    pub fn refresh_token(mut self, token: impl Into<SecretText>) -> Self {
        self.refresh_token = Some(token.into());
        self
    }

    /// With the time when the access token expires.
    #[must_use]
    pub fn expires_at(mut self, time: DateTime<Utc>) -> Self {
        self.expires_at = Some(time);
        self
    }

    /// The tokens of an answer that arrived at `now`.
    pub(crate) fn from_response(response: TokenResponse, now: DateTime<Utc>) -> Self {
        let seconds = response.expires_in.and_then(|seconds| seconds.to_f64());
        Self {
            access_token: response.access_token,
            refresh_token: response
                .refresh_token
                .filter(|token| !token.expose().is_empty()),
            expires_at: seconds.and_then(|seconds| lifetime(seconds, now)),
            scope: response.scope,
            origin: None,
            client_id: None,
        }
    }

    /// Whether both are the same tokens, whatever else is known about them; compared in constant time. What a
    /// [`LockedStore`](super::LockedStore) asks before it replaces.
    pub fn same_tokens(&self, other: &Self) -> bool {
        self.access_token.is_same(&other.access_token)
            && match (&self.refresh_token, &other.refresh_token) {
                (Some(one), Some(other)) => one.is_same(other),
                (None, None) => true,
                _ => false,
            }
    }
}

/// The longest life that is believed.
const LONGEST_LIFE: f64 = 10.0 * 366.0 * 24.0 * 3600.0;

pub(super) fn lifetime(seconds: f64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !seconds.is_finite() {
        return None;
    }
    #[allow(clippy::cast_possible_truncation)]
    // Within the limits, and a part of a second is nothing.
    let seconds = seconds.clamp(0.0, LONGEST_LIFE) as i64;
    now.checked_add_signed(TimeDelta::try_seconds(seconds)?)
}

impl From<TokenResponse> for TokenSet {
    /// The tokens of an answer that has just arrived: of `client.auth().refresh_token(..)` for instance.
    fn from(response: TokenResponse) -> Self {
        Self::from_response(response, Utc::now())
    }
}
