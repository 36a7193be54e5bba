//! Files of the user, by name.

use std::path::PathBuf;

use super::StoreError;

const LONGEST_NAME: usize = 64;

pub(super) fn directory() -> Result<PathBuf, StoreError> {
    std::env::home_dir()
        .filter(|home| home.is_absolute())
        .ok_or_else(|| {
            StoreError::new("there is no home directory")
                .remedy("set HOME, or name the token file with KALLYAI_TOKEN_FILE")
        })
}

/// A name that can be part of a file's.
pub(super) fn check_name(name: &str) -> Result<(), StoreError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    Err(StoreError::new("the name of the store is not a name")
        .remedy("use 1 to 64 letters, digits, _ and -"))
}
