//! Signing in with what Google or Apple gave to an app.

use super::TokenSet;
use super::bearer::check_token;
use super::refresh::no_tokens;
use crate::client::Client;
use crate::error::Error;
use crate::types::{AppleTokenRequest, GoogleTokenRequest, SecretText, TokenResponse};

/// Signs in with the id token that Google gave to a mobile app.
///
/// No source shows what the service answers. Tokens are assumed: an answer without an access token is
/// an error.
///
/// # Errors
///
/// When the service does not take the token, or answers without tokens.
pub async fn sign_in_with_google(
    client: &Client,
    id_token: impl Into<SecretText>,
) -> Result<TokenSet, Error> {
    let request = GoogleTokenRequest::new(id_token);
    tokens(client, client.auth().validate_google_token(request).await)
}

/// Signs in with the identity token and the authorization code that Apple gave to an iOS app. It spends
/// the code.
///
/// No source shows what the service answers. Tokens are assumed: an answer without an access token is
/// an error.
///
/// # Errors
///
/// When the service does not take the token or the code, or answers without tokens.
pub async fn sign_in_with_apple(
    client: &Client,
    request: AppleTokenRequest,
) -> Result<TokenSet, Error> {
    tokens(client, client.auth().exchange_apple_token(request).await)
}

fn tokens(client: &Client, answer: Result<TokenResponse, Error>) -> Result<TokenSet, Error> {
    let mut tokens = TokenSet::from(answer.map_err(without_body)?);
    check_token(tokens.access_token.expose()).map_err(|_| no_tokens())?;
    tokens.origin = Some(client.transport().wire.base_url.as_str().to_owned());
    Ok(tokens)
}

/// An answer that cannot be read may hold tokens all the same.
fn without_body(error: Error) -> Error {
    if !error.is_decode() {
        return error;
    }
    match error.operation() {
        Some(operation) => no_tokens().of(operation),
        None => no_tokens(),
    }
}
