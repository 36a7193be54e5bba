//! What is kept between the two halves of a sign-in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::Error;
use crate::types::SecretText;

/// The state has 256 bits.
pub(super) const STATE_BYTES: u32 = 32;

/// How many characters that are in base64 without padding.
const STATE_CHARS: usize = 43;

/// A sign-in that has begun.
#[derive(Clone)]
pub struct Begun {
    url: SecretText,
    secret: CodeFlowSecret,
}

impl Begun {
    pub(super) fn new(url: SecretText, secret: CodeFlowSecret) -> Self {
        Self { url, secret }
    }

    /// Where to send the browser. It holds the state: show it to nobody but the user, and log it not.
    pub fn url(&self) -> &str {
        self.url.expose()
    }

    /// What [`CodeFlow::finish`](super::CodeFlow::finish) wants, to be kept in the user's session.
    pub fn secret(&self) -> &CodeFlowSecret {
        &self.secret
    }

    /// The address and the secret, taken out.
    pub fn into_parts(self) -> (SecretText, CodeFlowSecret) {
        (self.url, self.secret)
    }
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Begun(..)")
    }
}

/// The state and the PKCE verifier of one sign-in.
///
/// Keep it where only this user's browser leads to: a session on the server, or a cookie that is
/// encrypted. It is serialized as one string, and [`to_text`](Self::to_text) and `parse` do the same
/// without serde. Whoever has it and the code can take the sign-in over; `Debug` does not show it.
#[derive(Clone)]
pub struct CodeFlowSecret {
    state: SecretText,
    verifier: SecretText,
}

impl CodeFlowSecret {
    pub(super) fn new(state: SecretText, verifier: SecretText) -> Self {
        Self { state, verifier }
    }

    pub(crate) fn state(&self) -> &SecretText {
        &self.state
    }

    pub(super) fn verifier(&self) -> &SecretText {
        &self.verifier
    }

    /// The secret as one text, in letters that need no escaping in cookies and URLs.
    pub fn to_text(&self) -> SecretText {
        format!("{}.{}", self.state.expose(), self.verifier.expose()).into()
    }
}

impl FromStr for CodeFlowSecret {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text
            .split_once('.')
            .filter(|(state, verifier)| is_state(state) && is_verifier(verifier));
        match parts {
            Some((state, verifier)) => Ok(Self::new(state.into(), verifier.into())),
            None => Err(Error::invalid_input(
                "secret",
                "it is not what begin() gave, as one text",
            )),
        }
    }
}

/// Base64 without padding, as it was made.
fn is_state(text: &str) -> bool {
    text.len() == STATE_CHARS && text.bytes().all(is_base64url)
}

/// RFC 7636, section 4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| is_base64url(byte) || matches!(byte, b'.' | b'~'))
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

impl fmt::Debug for CodeFlowSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeFlowSecret(..)")
    }
}

impl Serialize for CodeFlowSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_text().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CodeFlowSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = SecretText::deserialize(deserializer)?;
        // The error does not repeat the text.
        text.expose().parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "0123456789012345678901234567890123456789-_A";
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn it_comes_back_from_its_text() {
        let text = format!("{STATE}.{VERIFIER}");
        let secret: CodeFlowSecret = text.parse().unwrap();
        assert_eq!(secret.state().expose(), STATE);
        assert_eq!(secret.verifier().expose(), VERIFIER);
        assert_eq!(secret.to_text().expose(), text);
        let json = serde_json::to_string(&secret).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        let again: CodeFlowSecret = serde_json::from_str(&json).unwrap();
        assert_eq!(again.to_text().expose(), text);
        assert_eq!(format!("{secret:?}"), "CodeFlowSecret(..)");
    }

    #[test]
    fn nothing_else_is_one() {
        for text in [
            String::new(),
            ".".to_owned(),
            STATE.to_owned(),
            format!("{STATE}.hunter2"),
            format!("hunter2.{VERIFIER}"),
            format!(".{VERIFIER}"),
            format!("{STATE}.{}", "v".repeat(129)),
            format!("{STATE}.{VERIFIER} "),
            format!("{STATE}.{VERIFIER}\u{e9}"),
            format!("{}=.{VERIFIER}", STATE.replace("-_A", "--")),
        ] {
            let error = text.parse::<CodeFlowSecret>().unwrap_err();
            assert!(error.is_invalid_input(), "{text}");
            let json = serde_json::to_string(&text).unwrap();
            let odd = serde_json::from_str::<CodeFlowSecret>(&json).unwrap_err();
            let shown = format!("{error} {error:?} {odd} {odd:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
