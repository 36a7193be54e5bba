//! The traits of stores, and the library's own store in memory.

#[path = "../../../../../kallyai-sdk/src/auth/store/memory.rs"]
#[allow(dead_code)]
mod memory;

use std::fmt::Debug;
use std::sync::Arc;

pub(crate) use super::TokenSet;
pub(crate) use memory::MemoryStore;

use crate::error::Error;

pub(crate) trait TokenStore: Debug + Send + Sync {
    fn load(&self) -> Result<Option<TokenSet>, StoreError>;
    fn save(&self, tokens: &TokenSet) -> Result<(), StoreError>;
    fn clear(&self) -> Result<(), StoreError>;
    fn lock(&self) -> Result<Box<dyn LockedStore + '_>, StoreError>;
    fn origin(&self) -> Option<&str> {
        None
    }
}

impl<T: TokenStore + ?Sized> TokenStore for Arc<T> {
    fn load(&self) -> Result<Option<TokenSet>, StoreError> {
        (**self).load()
    }

    fn save(&self, tokens: &TokenSet) -> Result<(), StoreError> {
        (**self).save(tokens)
    }

    fn clear(&self) -> Result<(), StoreError> {
        (**self).clear()
    }

    fn lock(&self) -> Result<Box<dyn LockedStore + '_>, StoreError> {
        (**self).lock()
    }
}

pub(crate) trait LockedStore {
    fn load(&mut self) -> Result<Option<TokenSet>, StoreError>;
    fn replace(&mut self, old: &TokenSet, new: &TokenSet) -> Result<Replaced, StoreError>;
}

#[derive(Debug)]
pub(crate) enum Replaced {
    Stored,
    LoggedOut,
    SignedInAnew(TokenSet),
}

#[derive(Debug)]
pub(crate) struct StoreError;

impl From<StoreError> for Error {
    fn from(_: StoreError) -> Self {
        Self::sign_in("the store cannot be used")
    }
}
