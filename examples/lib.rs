//! The examples stand beside this file: `cargo run --example quickstart`. In here is what their tests share.

use std::path::{Path, PathBuf};

/// Where cargo has built an example, for a test of this package.
///
/// # Errors
///
/// When the test does not stand where cargo puts it.
pub fn built(example: &str) -> std::io::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test
        .parent()
        .and_then(Path::parent)
        .ok_or(std::io::ErrorKind::NotFound)?;
    Ok(folder
        .join("examples")
        .join(format!("{example}{}", std::env::consts::EXE_SUFFIX)))
}
