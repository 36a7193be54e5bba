//! Making a [`CodeFlow`].

use std::fmt;
use std::sync::Arc;

use oauth2::{RedirectUrl, Scope};

use super::{CodeFlow, endpoint};
use crate::auth::OAuthClient;
use crate::base_url::{self, BaseUrl, is_loopback};
use crate::error::Error;
use crate::types::SecretText;
use crate::wire::{Settings, Wire};

/// Makes a [`CodeFlow`].
#[derive(Clone)]
#[must_use]
pub struct CodeFlowBuilder {
    client_id: String,
    client_secret: Option<SecretText>,
    redirect_uri: String,
    base_url: String,
    scopes: Vec<String>,
}

impl CodeFlowBuilder {
    pub(super) fn new(client_id: String, redirect_uri: String) -> Self {
        Self {
            client_id,
            client_secret: None,
            redirect_uri,
            base_url: base_url::DEFAULT.to_owned(),
            scopes: Vec::new(),
        }
    }

    /// The secret that came with the client id. Leave it out where it could not be kept, in a program
    /// that users have on their machines: then PKCE alone shows that the code is its own.
    pub fn client_secret(mut self, secret: impl Into<SecretText>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// Where the service is, without `/v1`; `https://api.kallyai.com` by default. https only, unless it
    /// is loopback.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// With the address that has turned out to be the one.
    pub(crate) fn redirect_uri(mut self, uri: &str) -> Self {
        uri.clone_into(&mut self.redirect_uri);
        self
    }

    /// The scopes to ask for, one text each: `calls:read`. Without any the service gives its default.
    pub fn scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Makes the flow.
    ///
    /// # Errors
    ///
    /// [`is_invalid_input`](Error::is_invalid_input) when the client id, the secret, the address to
    /// come back to, the base URL or a scope is not valid.
    pub fn build(self) -> Result<CodeFlow, Error> {
        check_text("client_id", &self.client_id)?;
        if let Some(secret) = &self.client_secret {
            check_text("client_secret", secret.expose())?;
        }
        let redirect_uri = redirect_uri(self.redirect_uri)?;
        let scopes = self
            .scopes
            .into_iter()
            .map(scope)
            .collect::<Result<_, _>>()?;
        let base_url = BaseUrl::parse(&self.base_url)?;
        let client = OAuthClient {
            id: self.client_id,
            secret: self.client_secret.map(Into::into),
        };
        let oauth = endpoint::oauth(&base_url, &client)?.set_redirect_uri(redirect_uri);
        Ok(CodeFlow {
            oauth,
            client,
            scopes,
            wire: Arc::new(Wire::new(&Settings::default(), base_url)?),
        })
    }
}

impl fmt::Debug for CodeFlowBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A base URL that was not checked can hold a password.
        f.debug_struct("CodeFlowBuilder")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

/// RFC 6749, appendix A.1 and A.2.
fn check_text(field: &'static str, text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::invalid_input(field, "it is empty"));
    }
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(Error::invalid_input(
            field,
            "it has a character that is not visible ASCII: a line end, perhaps",
        ));
    }
    Ok(())
}

/// RFC 6749, section 3.3.
fn scope(text: String) -> Result<Scope, Error> {
    let fits = |byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    if text.is_empty() || !text.bytes().all(fits) {
        return Err(Error::invalid_input(
            "scopes",
            "each is one text without spaces, like calls:read",
        ));
    }
    Ok(Scope::new(text))
}

/// An address that a code may go to. It is checked, and kept as it was written.
fn redirect_uri(text: String) -> Result<RedirectUrl, Error> {
    let refuse = |why: &str| {
        Err(Error::invalid_input(
            "redirect_uri",
            format!("{why}; it looks like https://app.example.com/callback"),
        ))
    };
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('\\') {
        return refuse("it has a character that has to be percent-encoded");
    }
    let Ok(address) = RedirectUrl::new(text) else {
        return refuse("not an address");
    };
    let url = address.url();
    if url.fragment().is_some() {
        return refuse("a fragment has no place in it");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("a user name or password has no place in it");
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        "http" => return refuse("http is for loopback only: the code would travel in clear"),
        // What a program has registered for itself (RFC 8252, section 7.1).
        scheme if scheme.contains('.') => {}
        _ => return refuse("the scheme is neither https nor one of your own with a dot in it"),
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(builder: CodeFlowBuilder) -> String {
        let error = builder.build().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        error.field().unwrap().to_owned()
    }

    fn good() -> CodeFlowBuilder {
        CodeFlow::builder("id", "https://app.example.com/callback").base_url("http://127.0.0.1:1")
    }

    #[test]
    fn a_flow_that_exists_is_valid() {
        good()
            .client_secret("s")
            .scopes(["calls:read"])
            .build()
            .unwrap();
        let with = |id: &str, uri: &str| CodeFlow::builder(id, uri).base_url("http://127.0.0.1:1");
        assert_eq!(field(with("", "https://x.example/")), "client_id");
        assert_eq!(field(with("hunter2\n", "https://x.example/")), "client_id");
        assert_eq!(field(good().client_secret("")), "client_secret");
        assert_eq!(field(good().client_secret("hunter2\n")), "client_secret");
        assert_eq!(field(good().base_url("http://api.kallyai.com")), "base_url");
        for scope in ["", "calls:read calls:write", "\"", "\\", "caf\u{e9}"] {
            assert_eq!(field(good().scopes([scope])), "scopes", "{scope}");
        }
        for uri in [
            "",
            "/callback",
            "app.example.com/callback",
            "http://app.example.com/callback",
            "http://localhost.example.com/",
            "https://user:hunter2@app.example.com/",
            "https://app.example.com/#hunter2",
            "https://app.example.com/a b",
            "https://app.example.com/\u{e9}",
            "https:\\\\app.example.com",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
        ] {
            assert_eq!(field(with("id", uri)), "redirect_uri", "{uri}");
        }
        for uri in [
            "http://127.0.0.1:8740",
            "http://localhost:8976/callback",
            "http://[::1]:1",
            "https://app.example.com/a%2fb?x=%c3%a9",
            "com.example.app:/back",
        ] {
            let flow = with("id", uri).build().unwrap();
            assert_eq!(flow.oauth.redirect_uri().unwrap().as_str(), uri);
        }
    }
}
