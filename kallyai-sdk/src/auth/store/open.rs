//! Opening files that hold tokens, or guard them: no symlink is followed, nothing blocks, and what is
//! not a regular file of the user's own is refused.

use std::fs::File;
use std::io;
use std::path::Path;

use super::{StoreError, refusal};
use crate::private_file as system;

pub(super) use crate::private_file::{
    Access, is_exposed, is_mounted_alone, is_still_at, private, sync_directory,
};

/// Opens a file; none when there is none.
pub(super) fn existing(path: &Path, access: Access) -> Result<Option<File>, StoreError> {
    let doing = match access {
        Access::Read => "read",
        Access::Write => "written",
    };
    match system::existing(path, access) {
        Ok(file) => owned(path, file).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refusal::of_file(path, doing, error)),
    }
}

/// Makes a file that only its owner can open, where there must be none.
pub(super) fn new(path: &Path) -> Result<File, StoreError> {
    system::create(path, true)
        .and_then(|file| private(&file).map(|()| file))
        .map_err(|error| refusal::of_directory(path, error))
}

/// Opens a file for writing, or makes one that only its owner can open.
pub(super) fn or_new(path: &Path) -> Result<File, StoreError> {
    let file = system::create(path, false).map_err(|error| match path.symlink_metadata() {
        Ok(_) => refusal::of_file(path, "written", error),
        Err(_) => refusal::of_directory(path, error),
    })?;
    let file = owned(path, file)?;
    private(&file).map_err(|error| refusal::of_file(path, "made private", error))?;
    Ok(file)
}

fn owned(path: &Path, file: File) -> Result<File, StoreError> {
    let metadata = file
        .metadata()
        .map_err(|error| refusal::of_file(path, "read", error))?;
    match refusal::by_metadata(path, &metadata) {
        Some(refused) => Err(refused),
        None => Ok(file),
    }
}
