//! The environment variables that the library reads. (The HTTP and TLS libraries underneath read those
//! for proxies and certificates.)

use secrecy::SecretString;

use crate::error::Error;

const ACCESS_TOKEN: &str = "KALLYAI_ACCESS_TOKEN";
const BASE_URL: &str = "KALLYAI_BASE_URL";

/// What the environment says.
pub(crate) struct Environment {
    pub(crate) access_token: Option<SecretString>,
    pub(crate) base_url: Option<String>,
}

impl Environment {
    pub(crate) fn read() -> Result<Self, Error> {
        Ok(Self {
            access_token: variable(ACCESS_TOKEN)?.map(SecretString::from),
            base_url: variable(BASE_URL)?,
        })
    }
}

/// A variable that is set and not empty.
fn variable(name: &'static str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::invalid_input(name, "it is not valid UTF-8"))
        }
    }
}
