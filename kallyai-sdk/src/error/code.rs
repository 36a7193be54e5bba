//! The published error codes.

use std::fmt;

/// Defines the codes of the spec: wire name, HTTP status, meaning, remedy.
macro_rules! error_codes {
    ($($variant:ident = ($wire:literal, $status:literal, $meaning:literal, $remedy:expr)),* $(,)?) => {
        /// Why the service refused; open for codes that are not published.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $(
                #[doc = concat!("`", $wire, "`: ", $meaning)]
                $variant,
            )*
            /// A code that is not published.
            Unknown(String),
        }

        impl ErrorCode {
            /// The published codes.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it is on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Unknown(code) => code,
                }
            }

            /// What it means, in a few words; none for a code that is not published.
            pub fn meaning(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => Some($meaning),)*
                    Self::Unknown(_) => None,
                }
            }

            /// What the user can do, where there is something.
            pub fn remedy(&self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => $remedy,)*
                    Self::Unknown(_) => None,
                }
            }

            /// The HTTP status that it is published with.
            pub fn status(&self) -> Option<u16> {
                match self {
                    $(Self::$variant => Some($status),)*
                    Self::Unknown(_) => None,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(code: &str) -> Self {
                match code {
                    $($wire => Self::$variant,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/error_codes.rs"));

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
