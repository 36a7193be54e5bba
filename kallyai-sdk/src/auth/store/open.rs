//! Opening files that hold tokens, or guard them: no symlink is followed, nothing blocks, and what is
//! not a regular file of the user's own is refused.

use std::fs::File;
use std::io;
use std::path::Path;

use super::{StoreError, refusal};

/// What a file is opened for.
#[derive(Clone, Copy)]
pub(super) enum Access {
    Read,
    /// Reading too; nothing is truncated.
    Write,
}

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

pub(super) use system::{is_exposed, is_mounted_alone, is_still_at, private, sync_directory};

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

    pub(super) fn existing(path: &Path, access: Access) -> io::Result<File> {
        let access = match access {
            Access::Read => OFlags::RDONLY,
            Access::Write => OFlags::RDWR,
        };
        Ok(rustix::fs::open(path, access | CAREFULLY, Mode::empty())?.into())
    }

    pub(super) fn create(path: &Path, must_be_new: bool) -> io::Result<File> {
        let mut flags = OFlags::RDWR | OFlags::CREATE | CAREFULLY;
        if must_be_new {
            flags |= OFlags::EXCL;
        }
        Ok(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?.into())
    }

    /// The umask takes bits away when a file is made; this gives them back.
    pub(in super::super) fn private(file: &File) -> io::Result<()> {
        if file.metadata()?.mode() & 0o7777 == MODE {
            return Ok(());
        }
        file.set_permissions(Permissions::from_mode(MODE))
    }

    /// Whether others than the owner may do something with it.
    pub(in super::super) fn is_exposed(file: &File) -> io::Result<bool> {
        Ok(file.metadata()?.mode() & 0o077 != 0)
    }

    /// Whether the path still leads to the file that was opened.
    pub(in super::super) fn is_still_at(path: &Path, file: &File) -> io::Result<bool> {
        let opened = file.metadata()?;
        Ok(path
            .symlink_metadata()
            .is_ok_and(|now| now.dev() == opened.dev() && now.ino() == opened.ino()))
    }

    /// Whether the file is mounted by itself, as containers do it: nothing can take its place then.
    #[cfg(target_os = "linux")]
    pub(in super::super) fn is_mounted_alone(path: &Path) -> bool {
        use rustix::fs::{AtFlags, CWD, FileType, StatxAttributes, StatxFlags, statx};

        statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::TYPE).is_ok_and(|about| {
            FileType::from_raw_mode(about.stx_mode.into()) == FileType::RegularFile
                && about.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)
        })
    }

    #[cfg(not(target_os = "linux"))]
    pub(in super::super) fn is_mounted_alone(_: &Path) -> bool {
        false
    }

    /// Makes a rename last. Where the directory cannot be opened, the system does it in its own time.
    pub(in super::super) fn sync_directory(path: &Path) {
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

    pub(super) fn existing(path: &Path, access: Access) -> io::Result<File> {
        refuse_symlink(path)?;
        OpenOptions::new()
            .read(true)
            .write(matches!(access, Access::Write))
            .open(path)
    }

    pub(super) fn create(path: &Path, must_be_new: bool) -> io::Result<File> {
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
    pub(in super::super) fn private(_: &File) -> io::Result<()> {
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps)]
    pub(in super::super) fn is_exposed(_: &File) -> io::Result<bool> {
        Ok(false)
    }

    // A file that is open is not removed here.
    #[allow(clippy::unnecessary_wraps)]
    pub(in super::super) fn is_still_at(_: &Path, _: &File) -> io::Result<bool> {
        Ok(true)
    }

    pub(in super::super) fn is_mounted_alone(_: &Path) -> bool {
        false
    }

    pub(in super::super) fn sync_directory(_: &Path) {}
}
