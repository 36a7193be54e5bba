//! Reading a token file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use secrecy::zeroize::Zeroizing;

use super::super::open::{self, Access};
use super::super::{StoreError, refusal};
use super::format::{self, Content, Stored};

/// The largest file that is read, in bytes.
pub(super) const MAX_SIZE: u64 = 64 * 1024;

/// Before reading again what looks as if somebody were writing it.
const PAUSES_MS: [u64; 5] = [5, 10, 20, 40, 80];

/// What was found in the place of the file.
pub(super) enum Found {
    /// Nobody is signed in.
    Nothing,
    /// An empty file.
    Empty,
    /// A file without tokens in it.
    Damaged,
    /// A file that other users can open.
    Exposed,
    Tokens(Stored),
}

/// Reads the file. The vendor's tools write in place, so that it can be empty, torn or open to others
/// for a moment.
pub(super) fn read(path: &Path) -> Result<Found, StoreError> {
    for pause in PAUSES_MS {
        match once(path)? {
            Found::Empty | Found::Damaged | Found::Exposed => {
                thread::sleep(Duration::from_millis(pause));
            }
            settled => return Ok(settled),
        }
    }
    once(path)
}

fn once(path: &Path) -> Result<Found, StoreError> {
    let Some(file) = open::existing(path, Access::Read)? else {
        return Ok(Found::Nothing);
    };
    let unreadable = |error| refusal::of_file(path, "read", error);
    if open::is_exposed(&file).map_err(unreadable)? {
        return Ok(Found::Exposed);
    }
    let Some(content) = bounded(file).map_err(unreadable)? else {
        return Err(refusal::too_large(path, MAX_SIZE));
    };
    Ok(match format::parse(&content) {
        Content::SignedOut => Found::Nothing,
        Content::Empty => Found::Empty,
        Content::Damaged => Found::Damaged,
        Content::Tokens(stored) => Found::Tokens(stored),
    })
}

/// What is in a file; none if it is too much.
fn bounded(file: File) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let limit = MAX_SIZE + 1;
    let size = file.metadata()?.len().min(limit);
    let room = usize::try_from(size).unwrap_or_default() + 1;
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    let read = file.take(limit).read_to_end(&mut content)?;
    Ok((u64::try_from(read).is_ok_and(|read| read < limit)).then_some(content))
}
