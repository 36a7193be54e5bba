//! Lines from the terminal while a sign-in waits, where nothing better than a thread is known. A thread
//! that reads cannot be stopped: the next line after the end of a sign-in is lost.

use std::io;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::Typed;

/// The terminal at standard input.
pub(super) struct Terminal(UnboundedReceiver<String>);

impl Terminal {
    pub(super) fn open() -> io::Result<Self> {
        let (sender, receiver) = unbounded_channel();
        // Not one of the runtime's threads, whose end it would wait for.
        std::thread::Builder::new()
            .name("kallyai-paste".to_owned())
            .spawn(move || {
                let mut line = String::new();
                while io::stdin().read_line(&mut line).is_ok_and(|read| read > 0) {
                    if sender.send(std::mem::take(&mut line)).is_err() {
                        break;
                    }
                }
            })?;
        Ok(Self(receiver))
    }

    /// The next line. May be cancelled.
    pub(super) async fn next(&mut self) -> Typed {
        match self.0.recv().await {
            Some(line) => Typed::Line(line.into()),
            None => Typed::Closed,
        }
    }
}
