//! Ids and secrets that look random and come from a seed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The source of all ids of a world.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Ids {
    seed: u64,
    made: u64,
    /// The secrets of two worlds differ even when their ids are the same.
    secret_seed: String,
    secrets_made: u64,
    /// How many ids the seeds before this one have made, so that a seed that comes back takes none twice.
    #[serde(default)]
    before: BTreeMap<u64, u64>,
}

/// With the seed of the secrets every token could be computed.
impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ids")
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

impl Ids {
    pub(crate) fn new(seed: u64, secret_seed: &str) -> Self {
        Self {
            seed,
            made: 0,
            secret_seed: secret_seed.to_owned(),
            secrets_made: 0,
            before: BTreeMap::new(),
        }
    }

    /// Starts the ids over; secrets go on.
    pub(crate) fn reseed(&mut self, seed: u64) {
        self.before.insert(self.seed, self.made);
        self.seed = seed;
        self.made = self.before.remove(&seed).unwrap_or_default();
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        self.made = self.made.wrapping_add(1);
        uuid("id", self.seed, self.made)
    }

    /// `sbx_at_...`
    pub(crate) fn secret(&mut self, kind: &str) -> String {
        self.secrets_made = self.secrets_made.wrapping_add(1);
        let digest = Sha256::new()
            .chain_update(&self.secret_seed)
            .chain_update(kind)
            .chain_update(self.secrets_made.to_be_bytes())
            .finalize();
        format!("sbx_{kind}_{}", hex(&digest))
    }
}

/// A version 4 UUID that depends on nothing but what is given.
pub(crate) fn uuid(kind: &str, seed: u64, number: u64) -> Uuid {
    let digest = digest(kind, seed, number);
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(digest) {
        *byte = from;
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// A number below `limit` that depends on nothing but what is given.
pub(crate) fn number(kind: &str, seed: u64, number: u64, limit: u32) -> u32 {
    let digest = digest(kind, seed, number);
    let drawn = digest
        .into_iter()
        .take(3)
        .fold(0, |sum: u32, byte| (sum << 8) | u32::from(byte));
    drawn.checked_rem(limit).unwrap_or(0)
}

fn digest(kind: &str, seed: u64, number: u64) -> [u8; 32] {
    Sha256::new()
        .chain_update(kind)
        .chain_update(seed.to_be_bytes())
        .chain_update(number.to_be_bytes())
        .finalize()
        .into()
}

/// The SHA-256 of bytes, in hexadecimal.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
