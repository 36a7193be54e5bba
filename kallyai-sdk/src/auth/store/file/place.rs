//! Where token files are.

use std::fmt::Write;
use std::path::{Path, PathBuf, absolute};

use super::super::{StoreError, home};

/// With what stands around it, what file systems take.
const LONGEST_CLIENT: usize = 200;

pub(super) fn shared() -> Result<PathBuf, StoreError> {
    Ok(home::directory()?.join(".kallyai_token.json"))
}

/// Whether a path leads to the shared file, by whatever links and detours; the last part of it is never
/// followed.
pub(super) fn is_shared(path: &Path) -> bool {
    let Ok(shared) = shared() else {
        return false;
    };
    let directory = |path: &Path| path.parent()?.canonicalize().ok();
    path == shared
        || path.file_name() == shared.file_name()
            && directory(path).is_some_and(|found| Some(found) == directory(&shared))
}

pub(super) fn named(name: &str) -> Result<PathBuf, StoreError> {
    home::check_name(name)?;
    Ok(home::directory()?.join(format!(".kallyai_token.{name}.json")))
}

pub(super) fn for_client(client_id: &str) -> Result<PathBuf, StoreError> {
    let name = client_name(client_id).ok_or_else(|| {
        StoreError::new("the client id is empty, or too long for the name of a file")
            .remedy("name the file yourself, with FileStore::at()")
    })?;
    Ok(home::directory()?.join(format!(".kallyai_token.client.{name}.json")))
}

/// Two ids never give the same name, not even where letters of both cases are the same.
pub(super) fn client_name(client_id: &str) -> Option<String> {
    let mut name = String::new();
    for byte in client_id.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' => name.push(byte.into()),
            _ => write!(name, "-{byte:02x}").ok()?,
        }
    }
    (1..=LONGEST_CLIENT).contains(&name.len()).then_some(name)
}

/// A path that stays the same when the current directory changes, without a slash at its end.
pub(super) fn whole(path: PathBuf) -> PathBuf {
    let path = absolute(&path).unwrap_or(path);
    path.components().collect::<PathBuf>()
}
