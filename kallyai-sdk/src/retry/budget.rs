//! How much is sent again in all, so that a service in trouble is not kept there.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Tokens for sending again, shared by all requests of a client: each time costs one, each success
/// gives one back.
#[derive(Debug)]
pub(crate) struct Budget(AtomicU32);

/// As many as there can be.
const FULL: u32 = 10;

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicU32::new(FULL))
    }
}

impl Budget {
    pub(crate) fn take(&self) -> bool {
        self.0
            .fetch_update(Relaxed, Relaxed, |tokens| tokens.checked_sub(1))
            .is_ok()
    }

    pub(crate) fn put_back(&self) {
        // Nothing is written while it is full, which is nearly always.
        if self.0.load(Relaxed) < FULL {
            let _ = self.0.fetch_update(Relaxed, Relaxed, |tokens| {
                (tokens < FULL).then_some(tokens + 1)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_spent_and_filled() {
        let budget = Budget::default();
        budget.put_back();
        assert_eq!((0..20).filter(|_| budget.take()).count(), 10);
        budget.put_back();
        assert!(budget.take());
        assert!(!budget.take());
    }
}
