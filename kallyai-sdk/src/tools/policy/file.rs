//! The file of a session.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::super::error::ToolError;
use super::session::State;
use crate::private_file::{self, Access};

/// How long another process may hold the file.
const WAIT: Duration = Duration::from_secs(5);

/// A file that holds what a session has spent and placed, for all who name it: JSON, which only its owner can
/// open. Removing it begins a new session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFile(PathBuf);

impl SessionFile {
    /// A session in this file, which is made when it is first used; its directory must be there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self(std::path::absolute(&path).unwrap_or(path))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// Changes what stands in the file, while no other process does. What cannot be read or written permits nothing.
pub(super) fn in_file<T>(
    file: &SessionFile,
    change: impl FnOnce(&mut State) -> Result<T, ToolError>,
) -> Result<T, ToolError> {
    let failed = |what: &str, error: &io::Error| {
        ToolError::refused(
            format!("the file of the session cannot be {what}: {}", error.kind()),
            "tell the user: nothing is done while it is so",
        )
    };
    let mut open = match private_file::existing(file.path(), Access::Write) {
        Ok(open) => open,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = private_file::create(file.path(), false);
            let made = made.map_err(|error| failed("made", &error))?;
            private_file::private(&made).map_err(|error| failed("made", &error))?;
            made
        }
        Err(error) => return Err(failed("opened", &error)),
    };
    let locked = private_file::lock_until(&open, Instant::now() + WAIT);
    if !locked.map_err(|error| failed("locked", &error))? {
        return Err(failed("locked", &io::ErrorKind::TimedOut.into()));
    }
    if private_file::is_exposed(&open).map_err(|error| failed("read", &error))? {
        return Err(ToolError::refused(
            "the file of the session can be opened by others",
            "tell the user to give it the mode 0600",
        ));
    }
    let mut text = String::new();
    open.read_to_string(&mut text)
        .map_err(|error| failed("read", &error))?;
    let mut state: State = if text.trim().is_empty() {
        State::default()
    } else {
        serde_json::from_str(&text)
            .map_err(|_| failed("understood", &io::ErrorKind::InvalidData.into()))?
    };
    let answer = change(&mut state)?;
    let text = serde_json::to_vec(&state)
        .map_err(|_| failed("written", &io::ErrorKind::InvalidData.into()))?;
    // In place: the lock is the file's own. A torn file permits nothing until somebody removes it.
    open.seek(SeekFrom::Start(0))
        .and_then(|_| open.write_all(&text))
        .and_then(|()| open.set_len(u64::try_from(text.len()).unwrap_or(u64::MAX)))
        .and_then(|()| open.sync_data())
        .map_err(|error| failed("written", &error))?;
    Ok(answer)
}
