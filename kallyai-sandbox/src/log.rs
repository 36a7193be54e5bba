//! The log of the program. Whoever started it may read stderr slowly, never, or have closed it: none
//! of that may stop the sandbox, so lines wait in a queue for a thread of their own, and are dropped
//! when it is full.

use std::io::{self, Write};
use std::iter;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// How many lines wait.
const LINES: usize = 4096;

/// How long the thread rests when it has written: to wake it for every line costs more than the line.
const REST: Duration = Duration::from_millis(1);

/// Where lines are put, to be written some time.
#[derive(Debug, Clone)]
pub(crate) struct Log(SyncSender<Message>);

#[derive(Debug)]
enum Message {
    Line(Vec<u8>),
    /// Answered when all before it is written.
    Flush(Sender<()>),
}

impl Log {
    /// Sends the events of this process to stderr.
    pub(crate) fn start() -> Self {
        let (sender, messages) = sync_channel(LINES);
        // Without a thread nothing is logged, and all else goes on.
        let _ = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write(&messages));
        let log = Self(sender);
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            // They would go to stderr past the queue.
            .log_internal_errors(false)
            .init();
        log
    }

    /// Waits for what was logged so far to be written, but no longer than this.
    pub(crate) fn flush(&self, within: Duration) {
        let (done, is_done) = channel();
        if self.0.try_send(Message::Flush(done)).is_ok() {
            let _ = is_done.recv_timeout(within);
        }
    }
}

/// Every event is written by one call.
impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // Full or without reader: the line is lost.
        let _ = self.0.try_send(Message::Line(line.to_vec()));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write(messages: &Receiver<Message>) {
    let mut stderr = io::stderr();
    for first in messages {
        // What has come meanwhile is written at once.
        let mut lines = Vec::new();
        let mut flushes = Vec::new();
        for message in iter::once(first).chain(messages.try_iter().take(LINES)) {
            match message {
                Message::Line(line) => lines.extend(line),
                Message::Flush(done) => flushes.push(done),
            }
        }
        if stderr.write_all(&lines).is_err() {
            // Closed: from now on lines are dropped where they are logged.
            return;
        }
        for done in flushes {
            let _ = done.send(());
        }
        thread::sleep(REST);
    }
}
