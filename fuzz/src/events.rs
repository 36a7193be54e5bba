//! Streams of events: the first byte says how large the chunks are and the second how large an event may be, the
//! others are the stream.

use kallyai_sdk::fuzzing::events::{events, pieces};

use crate::runtime::block_on;

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let [size, largest, stream @ ..] = input else {
        return;
    };
    let chunks: Vec<&[u8]> = stream.chunks(usize::from(*size % 32) + 1).collect();
    bounded(&chunks, stream, usize::from(*largest));

    let (whole, large) = block_on(events(&[stream]));
    let (parts, large_too) = block_on(events(&chunks));
    assert_eq!(large, large_too);
    assert_eq!(
        whole.len(),
        parts.len(),
        "split another way, it is another stream"
    );
    for (one, other) in whole.iter().zip(&parts) {
        assert_eq!(one.id(), other.id());
        assert_eq!(one.name(), other.name());
        assert_eq!(one.data(), other.data());
        assert_eq!(one.event().is_some(), other.event().is_some());
        let shown = format!("ServerEvent {{ data_bytes: {}, .. }}", one.data().len());
        assert_eq!(format!("{one:?}"), shown);
    }
}

/// What goes to the parser is text in lines, no more than came, and no block is larger than allowed.
fn bounded(chunks: &[&[u8]], stream: &[u8], largest: usize) {
    let text = |chunks: &[&[u8]]| {
        let mut text = String::new();
        let mut cuts = 0_usize;
        for (bytes, cut) in pieces(chunks, largest) {
            text += std::str::from_utf8(&bytes).expect("pieces are text");
            cuts += usize::from(cut);
        }
        (text, cuts)
    };
    let (parts, cuts) = text(chunks);
    assert!(!parts.contains('\r'));
    // Bytes that are no text grow to three, and each cut block gets an end of its own.
    assert!(parts.len() <= 3 * stream.len() + 8 * cuts);
    for block in parts.split("\n\n") {
        assert!(block.len() <= largest + largest.max(1) + 8, "{block:?}");
    }
    // Which blocks are cut does not depend on how they come, and neither does what is not cut. Of the last one there
    // may be a part.
    let (whole, whole_cuts) = text(&[stream]);
    assert_eq!(cuts, whole_cuts);
    if cuts == 0 {
        let ended = |text: &str| text.rfind("\n\n").map(|end| text[..end].to_owned());
        assert_eq!(ended(&parts), ended(&whole));
    }
}
