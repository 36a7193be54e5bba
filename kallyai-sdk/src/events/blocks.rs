//! Bytes of a stream of events on their way to the parser: valid text, in blocks of bounded size.
//!
//! The parser refuses what is not UTF-8, and keeps lines however long they are.

use std::collections::VecDeque;

use bytes::Bytes;

/// The largest event, in bytes; comments do not count.
pub(super) const LARGEST: usize = 1024 * 1024;

/// A part of the stream with the end of one block at most.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) bytes: Bytes,
    /// Whether the block that ends here was too large, and is not whole.
    pub(super) cut: bool,
}

/// Where in a line it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Start,
    Field,
    Comment,
}

#[derive(Debug)]
pub(super) struct Blocks {
    largest: usize,
    /// The beginning of a character whose end has not come yet.
    tail: Vec<u8>,
    line: Line,
    /// The last character was a CR: an LF belongs to it.
    after_cr: bool,
    size: usize,
    cutting: bool,
    ready: VecDeque<Piece>,
}

impl Blocks {
    pub(super) fn new(largest: usize) -> Self {
        Self {
            largest,
            tail: Vec::new(),
            line: Line::Start,
            after_cr: false,
            size: 0,
            cutting: false,
            ready: VecDeque::new(),
        }
    }

    pub(super) fn pop(&mut self) -> Option<Piece> {
        self.ready.pop_front()
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        let text = self.text(chunk);
        let mut piece = String::with_capacity(text.len());
        let mut rest = text.as_str();
        if !rest.is_empty() && std::mem::take(&mut self.after_cr) {
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        while !rest.is_empty() {
            let Some(end) = rest.find(['\r', '\n']) else {
                self.take(rest, &mut piece);
                break;
            };
            let (line, after) = rest.split_at(end);
            self.take(line, &mut piece);
            rest = match after.strip_prefix('\r') {
                Some("") => {
                    self.after_cr = true;
                    ""
                }
                Some(after) => after.strip_prefix('\n').unwrap_or(after),
                None => after.strip_prefix('\n').unwrap_or(after),
            };
            self.end_line(&mut piece);
        }
        if !piece.is_empty() {
            self.ready.push_back(Piece {
                bytes: piece.into(),
                cut: false,
            });
        }
    }

    /// A part of a line.
    fn take(&mut self, line: &str, piece: &mut String) {
        if line.is_empty() {
            return;
        }
        if self.line == Line::Start {
            let comment = line.starts_with(':');
            self.line = if comment { Line::Comment } else { Line::Field };
        }
        if self.line == Line::Comment || self.cutting {
            return;
        }
        if self.size + line.len() > self.largest {
            self.cutting = true;
            return;
        }
        self.size += line.len();
        piece.push_str(line);
    }

    fn end_line(&mut self, piece: &mut String) {
        let line = std::mem::replace(&mut self.line, Line::Start);
        if line == Line::Start {
            let cut = std::mem::take(&mut self.cutting);
            self.size = 0;
            // Where it was cut, a line may still be open, or nothing of it has gone through: the parser is
            // to find an end all the same.
            piece.push_str(if cut { "\ndata\n\n" } else { "\n" });
            self.ready.push_back(Piece {
                bytes: std::mem::take(piece).into(),
                cut,
            });
            return;
        }
        if line == Line::Field && !self.cutting {
            self.size += 1;
            piece.push('\n');
        }
    }

    /// The chunk as text, but for a character that is not whole at its end.
    fn text(&mut self, chunk: &[u8]) -> String {
        let mut bytes = std::mem::take(&mut self.tail);
        bytes.extend_from_slice(chunk);
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => return text,
            Err(error) => error.into_bytes(),
        };
        let mut text = String::with_capacity(bytes.len());
        let mut parts = bytes.utf8_chunks().peekable();
        while let Some(part) = parts.next() {
            text.push_str(part.valid());
            let odd = part.invalid();
            let unfinished =
                || std::str::from_utf8(odd).is_err_and(|error| error.error_len().is_none());
            if parts.peek().is_none() && unfinished() {
                self.tail = odd.to_vec();
            } else if !odd.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(chunks: &[&[u8]], largest: usize) -> (String, Vec<bool>) {
        let mut blocks = Blocks::new(largest);
        let (mut text, mut cut) = (String::new(), Vec::new());
        for chunk in chunks {
            blocks.push(chunk);
            while let Some(piece) = blocks.pop() {
                text.push_str(std::str::from_utf8(&piece.bytes).unwrap());
                cut.push(piece.cut);
            }
        }
        (text, cut)
    }

    #[test]
    fn lines_end_in_three_ways_wherever_they_are_split() {
        let stream = b"data: a\r\ndata: b\rdata: c\n\r\nid: 1\r\r\ndata\n\n";
        let expected = "data: a\ndata: b\ndata: c\n\nid: 1\n\ndata\n\n";
        assert_eq!(through(&[stream], 100).0, expected);
        for at in 0..stream.len() {
            let (one, other) = stream.split_at(at);
            assert_eq!(through(&[one, other], 100).0, expected, "{at}");
        }
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(through(&single, 100).0, expected);
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        let stream = "data: \u{20ac}\u{1f600}\n\n".as_bytes();
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(through(&single, 100).0.as_bytes(), stream);
        let odd: &[&[u8]] = &[b"data: \xff\xe2\x82", b"A\xf0\x9f", b"\n\n"];
        assert_eq!(through(odd, 100).0, "data: \u{fffd}\u{fffd}A\u{fffd}\n\n");
    }

    #[test]
    fn large_blocks_are_cut_and_the_next_is_whole() {
        let line = "x".repeat(30);
        let stream = format!("data: {line}\ndata: {line}\n\ndata: b\n\n");
        for size in [1, 7, 1000] {
            let chunks: Vec<&[u8]> = stream.as_bytes().chunks(size).collect();
            let (text, cut) = through(&chunks, 40);
            assert!(text.ends_with("\n\ndata: b\n\n"), "{text}");
            assert!(text.len() < 60, "{size}");
            assert_eq!(cut.iter().filter(|cut| **cut).count(), 1);
        }
    }

    #[test]
    fn comments_go_nowhere_and_do_not_count() {
        let mut stream = ": comment\n".repeat(100);
        stream.push_str("data: a\n: more\n\n");
        let (text, cut) = through(&[stream.as_bytes()], 20);
        assert_eq!(text, "data: a\n\n");
        assert_eq!(cut, [false]);
    }
}
