//! The files of the library that are checked, and the scenes that check them.

#[path = "../../../../../kallyai-sdk/src/auth/current.rs"]
mod current;
#[path = "../../../../../kallyai-sdk/src/auth/in_flight.rs"]
#[allow(dead_code)]
mod in_flight;
#[path = "../../../../../kallyai-sdk/src/auth/renewal.rs"]
mod renewal;
mod scenes;
mod store;
#[path = "../../../../../kallyai-sdk/src/auth/stored.rs"]
#[allow(dead_code)]
mod stored;
#[path = "../../../../../kallyai-sdk/src/auth/token_set.rs"]
#[allow(dead_code)]
mod token_set;

pub(crate) use refresh::Refused;
pub(crate) use store::{StoreError, TokenStore};
pub(crate) use token_set::TokenSet;

mod bearer {
    //! What becomes a header, without the tests of that.
    use http::HeaderValue;

    use crate::error::Error;

    pub(crate) fn check_token(token: &str) -> Result<(), &'static str> {
        if token.is_empty() {
            Err("it is empty")
        } else {
            Ok(())
        }
    }

    pub(crate) fn bearer(token: &str) -> Result<HeaderValue, Error> {
        HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Error::invalid_input("access_token", "it cannot be sent in a header"))
    }
}

mod credentials {
    //! What a request is sent with.
    use http::HeaderValue;

    pub(crate) struct Authorization {
        pub(crate) header: HeaderValue,
        pub(crate) generation: Option<u64>,
    }
}

mod refresh {
    //! Without the network: the request reaches the service that is made up.
    use std::time::Duration;

    use crate::error::Error;
    use crate::types::{SecretText, TokenResponse};
    use crate::wire::Wire;

    #[derive(Default)]
    pub(crate) struct Policy {
        pub(crate) backoff: Backoff,
    }

    #[derive(Default)]
    pub(crate) struct Backoff {
        pub(crate) first: Duration,
    }

    #[derive(Clone)]
    pub(crate) struct OAuthClient {
        pub(crate) id: String,
        #[allow(dead_code)]
        pub(crate) secret: Option<String>,
    }

    pub(crate) enum Refused {
        Rejected(Option<Error>),
        Later(Error),
    }

    // As the real one is, which waits for the network.
    #[allow(clippy::unused_async)]
    pub(crate) async fn refresh(
        wire: &Wire,
        _: Option<&OAuthClient>,
        refresh_token: &SecretText,
        _: &Policy,
    ) -> Result<TokenResponse, Refused> {
        wire.base_url.service().refresh(refresh_token.expose())
    }

    pub(crate) fn no_tokens() -> Error {
        Error::sign_in("the service answered without tokens that can be read")
    }
}
