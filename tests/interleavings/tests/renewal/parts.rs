//! What the checked files stand on, as simple as it can be.

pub(crate) mod base_url {
    use std::sync::Arc;

    use crate::service::Service;

    /// The service itself: there is no network to reach it by.
    #[derive(Clone)]
    pub(crate) struct BaseUrl(Arc<Service>);

    impl BaseUrl {
        pub(crate) fn of(service: &Arc<Service>) -> Self {
            Self(Arc::clone(service))
        }

        // It is asked as the real one is.
        #[allow(clippy::unused_self)]
        pub(crate) fn as_str(&self) -> &'static str {
            "https://api.kallyai.com"
        }

        pub(crate) fn service(&self) -> &Service {
            &self.0
        }
    }

    impl PartialEq for BaseUrl {
        fn eq(&self, other: &Self) -> bool {
            Arc::ptr_eq(&self.0, &other.0)
        }
    }
}

pub(crate) mod wire {
    use crate::base_url::BaseUrl;
    use crate::error::Error;

    #[derive(Clone, Default)]
    pub(crate) struct Settings {
        pub(crate) max_answer: usize,
    }

    pub(crate) struct Wire {
        pub(crate) base_url: BaseUrl,
    }

    impl Wire {
        // As the real one may fail.
        #[allow(clippy::unnecessary_wraps)]
        pub(crate) fn new(_: &Settings, base_url: BaseUrl) -> Result<Self, Error> {
            Ok(Self { base_url })
        }
    }
}

pub(crate) mod types {
    use serde::{Deserialize, Serialize};

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub(crate) struct SecretText(String);

    impl SecretText {
        pub(crate) fn expose(&self) -> &str {
            &self.0
        }

        pub(crate) fn is_same(&self, other: &Self) -> bool {
            self == other
        }
    }

    impl From<String> for SecretText {
        fn from(text: String) -> Self {
            Self(text)
        }
    }

    impl From<&str> for SecretText {
        fn from(text: &str) -> Self {
            Self(text.to_owned())
        }
    }

    pub(crate) struct Seconds(pub(crate) f64);

    impl Seconds {
        // As the real one may be no number.
        #[allow(clippy::unnecessary_wraps)]
        pub(crate) fn to_f64(&self) -> Option<f64> {
            Some(self.0)
        }
    }

    pub(crate) struct TokenResponse {
        pub(crate) access_token: SecretText,
        pub(crate) refresh_token: Option<SecretText>,
        pub(crate) expires_in: Option<Seconds>,
        pub(crate) scope: Option<String>,
    }
}

pub(crate) mod error {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Kind {
        NotLoggedIn,
        ReauthRequired,
        Other,
    }

    #[derive(Debug, Clone)]
    pub(crate) struct Error(Kind);

    impl Error {
        pub(crate) fn sign_in(_: impl Into<String>) -> Self {
            Self(Kind::Other)
        }

        pub(crate) fn invalid_input(_: &'static str, _: impl Into<String>) -> Self {
            Self(Kind::Other)
        }

        pub(crate) fn not_logged_in() -> Self {
            Self(Kind::NotLoggedIn)
        }

        pub(crate) fn reauth_required(_: impl Into<String>) -> Self {
            Self(Kind::ReauthRequired)
        }

        pub(crate) fn with_remedy(self, _: impl Into<String>) -> Self {
            self
        }

        pub(crate) fn while_refreshing(self) -> Self {
            self
        }

        pub(crate) fn caused_by(self, _: Option<Self>) -> Self {
            self
        }

        pub(crate) fn duplicate(&self) -> Self {
            self.clone()
        }

        pub(crate) fn kind(&self) -> Kind {
            self.0
        }

        pub(crate) fn is_not_logged_in(&self) -> bool {
            self.0 == Kind::NotLoggedIn
        }

        pub(crate) fn is_reauth_required(&self) -> bool {
            self.0 == Kind::ReauthRequired
        }
    }
}
