//! Writing a token file, under the lock: whole or not at all.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;

use super::super::open::{self, Access};
use super::super::{StoreError, refusal};
use super::beside;
use super::read::MAX_SIZE;

/// The space that is taken before it is needed: a full disk shows while nothing is lost.
static ROOM: [u8; 32 * 1024] = [0; 32 * 1024];

/// The right and the room to write a file, proven.
pub(super) enum Pen {
    /// A new file, which takes the place of the old one when it is whole.
    Beside(NewFile),
    /// The file itself, where nothing can take its place.
    InPlace(File),
}

impl Pen {
    pub(super) fn prepare(path: &Path) -> Result<Self, StoreError> {
        // Its owner and kind are checked, and that it may be written.
        let existing = open::existing(path, Access::Write)?;
        match existing {
            Some(file) if open::is_mounted_alone(path) => Ok(Self::InPlace(file)),
            _ => NewFile::make(path).map(Self::Beside),
        }
    }

    /// Writes the file; it can be done once.
    pub(super) fn write(self, path: &Path, content: &[u8]) -> Result<(), StoreError> {
        let unwritable = |error| refusal::of_file(path, "written", error);
        let mut new = match self {
            Self::InPlace(mut file) => return overwrite(&mut file, content).map_err(unwritable),
            Self::Beside(new) => new,
        };
        overwrite(&mut new.file, content).map_err(|error| refusal::of_directory(path, error))?;
        let Err(error) = new.rename(path) else {
            open::sync_directory(path);
            return Ok(());
        };
        // A file that is mounted by itself and does not say so (EBUSY, EXDEV), or a directory that has
        // been closed meanwhile: better written in place than not at all.
        match open::existing(path, Access::Write)? {
            Some(mut file) => overwrite(&mut file, content).map_err(unwritable),
            None => Err(refusal::of_directory(path, error)),
        }
    }
}

/// Writes what a file is to hold over what it holds, to the disk. It is written at once, with blanks
/// where more had been: a process that is killed before the file is cut leaves no remains of old tokens.
pub(super) fn overwrite(file: &mut File, content: &[u8]) -> io::Result<()> {
    open::private(file)?;
    let held = usize::try_from(file.metadata()?.len().min(MAX_SIZE)).unwrap_or_default();
    let mut padded = Zeroizing::new(vec![b' '; held.max(content.len())]);
    for (place, byte) in padded.iter_mut().zip(content) {
        *place = *byte;
    }
    file.rewind()?;
    file.write_all(&padded)?;
    file.set_len(u64::try_from(content.len()).unwrap_or(u64::MAX))?;
    file.sync_all()
}

/// A file beside the token file, removed unless it has taken its place.
pub(super) struct NewFile {
    path: PathBuf,
    file: File,
    in_place: bool,
}

impl NewFile {
    fn make(target: &Path) -> Result<Self, StoreError> {
        let path = beside(target, ".tmp");
        remove_stale(target)?;
        let file = open::new(&path)?;
        let mut new = Self {
            path,
            file,
            in_place: false,
        };
        new.file
            .write_all(&ROOM)
            .map_err(|error| refusal::of_directory(target, error))?;
        Ok(new)
    }

    fn rename(&mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.in_place = true;
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.in_place {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes what a process that was killed has left beside the file. It can hold tokens.
pub(super) fn remove_stale(target: &Path) -> Result<(), StoreError> {
    let path = beside(target, ".tmp");
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(match path.symlink_metadata() {
            Ok(about) if about.is_dir() => refusal::of_file(&path, "removed", error),
            _ => refusal::of_directory(target, error),
        }),
        _ => Ok(()),
    }
}
