//! Where a client's access token comes from.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::bearer::bearer;
use super::refresh::OAuthClient;
use super::stored::Stored;
use super::{StoreError, TokenStore};
use crate::base_url::BaseUrl;
use crate::error::Error;
use crate::wire;

/// Where the access token comes from, and how it stays good.
///
/// Clones share what they know: one refresh is enough for all clients that were built with them.
/// Nothing is read and nothing sent before the first request that needs a token, and the library never
/// starts a sign-in by itself.
///
/// ```no_run
/// use kallyai_sdk::Client;
/// use kallyai_sdk::auth::{Credentials, FileStore};
///
/// # fn example() -> Result<(), kallyai_sdk::Error> {
/// let kally = Client::builder()
///     .credentials(Credentials::from_store(FileStore::named("work")?))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Credentials(Source);

#[derive(Clone)]
enum Source {
    /// Public operations only.
    Nobody,
    /// Never stored, never refreshed.
    Static(HeaderValue),
    Stored(Arc<Stored>),
}

/// A token for one attempt.
pub(crate) struct Authorization {
    pub(crate) header: HeaderValue,
    /// Names a token that can be refreshed.
    pub(crate) generation: Option<u64>,
}

impl Credentials {
    /// No sign-in: for the operations that need none.
    pub fn none() -> Self {
        Self(Source::Nobody)
    }

    /// An access token that is used as it is: never stored, never refreshed.
    ///
    /// # Errors
    ///
    /// Invalid input, when it cannot be a token.
    pub fn from_access_token(token: impl Into<SecretString>) -> Result<Self, Error> {
        let token = token.into();
        Ok(Self(Source::Static(bearer(token.expose_secret())?)))
    }

    /// Tokens from a store, refreshed when they expire.
    ///
    /// Tokens of the code flow name their client; for a client with a secret use
    /// [`CodeFlow::credentials`](super::CodeFlow::credentials).
    pub fn from_store(store: impl TokenStore + 'static) -> Self {
        Self::stored(Box::new(store), None)
    }

    pub(crate) fn stored(store: Box<dyn TokenStore>, client: Option<OAuthClient>) -> Self {
        Self(Source::Stored(Arc::new(Stored::new(store, client))))
    }

    /// The value of the Authorization header for one request, with a token that is good; refreshed if
    /// need be. It is marked sensitive. For requests that are made by other means than a
    /// [`Client`](crate::Client), to the service of a client that was built with these credentials.
    ///
    /// # Errors
    ///
    /// [Not logged in](Error::is_not_logged_in), or [sign in again](Error::is_reauth_required); or the
    /// failure of a refresh, which may work later.
    pub async fn authorization_header(&self) -> Result<HeaderValue, Error> {
        match self.ready_authorization_header() {
            Some(header) => Ok(header),
            None => Ok(self.renewed().await?.header),
        }
    }

    /// The same, if a good token is known without reading or refreshing one. Takes no lock.
    pub fn ready_authorization_header(&self) -> Option<HeaderValue> {
        Some(self.at_hand()?.header)
    }

    /// Ties them to the only service that they are sent to.
    pub(crate) fn bind(&self, settings: &wire::Settings, base_url: &BaseUrl) -> Result<(), Error> {
        match &self.0 {
            Source::Stored(stored) => stored.bind(settings, base_url),
            Source::Nobody | Source::Static(_) => Ok(()),
        }
    }

    /// Whether a store of tokens stands behind them and is empty.
    pub(crate) fn is_logged_out(&self) -> Result<bool, StoreError> {
        match &self.0 {
            Source::Stored(stored) => stored.is_empty(),
            Source::Nobody => Ok(true),
            Source::Static(_) => Ok(false),
        }
    }

    /// A token that is good and needs no waiting for: what every request asks first.
    pub(crate) fn at_hand(&self) -> Option<Authorization> {
        match &self.0 {
            Source::Nobody => None,
            Source::Static(header) => Some(Authorization {
                header: header.clone(),
                generation: None,
            }),
            Source::Stored(stored) => stored.fresh(),
        }
    }

    /// A token that has first to be read or refreshed.
    pub(crate) async fn renewed(&self) -> Result<Authorization, Error> {
        match &self.0 {
            Source::Stored(stored) => stored.renewed(None).await,
            Source::Static(_) | Source::Nobody => Err(Error::not_logged_in()),
        }
    }

    /// After the service has rejected a token: another one, if there is one.
    pub(crate) async fn instead_of(&self, generation: u64) -> Result<Option<Authorization>, Error> {
        match &self.0 {
            Source::Stored(stored) if !stored.is_too_new_to_doubt(generation) => {
                stored.renewed(Some(generation)).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Whether they are for another service than this one; told without reading them.
    pub(crate) fn is_foreign_to(&self, base_url: &str) -> bool {
        match &self.0 {
            Source::Stored(stored) => stored
                .store
                .origin()
                .is_some_and(|origin| origin != base_url),
            Source::Nobody | Source::Static(_) => false,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Nobody => f.write_str("Nobody"),
            Source::Static(_) => f.write_str("Static(..)"),
            Source::Stored(stored) => stored.fmt(f),
        }
    }
}
