//! The access token that a request is sent with.
//!
//! The one place where a token becomes a header, and where refreshing will happen.

use std::fmt;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::error::Error;

/// The longest token that is taken.
const MAX_TOKEN: usize = 16 * 1024;

/// Where the bearer token comes from.
#[derive(Clone)]
pub(crate) enum Credentials {
    /// A token that the caller gave; never stored, never refreshed.
    Static(HeaderValue),
    /// None: public operations only.
    Nobody,
}

impl Credentials {
    /// Takes a token, if it can be one.
    pub(crate) fn from_token(token: &SecretString) -> Result<Self, Error> {
        let refuse = |why: &str| Err(Error::invalid_input("access_token", why));
        let text = token.expose_secret();
        if text.is_empty() {
            return refuse("it is empty");
        }
        if text.len() > MAX_TOKEN {
            return refuse("it is longer than 16 KiB");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refuse("it has a space, a control character or a letter outside ASCII");
        }
        let Ok(mut header) = HeaderValue::from_str(&format!("Bearer {text}")) else {
            return refuse("it cannot be sent in a header");
        };
        header.set_sensitive(true);
        Ok(Self::Static(header))
    }

    /// The value of the Authorization header.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, Error> {
        match self {
            Self::Static(header) => Ok(header.clone()),
            Self::Nobody => Err(Error::not_logged_in()),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Static(_) => "Static(..)",
            Self::Nobody => "Nobody",
        })
    }
}
