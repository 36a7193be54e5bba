//! Tokens in a file.

mod format;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod place;
mod read;
mod write;

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::Utc;
use serde_json::Map;

use self::format::Stored;
use self::read::Found;
use self::write::Pen;
use super::lock::{self, FileLock};
use super::open::{self, Access};
use super::{LockedStore, Replaced, StoreError, TokenSet, TokenStore, refusal};
use crate::base_url::{self, BaseUrl};

/// Keeps tokens in a file that only its owner can open.
///
/// Several processes may use one file: a lock file beside it (`<file>.lock`, which stays) lets one of
/// them refresh while the others wait up to 45 s, and a write is there whole or not at all, whenever the
/// process or the machine stops. A file mounted by itself, as containers have it, is its own lock and is
/// written in place; it is better to mount its directory, since nothing can protect it from a process
/// outside that puts another file in its place.
///
/// What is read must be a regular file of the user's own, not a symbolic link, closed to group and others
/// (mode 0600), and at most 64 KiB long. Anything else is refused with the command that mends it.
///
/// The form is JSON, the one of the vendor's own tools: `{"access_token": string, "refresh_token": string
/// or null, "expires_at": seconds since 1970}`. `expires_at` is written as a whole number and a minute
/// early, for tools that use a token up to the last second.
pub struct FileStore {
    path: PathBuf,
    /// The file is the one of the vendor's own tools.
    shared: bool,
    wait: Duration,
}

impl FileStore {
    /// The file that is shared with the vendor's own tools: `.kallyai_token.json` in the home directory.
    ///
    /// It is for tokens of `https://api.kallyai.com` that came from the flow for commands, and says so of
    /// all that are loaded; others are not stored in it.
    ///
    /// # Errors
    ///
    /// When there is no home directory.
    pub fn default_file() -> Result<Self, StoreError> {
        Ok(Self::with(place::shared()?, true))
    }

    /// A file for one of several accounts: `.kallyai_token.<name>.json` in the home directory.
    ///
    /// # Errors
    ///
    /// When the name is not 1 to 64 letters, digits, `_` and `-`, or there is no home directory.
    pub fn named(name: &str) -> Result<Self, StoreError> {
        Ok(Self::with(place::named(name)?, false))
    }

    /// A file for the tokens of one client of the code flow: `.kallyai_token.client.<id>.json` in the
    /// home directory, with what is not a small letter, digit, `_` or `.` in the id written as `-` and
    /// two hexadecimal digits.
    ///
    /// # Errors
    ///
    /// When the id is empty or too long for a file's name, or there is no home directory.
    pub fn for_client(client_id: &str) -> Result<Self, StoreError> {
        Ok(Self::with(place::for_client(client_id)?, false))
    }

    /// A file anywhere; its directory must be there. The path of the [default file](Self::default_file)
    /// is the default file.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = place::whole(path.into());
        let shared = place::is_shared(&path);
        Self::with(path, shared)
    }

    fn with(path: PathBuf, shared: bool) -> Self {
        Self {
            path,
            shared,
            wait: lock::WAIT,
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is stored, once it is sure that it may be used.
    fn own(&self, mut stored: Stored) -> Result<Stored, StoreError> {
        if self.shared {
            self.refuse_foreign(&stored.tokens)?;
            stored.tokens.origin = Some(base_url::DEFAULT.to_owned());
        }
        Ok(stored)
    }

    /// The vendor's tools would send what is in their file to their service, and refresh it there.
    fn refuse_foreign(&self, tokens: &TokenSet) -> Result<(), StoreError> {
        let elsewhere = tokens.origin.as_deref().is_some_and(|origin| {
            !BaseUrl::parse(origin).is_ok_and(|origin| origin.as_str() == base_url::DEFAULT)
        });
        if self.shared && (elsewhere || tokens.client_id.is_some()) {
            let what = format!(
                "{} is for tokens of {} from the flow for commands only",
                refusal::shown(&self.path),
                base_url::DEFAULT
            );
            return Err(StoreError::new(what).remedy(
                "keep these in a file of their own: FileStore::for_client() or FileStore::named(), or \
                 name one with KALLYAI_TOKEN_FILE",
            ));
        }
        Ok(())
    }

    fn take_lock(&self) -> Result<FileLock, StoreError> {
        // Whoever shares a mounted file has the file in common, not the directory.
        if open::is_mounted_alone(&self.path)
            && let Some(file) = open::existing(&self.path, Access::Write)?
        {
            return FileLock::on(file, &self.path, self.wait);
        }
        FileLock::at(&beside(&self.path, ".lock"), self.wait)
    }

    fn hold(&self) -> Result<Held<'_>, StoreError> {
        self.is_file_path()?;
        let lock = self.take_lock()?;
        Ok(Held {
            pen: Some(Pen::prepare(&self.path)?),
            store: self,
            _lock: lock,
        })
    }

    fn is_file_path(&self) -> Result<(), StoreError> {
        if self.path.file_name().is_some() {
            return Ok(());
        }
        Err(StoreError::new("the path of the token file names no file")
            .remedy("name one, for instance with KALLYAI_TOKEN_FILE"))
    }

    fn remove(&self) -> Result<(), StoreError> {
        let existing = match self.path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(refusal::of_file(&self.path, "removed", error)),
            Ok(existing) => existing,
        };
        // Removing a link would leave the tokens where it leads to.
        if let Some(refused) = refusal::by_metadata(&self.path, &existing) {
            return Err(refused);
        }
        if !open::is_mounted_alone(&self.path) {
            let Err(error) = fs::remove_file(&self.path) else {
                open::sync_directory(&self.path);
                return Ok(());
            };
            if error.kind() != ErrorKind::ResourceBusy {
                return Err(refusal::of_directory(&self.path, error));
            }
        }
        let Some(mut file) = open::existing(&self.path, Access::Write)? else {
            return Ok(());
        };
        write::overwrite(&mut file, format::SIGNED_OUT)
            .map_err(|error| refusal::of_file(&self.path, "written", error))
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.path).finish()
    }
}

