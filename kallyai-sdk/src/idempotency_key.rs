//! The key that keeps a call from being placed twice.

use std::sync::{Arc, OnceLock};

use crate::error::Error;

/// The caller's key; without one, a key that is made when the request is first sent, and that all clones of
/// the request then have: a clone is the same call.
#[derive(Clone, Default)]
pub(crate) struct IdempotencyKey(Arc<OnceLock<String>>);

impl IdempotencyKey {
    /// The caller's.
    pub(crate) fn given(key: impl Into<String>) -> Self {
        Self(Arc::new(OnceLock::from(key.into())))
    }

    /// The key, if there is one by now.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    /// Makes a key where there is none.
    pub(crate) fn keep(&self) -> &str {
        self.0.get_or_init(|| uuid::Uuid::new_v4().to_string())
    }

    /// A key must arrive as it was given.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let fine = self.get().is_none_or(|key| {
            (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        });
        if fine {
            Ok(())
        } else {
            Err(Error::invalid_input(
                "idempotency_key",
                "write 1 to 255 visible ASCII characters without spaces, a UUID for instance",
            ))
        }
    }
}
