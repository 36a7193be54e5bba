//! Why a log could not be read or written.

use std::fmt;

use crate::error::Error;

/// Why the log of placements could not be read or written. It says what to do, and holds no key.
#[derive(Debug)]
pub struct PlaceLogError {
    what: String,
    remedy: Option<String>,
    source: Option<std::io::Error>,
}

impl PlaceLogError {
    /// What happened, in one line without numbers and tasks.
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

impl fmt::Display for PlaceLogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some(remedy) = &self.remedy {
            write!(f, "; {remedy}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PlaceLogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_ref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

impl From<PlaceLogError> for Error {
    fn from(error: PlaceLogError) -> Self {
        Self::place_log(error.what, error.remedy, error.source)
    }
}
