//! The two addresses of the service that the flow needs. The crate `oauth2` writes the requests; they
//! go over the library's own wire, and answers are read as everywhere else.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
    BasicTokenType,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, PkceCodeVerifier, RefreshToken,
    RequestTokenError, Scope, StandardRevocableToken, TokenUrl,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::auth::bearer::check_token;
use crate::auth::refresh::{OAuthClient, no_tokens};
use crate::base_url::BaseUrl;
use crate::decode;
use crate::error::Error;
use crate::index::{Operation, row};
use crate::types::{SecretText, TokenResponse};
use crate::wire::Wire;

const AUTHORIZE: &Operation = row("auth_authorize");
const TOKEN: &Operation = row("auth_exchange_token");

/// How long one request for tokens may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The crate's client, with both addresses.
pub(super) type OAuth = oauth2::Client<
    BasicErrorResponse,
    Granted,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// A client of the service at this address; without a secret a public one.
pub(super) fn oauth(base_url: &BaseUrl, client: &OAuthClient) -> Result<OAuth, Error> {
    let address = |operation: &Operation| format!("{}{}", base_url.as_str(), operation.path);
    let refuse = |_| Error::invalid_input("base_url", "not a URL");
    let oauth = oauth2::Client::new(ClientId::new(client.id.clone()))
        // The service takes them in the body only.
        .set_auth_type(AuthType::RequestBody)
        .set_auth_uri(AuthUrl::new(address(AUTHORIZE)).map_err(refuse)?)
        .set_token_uri(TokenUrl::new(address(TOKEN)).map_err(refuse)?);
    Ok(match &client.secret {
        Some(secret) => {
            oauth.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
        }
        None => oauth,
    })
}

/// Exchanges a code.
pub(super) async fn exchange(
    oauth: &OAuth,
    wire: &Wire,
    code: &SecretText,
    verifier: &SecretText,
) -> Result<TokenResponse, Error> {
    let answer = oauth
        .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()))
        .request_async(&OverWire {
            wire,
            timeout: TIMEOUT,
        })
        .await;
    granted(answer)
}

/// Uses a refresh token.
pub(super) async fn refresh(
    oauth: &OAuth,
    wire: &Wire,
    refresh_token: &SecretText,
) -> Result<TokenResponse, Error> {
    refresh_within(oauth, wire, refresh_token, TIMEOUT).await
}

async fn refresh_within(
    oauth: &OAuth,
    wire: &Wire,
    refresh_token: &SecretText,
    timeout: Duration,
) -> Result<TokenResponse, Error> {
    let refresh_token = RefreshToken::new(refresh_token.expose().to_owned());
    let answer = oauth
        .exchange_refresh_token(&refresh_token)
        .request_async(&OverWire { wire, timeout })
        .await;
    granted(answer)
}

/// Uses the refresh token of a code flow; the service is that of the wire. A refusal comes as it is,
/// and an answer may be without a refresh token: then the old one goes on.
pub(crate) async fn refresh_form(
    wire: &Wire,
    client: &OAuthClient,
    refresh_token: &SecretText,
    timeout: Duration,
) -> Result<TokenResponse, Error> {
    let oauth = oauth(&wire.base_url, client)?;
    refresh_within(&oauth, wire, refresh_token, timeout).await
}

/// What the crate makes of an answer. Its own errors stay here: one of them prints the whole body.
fn granted(
    answer: Result<Granted, RequestTokenError<Error, BasicErrorResponse>>,
) -> Result<TokenResponse, Error> {
    answer.map(|granted| granted.answer).map_err(|error| {
        let error = match error {
            RequestTokenError::Request(error) => error,
            // Answers come from `OverWire` and are good: it is the request that cannot be written.
            RequestTokenError::Other(_) => Error::unwritable(),
            RequestTokenError::Parse(..) | RequestTokenError::ServerResponse(_) => no_tokens(),
        };
        error.of(TOKEN)
    })
}

/// Sends the requests of the crate over our wire.
struct OverWire<'a> {
    wire: &'a Wire,
    timeout: Duration,
}

impl<'c> AsyncHttpClient<'c> for OverWire<'_> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let mut request =
                reqwest::Request::try_from(request).map_err(|_| Error::unwritable())?;
            *request.timeout_mut() = Some(self.timeout);
            // What is no success is an error here, with its status and code: the crate loses them.
            let answer = self.wire.send(request, false).await?;
            // The crate takes 200 only, and nothing odd.
            let tokens = read(&answer.body).map_err(|error| error.with_status(answer.status))?;
            Ok(HttpResponse::new(tokens))
        })
    }
}

