//! The lock across processes: a file that is locked, and never removed.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use super::refusal::{self, shown};
use super::{StoreError, open};
use crate::private_file;

/// How long a lock is waited for: longer than a refresh may take.
pub(super) const WAIT: Duration = Duration::from_secs(45);

/// How often a lock file is made anew that somebody removes.
const ATTEMPTS: usize = 8;

/// Held until it is dropped, or the process ends in whatever way.
pub(super) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Locks the lock file, which is made if it is not there.
    pub(super) fn at(path: &Path, wait: Duration) -> Result<Self, StoreError> {
        let deadline = Instant::now() + wait;
        for _ in 0..ATTEMPTS {
            let file = open::or_new(path)?;
            wait_for(&file, path, deadline)?;
            // Somebody has tidied up: the next process would make another file, and lock that.
            if open::is_still_at(path, &file)
                .map_err(|error| refusal::of_file(path, "read", error))?
            {
                return Ok(Self { _file: file });
            }
        }
        let what = format!("{} is removed again and again", shown(path));
        Err(StoreError::new(what).remedy("let it be: it guards the tokens"))
    }

    /// Locks a file that nothing can take the place of.
    pub(super) fn on(file: File, path: &Path, wait: Duration) -> Result<Self, StoreError> {
        wait_for(&file, path, Instant::now() + wait)?;
        Ok(Self { _file: file })
    }
}

fn wait_for(file: &File, path: &Path, deadline: Instant) -> Result<(), StoreError> {
    match private_file::lock_until(file, deadline) {
        Ok(true) => Ok(()),
        Ok(false) => {
            let path = shown(path);
            Err(
                StoreError::new(format!("another process has held {path} for too long")).remedy(
                    format!("see who does with: fuser -v {path}; then try again"),
                ),
            )
        }
        Err(error) => {
            let what = format!("{} cannot be locked", shown(path));
            Err(StoreError::new(what)
                .remedy(
                    "keep the tokens on a file system that has locks: KALLYAI_TOKEN_FILE names the file",
                )
                .caused_by(error))
        }
    }
}