impl TokenStore for FileStore {
    fn load(&self) -> Result<Option<TokenSet>, StoreError> {
        self.is_file_path()?;
        match read::read(&self.path)? {
            Found::Nothing | Found::Empty => Ok(None),
            Found::Tokens(stored) => Ok(Some(self.own(stored)?.tokens)),
            Found::Exposed => Err(refusal::exposed(&self.path)),
            Found::Damaged => {
                let path = refusal::shown(&self.path);
                Err(StoreError::new(format!("{path} holds no readable tokens"))
                    .remedy("sign in again: that writes it anew"))
            }
        }
    }

    fn save(&self, tokens: &TokenSet) -> Result<(), StoreError> {
        self.refuse_foreign(tokens)?;
        self.hold()?.write(tokens, Map::new())
    }

    fn clear(&self) -> Result<(), StoreError> {
        self.is_file_path()?;
        let is_there = |path: &Path| !matches!(path.symlink_metadata(), Err(error) if error.kind() == ErrorKind::NotFound);
        if !is_there(&self.path) && !is_there(&beside(&self.path, ".tmp")) {
            return Ok(());
        }
        let _lock = self.take_lock()?;
        write::remove_stale(&self.path)?;
        self.remove()
    }

    fn lock(&self) -> Result<Box<dyn LockedStore + '_>, StoreError> {
        Ok(Box::new(self.hold()?))
    }

    fn origin(&self) -> Option<&str> {
        self.shared.then_some(base_url::DEFAULT)
    }
}

struct Held<'a> {
    store: &'a FileStore,
    /// Dropped before the lock is: it removes the file that it has made.
    pen: Option<Pen>,
    _lock: FileLock,
}

impl Held<'_> {
    fn write(
        &mut self,
        tokens: &TokenSet,
        rest: Map<String, serde_json::Value>,
    ) -> Result<(), StoreError> {
        if tokens.access_token.expose().is_empty() {
            return Err(
                StoreError::new("the access token is empty: it is not stored")
                    .remedy("sign in again"),
            );
        }
        let path = &self.store.path;
        let content = format::write(tokens, rest, self.store.shared, Utc::now());
        let pen = match self.pen.take() {
            Some(pen) => pen,
            None => Pen::prepare(path)?,
        };
        pen.write(path, &content)
    }
}

impl LockedStore for Held<'_> {
    fn load(&mut self) -> Result<Option<TokenSet>, StoreError> {
        self.store.load()
    }

    fn replace(&mut self, old: &TokenSet, new: &TokenSet) -> Result<Replaced, StoreError> {
        self.store.refuse_foreign(new)?;
        let rest = match read::read(&self.store.path)? {
            Found::Nothing => return Ok(Replaced::LoggedOut),
            // Nobody can use what stands there, and nothing else keeps the new tokens.
            Found::Empty | Found::Damaged | Found::Exposed => Map::new(),
            Found::Tokens(stored) => {
                let stored = self.store.own(stored)?;
                if !stored.tokens.same_tokens(old) {
                    return Ok(Replaced::SignedInAnew(stored.tokens));
                }
                stored.rest
            }
        };
        self.write(new, rest)?;
        Ok(Replaced::Stored)
    }
}

/// The path of a file's companion.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut path = OsString::from(path);
    path.push(ending);
    path.into()
}

#[cfg(test)]
mod tests;
