//! The environment variables that the library reads; it reads no others.

use secrecy::SecretString;

use crate::client::ClientBuilder;
use crate::error::Error;

const ACCESS_TOKEN: &str = "KALLYAI_ACCESS_TOKEN";
const BASE_URL: &str = "KALLYAI_BASE_URL";

/// Puts what the environment says into a builder.
pub(crate) fn apply(mut builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    if let Some(url) = read(BASE_URL)? {
        builder = builder.base_url(url);
    }
    match read(ACCESS_TOKEN)? {
        Some(token) => Ok(builder.access_token(SecretString::from(token))),
        None => Err(Error::not_logged_in()),
    }
}

/// A variable that is set and not empty.
fn read(name: &'static str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::invalid_input(name, "it is not valid UTF-8"))
        }
    }
}
