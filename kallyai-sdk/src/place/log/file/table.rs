//! What has been read of the file.

use std::collections::HashMap;

use super::super::super::placement::Entry;
use super::format::{self, Line};

/// What is wrong with a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Damaged {
    /// It does not begin as it should.
    Head,
    /// This line, counted from 1, cannot be read.
    Line(usize),
}

#[derive(Default)]
pub(super) struct Table {
    /// The first line, with its end.
    head: Vec<u8>,
    /// Where the last whole line ends.
    length: u64,
    lines: usize,
    entries: HashMap<String, Entry>,
}

impl Table {
    /// What a file begins with that this is from.
    pub(super) fn known_head(&self) -> &[u8] {
        &self.head
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }

    /// Oldest first.
    pub(super) fn entries(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.entries.values().collect();
        entries.sort_by_key(|entry| entry.placement.started_at());
        entries
    }

    /// How many lines say nothing any more.
    pub(super) fn superfluous(&self) -> usize {
        self.lines.saturating_sub(self.entries.len() + 1)
    }

    /// Takes in what follows what is known. A last line without an end is what a crash has left: it is
    /// not there.
    pub(super) fn read(&mut self, text: &[u8]) -> Result<(), Damaged> {
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let number = self.lines + 1;
            let Some(content) = line.strip_suffix(b"\n") else {
                if number == 1 && !format::begins_a_head(line) {
                    return Err(Damaged::Head);
                }
                break;
            };
            if number == 1 {
                if !format::is_head(content) {
                    return Err(Damaged::Head);
                }
                self.head = line.to_vec();
            } else {
                let parsed = Line::parse(content).ok_or(Damaged::Line(number))?;
                match parsed.into_entry() {
                    (key, Some(entry)) => self.entries.insert(key, entry),
                    (key, None) => self.entries.remove(&key),
                };
            }
            self.lines = number;
            self.length += u64::try_from(line.len()).unwrap_or_default();
        }
        Ok(())
    }
}
