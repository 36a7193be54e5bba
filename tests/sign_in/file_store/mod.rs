//! Rows of the token file: its form, its mode, its lock.

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod killed;
#[cfg(unix)]
mod mounts;
#[cfg(unix)]
mod processes;
#[cfg(unix)]
mod refused;
mod replaced;
#[cfg(unix)]
mod vendor;

use std::path::Path;

use chrono::{DateTime, Utc};
use kallyai_sdk::auth::TokenSet;

/// Tokens that are told apart by their text.
fn tokens(text: &str) -> TokenSet {
    TokenSet::new(format!("access-{text}"))
        .refresh_token(format!("refresh-{text}"))
        .expires_at(DateTime::<Utc>::from_timestamp(4_000_000_000, 0).unwrap())
}

fn access(tokens: &TokenSet) -> &str {
    tokens.access_token.expose()
}

/// The names in a directory, in order.
fn names(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The permission bits of a file.
#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;

    path.symlink_metadata().unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
