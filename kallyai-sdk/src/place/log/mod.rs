//! Where placements are written down before anything is sent.

mod error;
mod file;
mod memory;

use std::fmt;
use std::sync::Arc;

pub use error::PlaceLogError;
pub use file::FilePlaceLog;
pub use memory::MemoryPlaceLog;

use super::placement::{Entry, Placement, Settled};

/// Remembers what was to be placed and what became of it.
///
/// The methods may block: the library calls them where that does no harm. A log of your own, in a database
/// for instance, implements this; [`Entry`] can be encoded with serde. What it does must last when it
/// returns, whatever stops the process or the machine afterwards.
pub trait PlaceLog: fmt::Debug + Send + Sync {
    /// Writes a placement down if there is no entry of its key, or one that
    /// [gives way](Entry::gives_way_to); otherwise tells what is there and changes nothing. Of several who
    /// do this at once, in whatever processes, one writes.
    ///
    /// # Errors
    ///
    /// When it could not be written to last. Then nothing is sent.
    fn begin(&self, placement: &Placement) -> Result<Begun, PlaceLogError>;

    /// Writes down that a placement is about to be sent by another process than the one that began it, as
    /// [`Entry::send_again`] does to the entry of its key; false where that says so, or where there is no
    /// entry: then nothing is sent. Nobody else writes between the look at the entry and the writing.
    ///
    /// # Errors
    ///
    /// When it could not be written to last. Then nothing is sent.
    fn send_again(&self, placement: &Placement) -> Result<bool, PlaceLogError>;

    /// Writes down what became of a placement, as [`Entry::settle`] does to the entry of its key, if that
    /// changes it. One that is not there, because it was forgotten meanwhile, stays so. Nobody else writes
    /// between the look at the entry and the writing: a blind write of `NotDialled` could hide a call that
    /// another process has dialled meanwhile, and the next would dial again.
    ///
    /// # Errors
    ///
    /// When it could not be written. The placement then stays unsettled.
    fn settle(&self, placement: &Placement, settled: &Settled) -> Result<(), PlaceLogError>;

    /// All entries, oldest first.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn entries(&self) -> Result<Vec<Entry>, PlaceLogError>;

    /// Removes the entry of a key. The same key may then be placed again: whether that call was dialled
    /// before is no longer known here.
    ///
    /// # Errors
    ///
    /// When it could not be removed.
    fn forget(&self, key: &str) -> Result<(), PlaceLogError>;

    /// The placements of which nobody knows what became of them, oldest first: those under way, and those
    /// that a crash or a lost answer has left.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    fn unsettled(&self) -> Result<Vec<Placement>, PlaceLogError> {
        let entries = self.entries()?.into_iter();
        let open = entries.filter(|entry| entry.settled.is_none());
        Ok(open.map(|entry| entry.placement).collect())
    }
}

/// What beginning a placement has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is written down, and is to be sent.
    New,
    /// There is an entry of this key already.
    Existing(Entry),
}

/// Logs that are shared, or chosen at run time, are logs.
macro_rules! forward {
    ($($pointer:ident),*) => {$(
        impl<T: PlaceLog + ?Sized> PlaceLog for $pointer<T> {
            fn begin(&self, placement: &Placement) -> Result<Begun, PlaceLogError> {
                (**self).begin(placement)
            }

            fn send_again(&self, placement: &Placement) -> Result<bool, PlaceLogError> {
                (**self).send_again(placement)
            }

            fn settle(&self, placement: &Placement, settled: &Settled) -> Result<(), PlaceLogError> {
                (**self).settle(placement, settled)
            }

            fn entries(&self) -> Result<Vec<Entry>, PlaceLogError> {
                (**self).entries()
            }

            fn forget(&self, key: &str) -> Result<(), PlaceLogError> {
                (**self).forget(key)
            }

            fn unsettled(&self) -> Result<Vec<Placement>, PlaceLogError> {
                (**self).unsettled()
            }
        }
    )*};
}

forward!(Arc, Box);
