//! Which events have been given already.

use std::collections::{HashMap, HashSet, VecDeque};

/// How many events are remembered.
const REMEMBERED: usize = 1024;

/// The marks of the latest events, and of the log when it was last read.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By mark, the connection on which it came.
    latest: HashMap<u64, u64>,
    order: VecDeque<u64>,
    log: HashSet<u64>,
    connection: u64,
}

impl Seen {
    /// Another connection: what comes on it may be a repetition.
    pub(super) fn reconnected(&mut self) {
        self.connection += 1;
    }

    /// Whether it came on an earlier connection; if not, it is remembered.
    pub(super) fn is_repeated(&mut self, mark: u64) -> bool {
        if let Some(connection) = self.latest.get(&mark) {
            return *connection != self.connection;
        }
        self.latest.insert(mark, self.connection);
        self.order.push_back(mark);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.latest.remove(&oldest);
        }
        false
    }

    /// Which entries of the log are new: neither in it when it was last read nor among the latest events.
    pub(super) fn new_in_log(&mut self, marks: &[u64]) -> Vec<bool> {
        self.reconnected();
        let before = std::mem::replace(&mut self.log, marks.iter().copied().collect());
        marks
            .iter()
            .map(|mark| !before.contains(mark) && !self.is_repeated(*mark))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_is_what_came_on_another_connection() {
        let mut seen = Seen::default();
        assert!(!seen.is_repeated(1));
        assert!(!seen.is_repeated(1));
        seen.reconnected();
        assert!(seen.is_repeated(1));
        assert!(!seen.is_repeated(2));
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut seen = Seen::default();
        for mark in 0..10_000 {
            seen.is_repeated(mark);
        }
        assert_eq!((seen.latest.len(), seen.order.len()), (1024, 1024));
    }

    #[test]
    fn a_log_longer_than_the_memory_is_not_given_again() {
        let mut seen = Seen::default();
        let log: Vec<u64> = (0..5000).collect();
        assert!(seen.new_in_log(&log).into_iter().all(|new| new));
        assert!(seen.new_in_log(&log).into_iter().all(|new| !new));
        let log: Vec<u64> = (1..5001).collect();
        let new = seen.new_in_log(&log);
        assert_eq!(new.iter().filter(|new| **new).count(), 1);
    }
}
