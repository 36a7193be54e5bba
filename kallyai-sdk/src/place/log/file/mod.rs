//! Placements in a file.

mod format;
mod table;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use self::format::Line;
use self::table::{Damaged, Table};
use super::super::placement::{Entry, Placement, Settled};
use super::{Begun, PlaceLog, PlaceLogError};
use crate::private_file::{self, Access};

/// How long the lock is waited for: whoever holds it writes a line.
const WAIT: Duration = Duration::from_secs(20);
/// How often a lock file is made anew that somebody removes.
const ATTEMPTS: usize = 8;
/// How many lines that say nothing any more are borne.
const SUPERFLUOUS: usize = 1000;

/// Remembers placements in a file that only its owner can open.
///
/// Several processes may use one file: a lock file beside it (`<file>.lock`, which stays) lets one at a time
/// read and write. Each entry is on the disk (fsync) before anything is sent; so is the name of a new file
/// where the directory can be synced, and where it can't the system does that in its own time. The file grows
/// by two lines a call and is written anew, whole or not at all, when a third of them, and 1,000, say nothing any more.
/// Settled entries stay until [`forget`](PlaceLog::forget): their keys are not placed again.
///
/// It is JSON, one object a line: key, fingerprint, time, state, id of the call; no number and no task.
/// What a crash has left of a last line is cut off. Any other line that cannot be read makes every use of
/// the log an error that names the line: to ignore it could be to dial twice.
///
/// ```no_run
/// use kallyai_sdk::place::{FilePlaceLog, PlaceLog};
///
/// # fn example() -> Result<(), kallyai_sdk::Error> {
/// let log = FilePlaceLog::at("calls.log");
/// for placement in log.unsettled()? {
///     println!("what became of {}, begun at {}?", placement.key(), placement.started_at());
/// }
/// # Ok(())
/// # }
/// ```
pub struct FilePlaceLog {
    path: PathBuf,
    table: Mutex<Table>,
}

impl FilePlaceLog {
    /// A log in this file, which is made when it is first used; its directory must be there.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            // It stays the same when the current directory changes.
            path: std::path::absolute(&path).unwrap_or(path),
            table: Mutex::default(),
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Locks the log and reads what it does not know yet.
    fn open(&self) -> Result<Open<'_>, PlaceLogError> {
        let lock = self.lock()?;
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = private_file::existing(&self.path, Access::Write);
        let file = match opened {
            Ok(mut file) => {
                self.read_on(&mut file, &mut table)?;
                Some(file)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                *table = Table::default();
                None
            }
            Err(error) => return Err(self.refusal("opened", error)),
        };
        Ok(Open {
            log: self,
            file,
            table,
            _lock: lock,
        })
    }

    fn lock(&self) -> Result<File, PlaceLogError> {
        let path = beside(&self.path, ".lock");
        let deadline = Instant::now() + WAIT;
        let refused = |error| self.refusal("locked", error);
        for _ in 0..ATTEMPTS {
            let file = private_file::create(&path, false).map_err(refused)?;
            private_file::private(&file).map_err(refused)?;
            if !private_file::lock_until(&file, deadline).map_err(refused)? {
                let what = format!("another process has held {} for too long", path.display());
                return Err(PlaceLogError::new(what)
                    .remedy("see which one does, and whether it hangs; then try again"));
            }
            // Somebody has tidied up: the next process would make another file, and lock that.
            if private_file::is_still_at(&path, &file).map_err(refused)? {
                return Ok(file);
            }
        }
        let what = format!("{} is removed again and again", path.display());
        Err(PlaceLogError::new(what).remedy("let it be: it guards the log of placed calls"))
    }

    /// Reads what others have written since.
    fn read_on(&self, file: &mut File, table: &mut Table) -> Result<(), PlaceLogError> {
        let unreadable = |error| self.refusal("read", error);
        if !file.metadata().map_err(unreadable)?.is_file() {
            let what = format!("{} is not a regular file", self.path.display());
            return Err(PlaceLogError::new(what).remedy("name another file for the placed calls"));
        }
        private_file::private(file).map_err(unreadable)?;
        let known = table.known_head().to_vec();
        let mut head = Vec::new();
        let length = u64::try_from(known.len()).unwrap_or(u64::MAX);
        Read::by_ref(file)
            .take(length)
            .read_to_end(&mut head)
            .map_err(unreadable)?;
        // It was written anew, or is another one.
        if known != head || file.metadata().map_err(unreadable)?.len() < table.length() {
            *table = Table::default();
        }
        let mut rest = Vec::new();
        file.seek(SeekFrom::Start(table.length()))
            .and_then(|_| file.read_to_end(&mut rest))
            .map_err(unreadable)?;
        table.read(&rest).map_err(|damaged| match damaged {
            Damaged::Line(number) => PlaceLogError::new(format!(
                "line {number} of {} cannot be read",
                self.path.display()
            ))
            .remedy(
                "mend the line or take it out; before that, see in the service's list what became of the \
                 calls of that time",
            ),
            Damaged::Head => PlaceLogError::new(format!(
                "{} is no log of placed calls, or one of a newer version",
                self.path.display()
            ))
            .remedy("name another file for the placed calls"),
        })
    }

    fn refusal(&self, doing: &str, error: io::Error) -> PlaceLogError {
        let path = self.path.display();
        let remedy = match error.kind() {
            ErrorKind::NotFound => "make its directory first".to_owned(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "free some space, then try again".to_owned()
            }
            ErrorKind::PermissionDenied => format!("chmod 600 {path}, or name another file"),
            _ => "name another file, on a disk that can be written and has locks".to_owned(),
        };
        PlaceLogError::new(format!(
            "the log of placed calls {path} cannot be {doing} ({})",
            error.kind()
        ))
        .remedy(remedy)
        .caused_by(error)
    }
}

