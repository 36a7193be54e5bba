//! What can go wrong where something is kept: tokens, and the log of placed calls.

/// Defines an error for a trait that programs implement: what happened, what mends it, and the system's word for
/// it. `$into` makes the library's error of it.
macro_rules! kept_error {
    ($(#[$doc:meta])* $name:ident, $new_doc:literal, $into:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            what: String,
            remedy: Option<String>,
            source: Option<std::io::Error>,
        }

        impl $name {
            #[doc = $new_doc]
            pub fn new(what: impl Into<String>) -> Self {
                Self {
                    what: what.into(),
                    remedy: None,
                    source: None,
                }
            }

            /// What mends it.
            #[must_use]
            pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
                self.remedy = Some(remedy.into());
                self
            }

            /// The system's word for it.
            #[must_use]
            pub fn caused_by(mut self, source: std::io::Error) -> Self {
                self.source = Some(source);
                self
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.what)?;
                if let Some(remedy) = &self.remedy {
                    write!(f, "; {remedy}")?;
                }
                Ok(())
            }
        }

        impl std::error::Error for $name {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                self.source
                    .as_ref()
                    .map(|source| source as &(dyn std::error::Error + 'static))
            }
        }

        impl From<$name> for $crate::error::Error {
            fn from(error: $name) -> Self {
                Self::$into(error.what, error.remedy, error.source)
            }
        }
    };
}

pub(crate) use kept_error;
