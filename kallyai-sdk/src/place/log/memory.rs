//! Placements in memory.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::placement::{Entry, Placement, Settled};
use super::{Begun, PlaceLog, PlaceLogError};

/// How many settled entries are remembered.
const SETTLED: usize = 10_000;

/// Remembers placements as long as the process lives: all unsettled ones and the last 10,000 settled ones.
/// It saves from placing twice within a process, and from nothing that a crash does.
#[derive(Debug, Default)]
pub struct MemoryPlaceLog(Mutex<VecDeque<Entry>>);

impl MemoryPlaceLog {
    /// An empty log.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PlaceLog for MemoryPlaceLog {
    fn begin(&self, placement: &Placement) -> Result<Begun, PlaceLogError> {
        let mut entries = self.lock();
        let of_key = |entry: &Entry| entry.placement.key() == placement.key();
        if let Some(place) = entries.iter().position(of_key) {
            if let Some(entry) = entries.get(place)
                && !entry.gives_way_to(placement)
            {
                return Ok(Begun::Existing(entry.clone()));
            }
            entries.remove(place);
        }
        entries.push_back(Entry::begun(placement.clone()));
        Ok(Begun::New)
    }

    fn send_again(&self, placement: &Placement) -> Result<bool, PlaceLogError> {
        let mut entries = self.lock();
        let of_key = |entry: &&mut Entry| entry.placement.key() == placement.key();
        let entry = entries.iter_mut().find(of_key);
        Ok(entry.is_some_and(|entry| entry.send_again(placement)))
    }

    fn settle(&self, placement: &Placement, settled: &Settled) -> Result<(), PlaceLogError> {
        let mut entries = self.lock();
        let of_key = |entry: &&mut Entry| entry.placement.key() == placement.key();
        if let Some(entry) = entries.iter_mut().find(of_key) {
            entry.settle(placement, settled);
        }
        if entries.len() > SETTLED
            && let Some(oldest) = entries.iter().position(|entry| entry.settled.is_some())
        {
            entries.remove(oldest);
        }
        Ok(())
    }

    fn entries(&self) -> Result<Vec<Entry>, PlaceLogError> {
        Ok(self.lock().iter().cloned().collect())
    }

    fn forget(&self, key: &str) -> Result<(), PlaceLogError> {
        self.lock().retain(|entry| entry.placement.key() != key);
        Ok(())
    }
}