/// Reads tokens as any other answer, and writes them straight.
fn read(body: &[u8]) -> Result<Vec<u8>, Error> {
    let tokens: TokenResponse = decode::decode(TOKEN, body).map_err(|_| no_tokens())?;
    check_token(tokens.access_token.expose()).map_err(|_| no_tokens())?;
    serde_json::to_vec(&tokens).map_err(|_| no_tokens())
}

/// The service's answer as the crate wants to have it: the crate's own type wants a `token_type`,
/// which the service does not send.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "TokenResponse", into = "TokenResponse")]
pub(super) struct Granted {
    answer: TokenResponse,
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
    scopes: Option<Vec<Scope>>,
}

impl From<TokenResponse> for Granted {
    fn from(answer: TokenResponse) -> Self {
        let scopes = answer.scope.as_deref();
        Self {
            access_token: AccessToken::new(answer.access_token.expose().to_owned()),
            refresh_token: answer
                .refresh_token
                .as_ref()
                .map(|token| RefreshToken::new(token.expose().to_owned())),
            scopes: scopes.map(|scopes| {
                let scopes = scopes.split_whitespace().map(str::to_owned);
                scopes.map(Scope::new).collect()
            }),
            answer,
        }
    }
}

impl From<Granted> for TokenResponse {
    fn from(granted: Granted) -> Self {
        granted.answer
    }
}

impl oauth2::TokenResponse for Granted {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        let seconds = self.answer.expires_in.as_ref()?.to_f64()?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scopes.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use oauth2::PkceCodeChallenge;
    use serde_json::{Value, json};
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;
    use tokio::time::{Instant, timeout};

    use super::*;
    use crate::error::WasSent;
    use crate::wire::Settings;

    #[test]
    fn row_18_the_challenge_is_that_of_rfc_7636_appendix_b() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier));
        assert_eq!(
            challenge.as_str(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(challenge.method().as_str(), "S256");
    }

    fn straight(body: &Value) -> Result<Value, Error> {
        let written = read(body.to_string().as_bytes())?;
        let granted: Granted = serde_json::from_slice(&written).unwrap();
        Ok(serde_json::to_value(granted).unwrap())
    }

    #[tokio::test]
    async fn a_request_for_tokens_takes_half_a_minute_at_most() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let base_url = BaseUrl::parse(&address).unwrap();
        let wire = Wire::new(&Settings::default(), base_url).unwrap();
        let asked = tokio::spawn(async move {
            let client = OAuthClient {
                id: "id".to_owned(),
                secret: None,
            };
            let oauth = oauth(&wire.base_url, &client)?;
            refresh(&oauth, &wire, &"hunter2".into()).await
        });
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.read_u8().await.unwrap();
        let sent = Instant::now();
        // From here on the clock jumps to whatever comes next.
        tokio::time::pause();
        let limit = Duration::from_secs(60);
        let error = timeout(limit, asked).await.unwrap().unwrap().unwrap_err();
        assert!(error.is_timeout(), "{error}");
        assert_eq!(error.was_sent(), WasSent::Maybe);
        assert!((29..=30).contains(&sent.elapsed().as_secs()));
    }

    #[test]
    fn odd_answers_are_read() {
        let odd = json!({"access_token": "a", "expires_in": "3600"});
        assert_eq!(straight(&odd).unwrap()["access_token"], "a");
        for odd in [
            json!({"access_token": "a", "expires_in": 3599.5, "token_type": "Bearer"}),
            json!({"access_token": "a", "expires_in": null, "scope": null}),
            json!({"access_token": "a", "expires_in": "soon", "refresh_token": null}),
            json!({"access_token": "a", "expires_in": {}, "scope": ["x"], "more": [1]}),
        ] {
            assert_eq!(straight(&odd).unwrap()["access_token"], "a", "{odd}");
        }
    }

    #[test]
    fn row_09_an_answer_without_tokens_is_not_kept() {
        for odd in [
            json!({"refresh_token": "hunter2"}),
            json!({"access_token": "", "refresh_token": "hunter2"}),
            json!({"access_token": null, "refresh_token": "hunter2"}),
            json!({"access_token": {"token": "hunter2"}}),
            json!(["hunter2"]),
            json!("hunter2"),
            json!(null),
        ] {
            let error = straight(&odd).unwrap_err();
            assert!(error.is_decode(), "{odd}");
            assert!(error.body().is_none(), "{odd}");
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        for body in ["", "<html>hunter2</html>", "{\"access_token\":\"hunter2"] {
            assert!(read(body.as_bytes()).unwrap_err().body().is_none());
        }
    }
}
