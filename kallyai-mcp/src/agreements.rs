//! Agreements that travel through the client: sealed, for one tool with one set of arguments, good once and for
//! ten minutes. The client could change or keep them, so whatever does not fit is no agreement.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rmcp::model::{RequestStateCodec, SealOptions};
use uuid::Uuid;

/// How long the user may think.
pub(crate) const GOOD_FOR: Duration = Duration::from_secs(600);
/// As many questions may be open; the oldest is forgotten for a new one.
const MOST: usize = 1_000;

pub(crate) struct Agreements {
    codec: RequestStateCodec,
    /// The questions that nobody has answered yet, and when they were asked.
    open: Mutex<HashMap<Uuid, Instant>>,
}

/// It is forged, for something else, too old, or was used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unusable;

impl Agreements {
    /// With a key of this process: what another one has sealed is none.
    pub(crate) fn new() -> Self {
        let mut key = Vec::with_capacity(64);
        for _ in 0..4 {
            key.extend_from_slice(Uuid::new_v4().as_bytes());
        }
        Self {
            codec: RequestStateCodec::new_unchecked(key),
            open: Mutex::default(),
        }
    }

    /// Asks: what comes back with this is the answer to a question about what has this digest.
    pub(crate) fn seal(&self, digest: &[u8; 32], now: Instant) -> String {
        let id = Uuid::new_v4();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, asked| is_good(*asked, now));
        if open.len() >= MOST
            && let Some(oldest) = open.iter().min_by_key(|(_, asked)| **asked)
        {
            let oldest = *oldest.0;
            open.remove(&oldest);
        }
        open.insert(id, now);
        let options = SealOptions::new().associated_data(digest).ttl(GOOD_FOR);
        self.codec.seal_with(id.as_bytes(), &options)
    }

    /// Takes the answer to a question; it cannot be taken twice.
    pub(crate) fn redeem(
        &self,
        state: &str,
        digest: &[u8; 32],
        now: Instant,
    ) -> Result<(), Unusable> {
        let opened = self.codec.open_with(state, digest).map_err(|_| Unusable)?;
        let id = Uuid::from_slice(&opened).map_err(|_| Unusable)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = open.remove(&id).ok_or(Unusable)?;
        if is_good(asked, now) {
            Ok(())
        } else {
            Err(Unusable)
        }
    }
}

fn is_good(asked: Instant, now: Instant) -> bool {
    now.saturating_duration_since(asked) < GOOD_FOR
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: [u8; 32] = [1; 32];

    #[test]
    fn an_agreement_is_good_once() {
        let agreements = Agreements::new();
        let now = Instant::now();
        let state = agreements.seal(&DIGEST, now);
        assert_eq!(agreements.redeem(&state, &DIGEST, now), Ok(()));
        assert_eq!(agreements.redeem(&state, &DIGEST, now), Err(Unusable));
    }

    #[test]
    fn an_agreement_is_for_what_was_asked() {
        let agreements = Agreements::new();
        let now = Instant::now();
        let state = agreements.seal(&DIGEST, now);
        assert_eq!(agreements.redeem(&state, &[2; 32], now), Err(Unusable));
        // It was asked for something else, so it is still good for what it is good for.
        assert_eq!(agreements.redeem(&state, &DIGEST, now), Ok(()));
    }

    #[test]
    fn an_agreement_is_good_for_ten_minutes() {
        let agreements = Agreements::new();
        let now = Instant::now();
        for (after, good) in [(599, Ok(())), (600, Err(Unusable))] {
            let state = agreements.seal(&DIGEST, now);
            let later = now + Duration::from_secs(after);
            assert_eq!(agreements.redeem(&state, &DIGEST, later), good);
        }
    }

    #[test]
    fn what_is_forged_or_of_another_process_is_none() {
        let agreements = Agreements::new();
        let now = Instant::now();
        let other = Agreements::new().seal(&DIGEST, now);
        let mut changed = agreements.seal(&DIGEST, now);
        changed.push('A');
        for state in [other.as_str(), changed.as_str(), "", "rs1.a.b"] {
            assert_eq!(agreements.redeem(state, &DIGEST, now), Err(Unusable));
        }
    }

    #[test]
    fn the_oldest_question_is_forgotten() {
        let agreements = Agreements::new();
        let now = Instant::now();
        let first = agreements.seal(&DIGEST, now);
        let later = now + Duration::from_secs(1);
        let others: Vec<String> = (0..MOST).map(|_| agreements.seal(&DIGEST, later)).collect();
        assert_eq!(agreements.redeem(&first, &DIGEST, later), Err(Unusable));
        for state in others {
            assert_eq!(agreements.redeem(&state, &DIGEST, later), Ok(()));
        }
    }
}
