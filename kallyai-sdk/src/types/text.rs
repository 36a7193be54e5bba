//! Texts that do not show themselves in `Debug`.

use std::fmt;
use std::ops::Deref;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;

use crate::phone::{E164, ParseE164Error};

/// A text about a person: a name, a task, a transcript, a message. `Debug` shows its length only;
/// it reads and prints as the string it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonalText(String);

/// A phone number as the service wrote it, in whatever form. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhoneText(String);

impl PhoneText {
    /// The number in E.164, if it is written so. The text stays what it is: what the service sends is
    /// never refused.
    ///
    /// # Errors
    ///
    /// Why it is not.
    pub fn to_e164(&self) -> Result<E164, ParseE164Error> {
        self.0.parse()
    }
}

macro_rules! text {
    ($name:ident) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, taken out.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
    };
}

text!(PersonalText);
text!(PhoneText);

/// A token, a password, or a link that grants access. It has no `Display`, `Debug` does not show
/// it, and its own memory is wiped when it is dropped.
#[derive(Clone)]
pub struct SecretText(SecretString);

impl SecretText {
    /// The secret.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Compares without telling by the time where the difference is.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.expose()
            .as_bytes()
            .ct_eq(other.expose().as_bytes())
            .into()
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<SecretString> for SecretText {
    fn from(secret: SecretString) -> Self {
        Self(secret)
    }
}

impl From<SecretText> for SecretString {
    fn from(secret: SecretText) -> Self {
        secret.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_nobody_can_call_still_arrives() {
        for text in ["+12025550199", "+911", "anonymous", "", "020 7946 0999"] {
            let phone: PhoneText = serde_json::from_value(text.into()).unwrap();
            assert_eq!(phone.as_str(), text);
            assert_eq!(phone.to_e164().is_ok(), text == "+12025550199");
        }
    }
}
