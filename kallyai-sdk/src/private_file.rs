//! Files that only their owner can open: no symlink is followed, and opening does not block.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(64);

/// What a file is opened for.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    Read,
    /// Reading too; nothing is truncated.
    Write,
}

/// Locks a file until it is closed; false when another process holds it until the deadline.
pub(crate) fn lock_until(file: &File, deadline: Instant) -> io::Result<bool> {
    let mut pause = FIRST_PAUSE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {
                continue;
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        // Those who wait do not all come at once.
        thread::sleep(pause.mul_f64(0.5 + fastrand::f64()).min(left));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

pub(crate) use system::{
    create, existing, is_exposed, is_mounted_alone, is_still_at, private, sync_directory,
};

#[cfg(unix)]
mod system {
    use std::fs::{File, Permissions};
    use std::io;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::path::Path;

    use rustix::fs::{Mode, OFlags};

    use super::Access;

    const MODE: u32 = 0o600;
    /// A FIFO is opened at once, and refused afterwards.
    const CAREFULLY: OFlags = OFlags::NOFOLLOW
        .union(OFlags::NONBLOCK)
        .union(OFlags::NOCTTY)
        .union(OFlags::CLOEXEC);

    pub(crate) fn existing(path: &Path, access: Access) -> io::Result<File> {
        let access = match access {
            Access::Read => OFlags::RDONLY,
            Access::Write => OFlags::RDWR,
        };
        Ok(rustix::fs::open(path, access | CAREFULLY, Mode::empty())?.into())
    }

    pub(crate) fn create(path: &Path, must_be_new: bool) -> io::Result<File> {
        let mut flags = OFlags::RDWR | OFlags::CREATE | CAREFULLY;
        if must_be_new {
            flags |= OFlags::EXCL;
        }
        Ok(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?.into())
    }

    /// The umask takes bits away when a file is made; this gives them back.
    pub(crate) fn private(file: &File) -> io::Result<()> {
        if file.metadata()?.mode() & 0o7777 == MODE {
            return Ok(());
        }
        file.set_permissions(Permissions::from_mode(MODE))
    }

    /// Whether others than the owner may do something with it.
    pub(crate) fn is_exposed(file: &File) -> io::Result<bool> {
        Ok(file.metadata()?.mode() & 0o077 != 0)
    }

    /// Whether the path still leads to the file that was opened.
    pub(crate) fn is_still_at(path: &Path, file: &File) -> io::Result<bool> {
        let opened = file.metadata()?;
        Ok(path
            .symlink_metadata()
            .is_ok_and(|now| now.dev() == opened.dev() && now.ino() == opened.ino()))
    }

    /// Whether the file is mounted by itself, as containers do it: nothing can take its place then.
    #[cfg(target_os = "linux")]
    pub(crate) fn is_mounted_alone(path: &Path) -> bool {
        use rustix::fs::{AtFlags, CWD, FileType, StatxAttributes, StatxFlags, statx};

        statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE).is_ok_and(|about| {
            FileType::from_raw_mode(about.stx_mode.into()) == FileType::RegularFile
                && about.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)
        })
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn is_mounted_alone(_: &Path) -> bool {
        false
    }

    /// Makes a rename last. Where the directory cannot be opened, the system does it in its own time.
    pub(crate) fn sync_directory(path: &Path) {
        if let Some(directory) = path.parent() {
            let _ = File::open(directory).and_then(|directory| directory.sync_all());
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::path::Path;

    use super::Access;

    pub(crate) fn existing(path: &Path, access: Access) -> io::Result<File> {
        refuse_symlink(path)?;
        OpenOptions::new()
            .read(true)
            .write(matches!(access, Access::Write))
            .open(path)
    }

    pub(crate) fn create(path: &Path, must_be_new: bool) -> io::Result<File> {
        refuse_symlink(path)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).truncate(false);
        if must_be_new {
            options.create_new(true);
        } else {
            options.create(true);
        }
        options.open(path)
    }

    fn refuse_symlink(path: &Path) -> io::Result<()> {
        if path
            .symlink_metadata()
            .is_ok_and(|about| about.is_symlink())
        {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        Ok(())
    }

    // The directory's access list says who may open the file: the user's own is private.
    #[allow(clippy::unnecessary_wraps)]
    pub(crate) fn private(_: &File) -> io::Result<()> {
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps)]
    pub(crate) fn is_exposed(_: &File) -> io::Result<bool> {
        Ok(false)
    }

    // A file that is open is not removed here.
    #[allow(clippy::unnecessary_wraps)]
    pub(crate) fn is_still_at(_: &Path, _: &File) -> io::Result<bool> {
        Ok(true)
    }

    pub(crate) fn is_mounted_alone(_: &Path) -> bool {
        false
    }

    pub(crate) fn sync_directory(_: &Path) {}
}
