//! The environment variables that the library reads. (The HTTP and TLS libraries underneath read those
//! for proxies and certificates.)

use std::ffi::OsString;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::auth::{Credentials, FileStore, OAuthClient};
use crate::base_url::{self, BaseUrl};
use crate::error::Error;

const ACCESS_TOKEN: &str = "KALLYAI_ACCESS_TOKEN";
const TOKEN_FILE: &str = "KALLYAI_TOKEN_FILE";
const BASE_URL: &str = "KALLYAI_BASE_URL";
const CLIENT_ID: &str = "KALLYAI_CLIENT_ID";
const CLIENT_SECRET: &str = "KALLYAI_CLIENT_SECRET";

/// What the environment says.
pub(crate) struct Environment {
    access_token: Option<SecretString>,
    token_file: Option<PathBuf>,
    base_url: Option<String>,
    client: Option<OAuthClient>,
}

impl Environment {
    pub(crate) fn read() -> Result<Self, Error> {
        Self::from(|name| std::env::var_os(name))
    }

    fn from(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        // One that is set and empty is not set.
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let text = |name: &'static str| {
            set(name)
                .map(|value| {
                    value
                        .into_string()
                        .map_err(|_| Error::invalid_input(name, "it is not valid UTF-8"))
                })
                .transpose()
        };
        let secret = text(CLIENT_SECRET)?.map(SecretString::from);
        Ok(Self {
            access_token: text(ACCESS_TOKEN)?.map(SecretString::from),
            token_file: set(TOKEN_FILE).map(PathBuf::from),
            base_url: text(BASE_URL)?,
            client: text(CLIENT_ID)?.map(|id| OAuthClient { id, secret }),
        })
    }

    pub(crate) fn base_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or(base_url::DEFAULT)
    }

    /// The token, else the named file, else the file of this client or of the service: in this order.
    pub(crate) fn credentials(self) -> Result<Credentials, Error> {
        if let Some(token) = self.access_token {
            return Credentials::from_access_token(token);
        }
        let base_url = BaseUrl::parse(self.base_url())?;
        let store = if let Some(path) = self.token_file {
            FileStore::at(path)
        } else if let Some(client) = &self.client {
            FileStore::for_client(&client.id)?
        } else if base_url.as_str() == base_url::DEFAULT {
            FileStore::default_file()?
        } else {
            // The default file belongs to the service itself.
            return Err(Error::not_logged_in());
        };
        let credentials = Credentials::stored(Box::new(store), self.client);
        if credentials.is_foreign_to(base_url.as_str()) {
            return Err(Error::not_logged_in());
        }
        if credentials.is_logged_out()? {
            return Err(Error::not_logged_in());
        }
        Ok(credentials)
    }
}
