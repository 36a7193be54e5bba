//! The authorization code flow with PKCE.

mod builder;
mod callback;
mod endpoint;
mod secret;

use std::fmt;
use std::sync::Arc;

use chrono::Utc;
use oauth2::{CsrfToken, PkceCodeChallenge, Scope};

pub use builder::CodeFlowBuilder;
pub use secret::{Begun, CodeFlowSecret};

pub(crate) use endpoint::refresh_form;

use super::refresh::OAuthClient;
use super::{Credentials, TokenSet, TokenStore};
use crate::error::Error;
use crate::types::{SecretText, TokenResponse};
use crate::wire::Wire;
use endpoint::OAuth;

/// Signs users of a web application in, by the authorization code flow with PKCE (RFC 6749 and 7636).
///
/// It needs a client id from the vendor. The two halves run in two requests, in two processes if need
/// be: what the second needs of the first is one secret, kept in the user's session meanwhile.
///
/// ```no_run
/// use kallyai_sdk::auth::{CodeFlow, CodeFlowSecret};
///
/// # async fn example(session: &mut Option<CodeFlowSecret>, query: &str) -> Result<(), kallyai_sdk::Error> {
/// let flow = CodeFlow::builder("client-id", "https://app.example.com/callback")
///     .client_secret("from the vendor")
///     .scopes(["calls:read", "calls:write"])
///     .build()?;
///
/// // In one request: send the browser to begun.url().
/// let begun = flow.begin();
/// *session = Some(begun.secret().clone());
///
/// // In the request that brings the browser back, with the query as it came.
/// if let Some(secret) = session.take() {
///     let tokens = flow.finish(&secret, query).await?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// Cloning is cheap: the clones share their connections.
#[derive(Clone)]
pub struct CodeFlow {
    oauth: OAuth,
    client: OAuthClient,
    scopes: Vec<Scope>,
    wire: Arc<Wire>,
}

impl CodeFlow {
    /// A flow for a client id of the vendor's, and the address that the browser comes back to.
    ///
    /// The address is sent as it is written here, byte for byte: write it as it was registered. It is
    /// https, http on loopback, or of a scheme of your own with a dot in it (`com.example.app:/back`).
    pub fn builder(
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> CodeFlowBuilder {
        CodeFlowBuilder::new(client_id.into(), redirect_uri.into())
    }

    /// Begins a sign-in: where the browser goes, and the secret that [`finish`](Self::finish) wants.
    /// Nothing is sent.
    pub fn begin(&self) -> Begun {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state) = self
            .oauth
            .authorize_url(|| CsrfToken::new_random_len(secret::STATE_BYTES))
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(challenge)
            .url();
        Begun::new(
            String::from(url).into(),
            CodeFlowSecret::new(state.into_secret().into(), verifier.into_secret().into()),
        )
    }

    /// Ends a sign-in: exchanges the code for tokens.
    ///
    /// `callback` is what the browser came back with: the query as it was sent, or the whole address.
    /// A callback that does not belong to this sign-in is refused before anything is sent, and the
    /// secret stays good: the real one may still come. After the sign-in forget the secret.
    ///
    /// # Errors
    ///
    /// [`is_sign_in`](Error::is_sign_in) when the state is missing or wrong, when a parameter is
    /// repeated, and when the user or the service refused; then [`code`](Error::code) is the service's
    /// word for it, `access_denied` for instance. What the exchange ends with comes as of every other
    /// request: `invalid_grant` for a code that was used before.
    pub async fn finish(&self, secret: &CodeFlowSecret, callback: &str) -> Result<TokenSet, Error> {
        let code = callback::code(callback, secret.state())?;
        self.redeem(&code, secret).await
    }

    /// Exchanges a code that has proven to be of this sign-in.
    pub(crate) async fn redeem(
        &self,
        code: &SecretText,
        secret: &CodeFlowSecret,
    ) -> Result<TokenSet, Error> {
        let answer = endpoint::exchange(&self.oauth, &self.wire, code, secret.verifier()).await;
        match answer {
            Err(error) if is_invalid_grant(&error) => Err(error.with_remedy(
                "begin the sign-in again: a code is good once, and for a few minutes",
            )),
            answer => Ok(self.tokens(answer?)),
        }
    }

    /// Gets new tokens with the refresh token. It may be spent by that: keep what this returns, let only
    /// one at a time refresh the same tokens, and do not drop the future before it is done, for then
    /// the new ones are lost.
    ///
    /// An answer without a refresh token keeps the old one, and one without scopes the old ones.
    ///
    /// # Errors
    ///
    /// [`is_reauth_required`](Error::is_reauth_required) without a refresh token, and when the service
    /// does not take it. Tokens of another service or another client id are refused, and not sent.
    pub async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet, Error> {
        if !self.are_ours(tokens) {
            return Err(Error::invalid_input(
                "tokens",
                "they are from another service or for another client id",
            ));
        }
        let Some(refresh_token) = &tokens.refresh_token else {
            return Err(
                Error::reauth_required("there is no refresh token").with_remedy("sign in again")
            );
        };
        let answer = endpoint::refresh(&self.oauth, &self.wire, refresh_token).await;
        let mut new = match answer {
            Err(error) if is_invalid_grant(&error) => return Err(error.into_reauth_required()),
            answer => self.tokens(answer?),
        };
        if new.refresh_token.is_none() {
            new.refresh_token = Some(refresh_token.clone());
        }
        if new.scope.is_none() {
            new.scope.clone_from(&tokens.scope);
        }
        Ok(new)
    }

    /// Credentials that take this flow's tokens from a store, and refresh them as this client. For a
    /// client with the same base URL.
    ///
    /// ```no_run
    /// use kallyai_sdk::Client;
    /// use kallyai_sdk::auth::{CodeFlow, FileStore};
    ///
    /// # fn example(flow: &CodeFlow) -> Result<(), kallyai_sdk::Error> {
    /// let kally = Client::builder()
    ///     .credentials(flow.credentials(FileStore::for_client("client-id")?))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn credentials(&self, store: impl TokenStore + 'static) -> Credentials {
        Credentials::stored(Box::new(store), Some(self.client.clone()))
    }

    fn tokens(&self, answer: TokenResponse) -> TokenSet {
        let mut tokens = TokenSet::from_response(answer, Utc::now());
        tokens.origin = Some(self.wire.base_url.as_str().to_owned());
        tokens.client_id = Some(self.oauth.client_id().to_string());
        tokens
    }

    /// Tokens that do not say where they are from are taken for this client's.
    fn are_ours(&self, tokens: &TokenSet) -> bool {
        let origin = tokens.origin.as_deref();
        let client_id = tokens.client_id.as_ref();
        origin.is_none_or(|origin| origin == self.wire.base_url.as_str())
            && client_id.is_none_or(|id| id == self.oauth.client_id().as_str())
    }
}

/// Whether the service takes the code or refresh token no more (RFC 6749, section 5.2).
fn is_invalid_grant(error: &Error) -> bool {
    let refused = error
        .status()
        .is_some_and(|status| status.is_client_error());
    refused
        && error
            .code()
            .is_some_and(|code| code.as_str() == "invalid_grant")
}

impl fmt::Debug for CodeFlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CodeFlow")
            .field("base_url", &self.wire.base_url.as_str())
            .field("client_id", &self.oauth.client_id().as_str())
            .field(
                "redirect_uri",
                &self.oauth.redirect_uri().map(|uri| uri.as_str()),
            )
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
