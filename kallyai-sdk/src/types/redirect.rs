//! Answers that send a browser elsewhere.

use std::fmt;

use url::Url;

use crate::types::SecretText;

/// Where an operation redirects to. It is not followed, and it is a secret: its query can carry
/// tokens.
#[derive(Clone)]
pub struct Redirect {
    location: SecretText,
}

impl Redirect {
    pub(crate) fn new(location: &str) -> Self {
        Self {
            location: location.into(),
        }
    }

    /// The address, as the service wrote it.
    pub fn location(&self) -> &SecretText {
        &self.location
    }

    /// The first value of a query parameter of the address.
    pub fn query(&self, name: &str) -> Option<SecretText> {
        let url = Url::parse(self.location.expose()).ok()?;
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_ref().into())
    }
}

impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redirect(..)")
    }
}
