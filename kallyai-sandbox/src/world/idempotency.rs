//! Idempotency keys. What the service does with them is not published: all of this is assumed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The keys with which a phone call was dialled. A request that was refused before that leaves none
/// behind, so that it can be mended and sent again.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Keys(BTreeMap<String, Key>);

#[derive(Clone, Serialize, Deserialize)]
struct Key {
    fingerprint: String,
    call: Uuid,
}

/// What a key says of a request.
pub(crate) enum Seen {
    Never,
    /// It comes with the same body: the call that it has dialled.
    Same(Uuid),
    /// It comes with another body.
    Other,
}

impl Keys {
    pub(crate) fn look_up(&self, key: &str, fingerprint: &str) -> Seen {
        match self.0.get(key) {
            None => Seen::Never,
            Some(known) if known.fingerprint == fingerprint => Seen::Same(known.call),
            Some(_) => Seen::Other,
        }
    }

    pub(crate) fn remember(&mut self, key: String, fingerprint: String, call: Uuid) {
        self.0.insert(key, Key { fingerprint, call });
    }
}
