//! Why a file is not read or written, and the command that mends it.

use std::fs::Metadata;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::StoreError;

const ELSEWHERE: &str = "keep the tokens in another file: KALLYAI_TOKEN_FILE names it";

/// What the file is says enough.
pub(super) fn by_metadata(path: &Path, metadata: &Metadata) -> Option<StoreError> {
    let path = shown(path);
    if metadata.is_symlink() {
        let refused = StoreError::new(format!("{path} is a symbolic link, which is not followed"));
        return Some(refused.remedy(format!(
            "rm {path}, then sign in again; or name the file that it leads to with KALLYAI_TOKEN_FILE"
        )));
    }
    if metadata.is_dir() {
        let refused = StoreError::new(format!("{path} is a directory, not a file"));
        return Some(refused.remedy(format!("rmdir {path}, then sign in again")));
    }
    if !metadata.is_file() {
        let refused = StoreError::new(format!("{path} is not a regular file"));
        return Some(refused.remedy(format!("rm {path}, then sign in again")));
    }
    foreign(&path, metadata)
}

#[cfg(unix)]
fn foreign(path: &str, metadata: &Metadata) -> Option<StoreError> {
    use std::os::unix::fs::MetadataExt;

    let me = rustix::process::geteuid().as_raw();
    (metadata.uid() != me).then(|| {
        StoreError::new(format!("{path} belongs to another user")).remedy(format!(
            "run this as that user, or: sudo chown {me} {path} && chmod 600 {path}"
        ))
    })
}

#[cfg(not(unix))]
fn foreign(_: &str, _: &Metadata) -> Option<StoreError> {
    None
}

/// Others than the owner may read or write it.
pub(super) fn exposed(path: &Path) -> StoreError {
    let path = shown(path);
    StoreError::new(format!("{path} can be opened by other users"))
        .remedy(format!("chmod 600 {path}"))
}

/// It is too large to hold tokens.
pub(super) fn too_large(path: &Path, limit: u64) -> StoreError {
    let path = shown(path);
    StoreError::new(format!(
        "{path} is larger than {limit} bytes: no token file"
    ))
    .remedy(format!("rm {path}, then sign in again"))
}

/// The system refused something with a file.
pub(super) fn of_file(path: &Path, doing: &str, error: io::Error) -> StoreError {
    let metadata = path.symlink_metadata();
    if let Ok(metadata) = &metadata
        && let Some(refused) = by_metadata(path, metadata)
    {
        return refused;
    }
    let refused = StoreError::new(format!("{} cannot be {doing}{}", shown(path), why(&error)));
    let remedy = match error.kind() {
        ErrorKind::PermissionDenied if metadata.is_ok_and(|metadata| is_closed(&metadata)) => {
            format!("chmod 600 {}", shown(path))
        }
        _ => remedy_for_directory(path, &error),
    };
    refused.remedy(remedy).caused_by(error)
}

/// The system refused to make, rename or remove a file in its directory.
pub(super) fn of_directory(path: &Path, error: io::Error) -> StoreError {
    let directory = shown(path.parent().unwrap_or(path));
    let remedy = remedy_for_directory(path, &error);
    StoreError::new(format!(
        "the directory {directory} cannot be written{}",
        why(&error)
    ))
    .remedy(remedy)
    .caused_by(error)
}

fn remedy_for_directory(path: &Path, error: &io::Error) -> String {
    let directory = path.parent().unwrap_or(path);
    match error.kind() {
        ErrorKind::NotFound => format!("mkdir -p {}", shown(directory)),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space, then try again".to_owned()
        }
        ErrorKind::PermissionDenied
            if directory.metadata().is_ok_and(|about| {
                about.is_dir() && foreign("", &about).is_none() && is_closed(&about)
            }) =>
        {
            format!("chmod u+rwx {}", shown(directory))
        }
        _ => ELSEWHERE.to_owned(),
    }
}

/// The owner may not read or not write it.
#[cfg(unix)]
fn is_closed(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    let needed = if metadata.is_dir() { 0o700 } else { 0o600 };
    metadata.mode() & needed != needed
}

#[cfg(not(unix))]
fn is_closed(metadata: &Metadata) -> bool {
    metadata.permissions().readonly()
}

fn why(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied => ": permission denied",
        ErrorKind::ReadOnlyFilesystem => ": the file system is read-only",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ": there is no space left",
        ErrorKind::NotFound => ": it is not there",
        _ => "",
    }
}

/// A path as a shell takes it, and a terminal bears it.
pub(super) fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
    if text.contains(char::is_control) {
        format!("{text:?}")
    } else if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_as_a_shell_takes_them() {
        for (path, expected) in [
            (
                "/home/jo/.kallyai_token.json",
                "/home/jo/.kallyai_token.json",
            ),
            ("/home/jo's files/t.json", r"'/home/jo'\''s files/t.json'"),
            ("/tmp/$(rm -r x)", "'/tmp/$(rm -r x)'"),
            ("/tmp/\u{1b}[2J", r#""/tmp/\u{1b}[2J""#),
        ] {
            assert_eq!(shown(Path::new(path)), expected);
        }
    }
}
