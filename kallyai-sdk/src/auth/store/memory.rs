//! Tokens in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{LockedStore, Replaced, StoreError, TokenSet, TokenStore};

/// Keeps tokens as long as the process lives.
#[derive(Debug, Default)]
pub struct MemoryStore {
    tokens: Mutex<Option<TokenSet>>,
    /// Held during a refresh.
    refreshing: Mutex<()>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// A store with tokens.
    pub fn with(tokens: TokenSet) -> Self {
        Self {
            tokens: Mutex::new(Some(tokens)),
            refreshing: Mutex::default(),
        }
    }

    fn tokens(&self) -> MutexGuard<'_, Option<TokenSet>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryStore {
    fn load(&self) -> Result<Option<TokenSet>, StoreError> {
        Ok(self.tokens().clone())
    }

    fn save(&self, tokens: &TokenSet) -> Result<(), StoreError> {
        *self.tokens() = Some(tokens.clone());
        Ok(())
    }

    fn clear(&self) -> Result<(), StoreError> {
        *self.tokens() = None;
        Ok(())
    }

    fn lock(&self) -> Result<Box<dyn LockedStore + '_>, StoreError> {
        Ok(Box::new(Locked {
            store: self,
            _refreshing: self
                .refreshing
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        }))
    }
}

struct Locked<'a> {
    store: &'a MemoryStore,
    _refreshing: MutexGuard<'a, ()>,
}

impl LockedStore for Locked<'_> {
    fn load(&mut self) -> Result<Option<TokenSet>, StoreError> {
        self.store.load()
    }

    fn replace(&mut self, old: &TokenSet, new: &TokenSet) -> Result<Replaced, StoreError> {
        let mut stored = self.store.tokens();
        Ok(match stored.as_ref() {
            None => Replaced::LoggedOut,
            Some(now) if now.same_tokens(old) => {
                *stored = Some(new.clone());
                Replaced::Stored
            }
            Some(now) => Replaced::SignedInAnew(now.clone()),
        })
    }
}
