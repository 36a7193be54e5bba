//! Tokens in the system's keyring.

use std::fmt;
use std::path::PathBuf;

use keyring_core::{Entry, Error as KeyringError};
use secrecy::zeroize::Zeroizing;

use super::lock::{self, FileLock};
use super::{LockedStore, Replaced, StoreError, TokenSet, TokenStore, home};

const SERVICE: &str = "kallyai";
const DEFAULT_NAME: &str = "default";
const MENDED_BY: &str = "start or unlock the system's keyring and run this again, or keep the tokens in a \
                         file: FileStore";

/// Keeps tokens in the system's keyring: the Keychain of macOS, the Credential Manager of Windows, the
/// Secret Service elsewhere (GNOME Keyring, KWallet, KeePassXC); or in the store that the program has set
/// as default with the crate `keyring-core`.
///
/// The service of the entry is `kallyai`, its user the name of the store, its secret the
/// [`TokenSet`](crate::auth::TokenSet) as JSON. The keyring is first spoken to when tokens are loaded or
/// stored; the system may ask the user to unlock it then. Processes wait for one another at a lock file in
/// the home directory, `.kallyai_keyring.<name>.lock`.
pub struct KeyringStore {
    name: String,
    lock: PathBuf,
}

impl KeyringStore {
    /// The entry `default`.
    ///
    /// # Errors
    ///
    /// When there is no home directory for the lock file.
    pub fn new() -> Result<Self, StoreError> {
        Self::named(DEFAULT_NAME)
    }

    /// The entry of one of several accounts.
    ///
    /// # Errors
    ///
    /// When the name is not 1 to 64 letters, digits, `_` and `-`, or there is no home directory for the
    /// lock file.
    pub fn named(name: &str) -> Result<Self, StoreError> {
        home::check_name(name)?;
        Ok(Self {
            name: name.to_owned(),
            lock: home::directory()?.join(format!(".kallyai_keyring.{name}.lock")),
        })
    }

    fn entry(&self) -> Result<Entry, StoreError> {
        if keyring_core::get_default_store().is_none()
            && let Err(error) = keyring::Entry::store_status()
        {
            return Err(refused(error));
        }
        Entry::new(SERVICE, &self.name).map_err(|error| refused(&error))
    }

    fn hold(&self) -> Result<Held<'_>, StoreError> {
        Ok(Held {
            store: self,
            _lock: FileLock::at(&self.lock, lock::WAIT)?,
        })
    }

    fn read(&self) -> Result<Found, StoreError> {
        let secret = match self.entry()?.get_secret() {
            Ok(secret) => Zeroizing::new(secret),
            Err(KeyringError::NoEntry) => return Ok(Found::Nothing),
            Err(error) => return Err(refused(&error)),
        };
        let tokens = serde_json::from_slice::<TokenSet>(&secret).ok();
        Ok(
            match tokens.filter(|tokens| !tokens.access_token.expose().is_empty()) {
                Some(tokens) => Found::Tokens(tokens),
                None => Found::Damaged,
            },
        )
    }

    fn write(&self, tokens: &TokenSet) -> Result<(), StoreError> {
        // serde_json's own words could repeat a token.
        let secret = serde_json::to_vec(tokens)
            .map(Zeroizing::new)
            .map_err(|_| StoreError::new("the tokens cannot be written as JSON"))?;
        self.entry()?
            .set_secret(&secret)
            .map_err(|error| refused(&error))
    }
}

impl fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyringStore").field(&self.name).finish()
    }
}

impl TokenStore for KeyringStore {
    fn load(&self) -> Result<Option<TokenSet>, StoreError> {
        match self.read()? {
            Found::Nothing => Ok(None),
            Found::Tokens(tokens) => Ok(Some(tokens)),
            Found::Damaged => Err(StoreError::new(format!(
                "the keyring's entry {SERVICE}, {} holds no readable tokens",
                self.name
            ))
            .remedy("sign in again: that writes it anew")),
        }
    }

    fn save(&self, tokens: &TokenSet) -> Result<(), StoreError> {
        let _held = self.hold()?;
        self.write(tokens)
    }

    fn clear(&self) -> Result<(), StoreError> {
        let _held = self.hold()?;
        match self.entry()?.delete_credential() {
            Ok(()) | Err(KeyringError::NoEntry) => Ok(()),
            Err(error) => Err(refused(&error)),
        }
    }

    fn lock(&self) -> Result<Box<dyn LockedStore + '_>, StoreError> {
        let held = self.hold()?;
        // Writing what is there proves that something can be written.
        let entry = self.entry()?;
        match entry.get_secret().map(Zeroizing::new) {
            Ok(secret) => entry.set_secret(&secret).map_err(|error| refused(&error))?,
            Err(KeyringError::NoEntry) => {}
            Err(error) => return Err(refused(&error)),
        }
        Ok(Box::new(held))
    }
}

/// What the keyring holds.
enum Found {
    Nothing,
    /// An entry without tokens in it.
    Damaged,
    Tokens(TokenSet),
}

struct Held<'a> {
    store: &'a KeyringStore,
    _lock: FileLock,
}

impl LockedStore for Held<'_> {
    fn load(&mut self) -> Result<Option<TokenSet>, StoreError> {
        self.store.load()
    }

    fn replace(&mut self, old: &TokenSet, new: &TokenSet) -> Result<Replaced, StoreError> {
        match self.store.read()? {
            Found::Nothing => return Ok(Replaced::LoggedOut),
            Found::Tokens(now) if !now.same_tokens(old) => return Ok(Replaced::SignedInAnew(now)),
            // Nobody can use what is damaged, and nothing else keeps the new tokens.
            Found::Tokens(_) | Found::Damaged => {}
        }
        self.store.write(new)?;
        Ok(Replaced::Stored)
    }
}

/// The keyring's own errors can hold the secret: they are not wrapped.
fn refused(error: &KeyringError) -> StoreError {
    match error {
        KeyringError::NoStorageAccess(_) => {
            StoreError::new("the keyring is locked, or its use was refused").remedy(MENDED_BY)
        }
        KeyringError::TooLong(..) => StoreError::new("the tokens are too long for the keyring")
            .remedy("keep the tokens in a file: FileStore"),
        KeyringError::Ambiguous(_) => {
            StoreError::new("the keyring has several entries for the same store")
                .remedy("remove them all, then sign in again")
        }
        _ => StoreError::new("no keyring answers here").remedy(MENDED_BY),
    }
}

#[cfg(test)]
mod tests;
