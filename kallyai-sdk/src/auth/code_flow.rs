//! The authorization code flow with PKCE.

pub(crate) async fn refresh_form(
    _: &crate::wire::Wire,
    _: &super::refresh::OAuthClient,
    _: &crate::types::SecretText,
    _: std::time::Duration,
) -> Result<super::TokenSet, crate::error::Error> {
    Err(crate::error::Error::sign_in("stub"))
}
