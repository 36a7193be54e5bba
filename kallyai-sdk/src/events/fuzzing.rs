//! A stream of events without a service.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::iter;

use super::blocks::Blocks;
use super::connection::{Came, Connection};
use super::event::ServerEvent;
use crate::retry::Machine;

/// Longer than anything takes that waits for nothing.
const IDLE: Duration = Duration::from_secs(90);

/// The pieces that chunks become where no event may be larger than this, and whether each was cut.
pub fn pieces(chunks: &[&[u8]], largest: usize) -> Vec<(Bytes, bool)> {
    let mut blocks = Blocks::new(largest);
    let mut pieces = Vec::new();
    for chunk in chunks {
        blocks.push(chunk);
        while let Some(piece) = blocks.pop() {
            pieces.push((piece.bytes, piece.cut));
        }
    }
    pieces
}

/// The events that chunks become, and how many were too large. Runs on a runtime with time.
pub async fn events(chunks: &[&[u8]]) -> (Vec<ServerEvent>, usize) {
    let chunks: Vec<_> = chunks
        .iter()
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    let mut connection = Connection::new(Box::pin(iter(chunks)), Machine::new(), IDLE);
    let (mut events, mut large) = (Vec::new(), 0);
    loop {
        match connection.next().await {
            Came::Block(block) => events.extend(ServerEvent::sent(block)),
            Came::Large => large += 1,
            Came::End(_) => return (events, large),
        }
    }
}
