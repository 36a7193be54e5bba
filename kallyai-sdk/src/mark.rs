//! What something that arrived is recognised by.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;

use serde::Serialize;

/// Makes marks: 64 bits for anything, the same for the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marker(RandomState);

impl Marker {
    pub(crate) fn of_text(&self, text: &str) -> u64 {
        self.0.hash_one(text)
    }

    /// That of a value without an id.
    pub(crate) fn of_value(&self, value: &impl Serialize) -> u64 {
        let mut hash = Hash(self.0.build_hasher());
        // What came as JSON can be written as JSON; if not, it is like all that cannot.
        let _ = serde_json::to_writer(&mut hash, value);
        hash.0.finish()
    }
}

/// Takes JSON without keeping it.
struct Hash<H>(H);

impl<H: Hasher> io::Write for Hash<H> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