impl fmt::Debug for FilePlaceLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FilePlaceLog").field(&self.path).finish()
    }
}

/// The log while no other process can open it.
struct Open<'a> {
    log: &'a FilePlaceLog,
    /// None while there is none.
    file: Option<File>,
    table: MutexGuard<'a, Table>,
    _lock: File,
}

impl Open<'_> {
    /// Writes a line to the disk.
    fn append(&mut self, line: &Line) -> Result<(), PlaceLogError> {
        let unwritable = |error| self.log.refusal("written", error);
        if self.table.superfluous() > SUPERFLUOUS.max(self.table.count() / 2)
            && let Err(error) = self.rewrite()
        {
            // The old one goes on: a file that is mounted by itself cannot be replaced.
            tracing::debug!(%error, "the log of placed calls was not written anew");
        }
        let mut text = String::new();
        if self.table.length() == 0 {
            text.push_str(&format::head());
        }
        text.push_str(&line.text());
        let mut file = if let Some(file) = self.file.take() {
            file
        } else {
            let file = private_file::create(&self.log.path, false).map_err(unwritable)?;
            private_file::private(&file).map_err(unwritable)?;
            file
        };
        write_at(&mut file, self.table.length(), text.as_bytes()).map_err(unwritable)?;
        if self.table.length() == 0 {
            private_file::sync_directory(&self.log.path);
        }
        self.file = Some(file);
        // It reads as it was written.
        let _ = self.table.read(text.as_bytes());
        Ok(())
    }

    /// Writes a file of what counts, and puts it in the place of the old one.
    fn rewrite(&mut self) -> io::Result<()> {
        let path = beside(&self.log.path, ".tmp");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut text = format::head();
        for entry in self.table.entries() {
            text.push_str(&Line::of(entry).text());
        }
        let mut file = private_file::create(&path, true)?;
        private_file::private(&file)?;
        let written = write_at(&mut file, 0, text.as_bytes());
        // Where open files cannot be replaced.
        self.file = None;
        if let Err(error) = written.and_then(|()| fs::rename(&path, &self.log.path)) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        private_file::sync_directory(&self.log.path);
        *self.table = Table::default();
        let _ = self.table.read(text.as_bytes());
        self.file = Some(file);
        Ok(())
    }
}

/// Writes to the disk, and cuts off what followed; if that fails, all of it.
fn write_at(file: &mut File, place: u64, text: &[u8]) -> io::Result<()> {
    let mut write = || {
        file.set_len(place)?;
        file.seek(SeekFrom::Start(place))?;
        file.write_all(text)?;
        file.sync_all()
    };
    let written = write();
    if written.is_err() {
        let _ = file.set_len(place);
    }
    written
}

/// The path of a file's companion.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut path = OsString::from(path);
    path.push(ending);
    path.into()
}

impl PlaceLog for FilePlaceLog {
    fn begin(&self, placement: &Placement) -> Result<Begun, PlaceLogError> {
        let mut open = self.open()?;
        match open.table.get(placement.key()) {
            Some(entry) if !entry.gives_way_to(placement) => Ok(Begun::Existing(entry.clone())),
            _ => {
                open.append(&Line::of(&Entry::begun(placement.clone())))?;
                Ok(Begun::New)
            }
        }
    }

    fn send_again(&self, placement: &Placement) -> Result<bool, PlaceLogError> {
        let mut open = self.open()?;
        let Some(mut entry) = open.table.get(placement.key()).cloned() else {
            return Ok(false);
        };
        let was_sent_again = entry.sent_again;
        let is_open = entry.send_again(placement);
        if is_open && !was_sent_again {
            open.append(&Line::of(&entry))?;
        }
        Ok(is_open)
    }

    fn settle(&self, placement: &Placement, settled: &Settled) -> Result<(), PlaceLogError> {
        let mut open = self.open()?;
        let Some(mut entry) = open.table.get(placement.key()).cloned() else {
            return Ok(());
        };
        if entry.settle(placement, settled) {
            open.append(&Line::of(&entry))?;
        }
        Ok(())
    }

    fn entries(&self) -> Result<Vec<Entry>, PlaceLogError> {
        Ok(self.open()?.table.entries().into_iter().cloned().collect())
    }

    fn forget(&self, key: &str) -> Result<(), PlaceLogError> {
        let mut open = self.open()?;
        if open.table.get(key).is_none() {
            return Ok(());
        }
        open.append(&Line::forgotten(key))
    }
}
