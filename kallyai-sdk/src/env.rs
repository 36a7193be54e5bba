//! The environment variables that the library reads. (The HTTP and TLS libraries underneath read those
//! for proxies and certificates.)

use std::ffi::OsString;
use std::fmt;
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

/// What the environment says of an account: see [`Client::from_env`](crate::Client::from_env) for the variables.
///
/// A program with flags and a configuration of its own puts them before the variables:
///
/// ```no_run
/// use kallyai_sdk::{ClientBuilder, Environment};
///
/// # fn example(flag: Option<std::ffi::OsString>) -> Result<(), kallyai_sdk::Error> {
/// let environment = Environment::from_variables(|name| match name {
///     "KALLYAI_TOKEN_FILE" => flag.clone().or_else(|| std::env::var_os(name)),
///     _ => std::env::var_os(name),
/// })?;
/// let kally = ClientBuilder::from_environment(environment)?.build()?;
/// # Ok(())
/// # }
/// ```
pub struct Environment {
    access_token: Option<SecretString>,
    token_file: Option<PathBuf>,
    base_url: Option<String>,
    client: Option<OAuthClient>,
}

impl Environment {
    /// What the variables of this process say.
    ///
    /// # Errors
    ///
    /// Invalid input, when one of them is no UTF-8.
    pub fn read() -> Result<Self, Error> {
        Self::from_variables(std::env::var_os)
    }

    /// What other variables say: the function is asked for each by its name.
    ///
    /// # Errors
    ///
    /// Invalid input, when one of them is no UTF-8.
    pub fn from_variables(
        variable: impl Fn(&'static str) -> Option<OsString>,
    ) -> Result<Self, Error> {
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

    /// Where the service is.
    pub fn base_url(&self) -> &str {
        self.base_url.as_deref().unwrap_or(base_url::DEFAULT)
    }

    /// The client of the code flow, if one is named.
    pub fn client_id(&self) -> Option<&str> {
        self.client.as_ref().map(|client| client.id.as_str())
    }

    /// Whether there is a token that is neither stored nor refreshed.
    pub fn has_access_token(&self) -> bool {
        self.access_token.is_some()
    }

    /// Where the tokens of a sign-in belong: the named file, else that of the named client, else the one that
    /// the vendor's tools share. That one belongs to the service itself: at another there is none.
    ///
    /// # Errors
    ///
    /// Invalid input, when the base URL is none, and those of [`FileStore`].
    pub fn token_store(&self) -> Result<Option<FileStore>, Error> {
        let base_url = BaseUrl::parse(self.base_url())?;
        Ok(if let Some(path) = &self.token_file {
            Some(FileStore::at(path))
        } else if let Some(client) = &self.client {
            Some(FileStore::for_client(&client.id)?)
        } else if base_url.as_str() == base_url::DEFAULT {
            Some(FileStore::default_file()?)
        } else {
            None
        })
    }

    /// The token, else what is stored.
    ///
    /// # Errors
    ///
    /// Those of [`Client::from_env`](crate::Client::from_env).
    pub fn credentials(self) -> Result<Credentials, Error> {
        if let Some(token) = self.access_token {
            return Credentials::from_access_token(token);
        }
        let store = self.token_store()?.ok_or_else(Error::not_logged_in)?;
        let base_url = BaseUrl::parse(self.base_url())?;
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

impl fmt::Debug for Environment {
    /// Paths and addresses can name a person, and the rest are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}
