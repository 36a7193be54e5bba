//! Where tokens are kept.

mod file;
mod home;
#[cfg(feature = "keyring")]
mod keyring;
mod lock;
mod memory;
mod open;
mod refusal;

use std::fmt;
use std::sync::Arc;

pub use file::FileStore;
#[cfg(fuzzing)]
pub(crate) use file::fuzzing;
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
pub use memory::MemoryStore;

use super::TokenSet;
use crate::error::kept_error;

/// Keeps the tokens of one account.
///
/// The methods may block: the library calls them on threads of its own, and a program that calls them itself
/// (to store a sign-in) waits for a disk, and for a refresh that holds the lock. Several processes may share
/// a store if [`lock`](Self::lock) holds across them.
///
/// A store of your own, in a database for instance, implements this; its lock is a row lock.
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// What is stored; none when nobody is signed in.
    ///
    /// # Errors
    ///
    /// When what is stored cannot be read, or must not be.
    fn load(&self) -> Result<Option<TokenSet>, StoreError>;

    /// Stores the tokens of a new sign-in.
    ///
    /// # Errors
    ///
    /// When they cannot be stored.
    fn save(&self, tokens: &TokenSet) -> Result<(), StoreError>;

    /// Forgets the tokens. The service is not told: it publishes no revocation.
    ///
    /// # Errors
    ///
    /// When they cannot be removed.
    fn clear(&self) -> Result<(), StoreError>;

    /// Takes the lock under which tokens are read, refreshed and written, and proves that they can be
    /// written: a refresh token that is spent and whose successor cannot be stored is lost.
    ///
    /// # Errors
    ///
    /// When the lock cannot be had in time, or nothing can be written.
    fn lock(&self) -> Result<Box<dyn LockedStore + '_>, StoreError>;

    /// The base URL of the only service whose tokens it keeps, if there is only one: a client of
    /// another service does not read it.
    fn origin(&self) -> Option<&str> {
        None
    }
}

/// Stores that are shared, or chosen at run time, are stores.
macro_rules! forward {
    ($($pointer:ident),*) => {$(
        impl<T: TokenStore + ?Sized> TokenStore for $pointer<T> {
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

            fn origin(&self) -> Option<&str> {
                (**self).origin()
            }
        }
    )*};
}

forward!(Arc, Box);

/// A [`TokenStore`] whose lock is held; it is released by dropping this.
pub trait LockedStore {
    /// What is stored now.
    ///
    /// # Errors
    ///
    /// As [`TokenStore::load`].
    fn load(&mut self) -> Result<Option<TokenSet>, StoreError>;

    /// Puts refreshed tokens in the place of the old ones, if those are still there: a logout during a
    /// refresh stays a logout, and a new sign-in stays one.
    ///
    /// # Errors
    ///
    /// When they cannot be written.
    fn replace(&mut self, old: &TokenSet, new: &TokenSet) -> Result<Replaced, StoreError>;
}

/// What became of tokens that were to be replaced.
#[derive(Debug, Clone)]
pub enum Replaced {
    /// The new ones are stored.
    Stored,
    /// Somebody has logged out meanwhile; nothing is stored.
    LoggedOut,
    /// Somebody has signed in meanwhile; these are stored, and stay.
    SignedInAnew(TokenSet),
}

kept_error! {
    /// Why tokens could not be read or written. It says what to do, and holds no token.
    StoreError,
    "What happened, in one line without secrets.",
    token_store
}
