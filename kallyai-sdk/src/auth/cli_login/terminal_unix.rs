//! Lines from the terminal while a sign-in waits.
//!
//! The terminal's own line editing ends at 4095 bytes, less than two long tokens take, and its echo would
//! leave tokens on the screen. So both are off meanwhile, and Ctrl-C arrives as a byte.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc;
use std::thread::JoinHandle;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, read};
use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::Typed;
use super::paste::LONGEST;

const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const BACKSPACE: u8 = 8;
const CTRL_U: u8 = 21;
const DELETE: u8 = 127;

/// The terminal at standard input; as it was before when this is dropped.
pub(super) struct Terminal {
    _setting: Setting,
    lines: UnboundedReceiver<Typed>,
    /// Asks for the next line. Only then is there any reading: what is typed after the line that ends a
    /// sign-in is not ours.
    more: Option<mpsc::Sender<()>>,
    is_asked: bool,
    /// Closed, it ends the thread.
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

/// How the terminal was set.
struct Setting {
    terminal: OwnedFd,
    before: Termios,
}

/// What the thread has.
struct Reader {
    terminal: OwnedFd,
    stopped: PipeReader,
    line: Vec<u8>,
    /// Whether the line is longer than anything that is read.
    too_long: bool,
}

impl Terminal {
    /// Fails where it cannot be listened to; the sign-in goes on without.
    pub(super) fn open() -> io::Result<Self> {
        let terminal = io::stdin().as_fd().try_clone_to_owned()?;
        if !in_foreground(&terminal) {
            // To change it now would stop the process.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let (stopped, stop) = io::pipe()?;
        let reader = Reader {
            terminal: terminal.try_clone()?,
            stopped,
            line: Vec::new(),
            too_long: false,
        };
        let before = tcgetattr(&terminal)?;
        let mut during = before.clone();
        during.local_modes -= LocalModes::ICANON
            | LocalModes::ECHO
            | LocalModes::ECHONL
            | LocalModes::ISIG
            | LocalModes::IEXTEN;
        // Reading never blocks, whatever becomes of the bytes in between.
        during.special_codes[SpecialCodeIndex::VMIN] = 0;
        during.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&terminal, OptionalActions::Now, &during)?;
        let setting = Setting { terminal, before };
        let ((more, wanted), (sender, lines)) = (mpsc::channel(), unbounded_channel());
        // Not one of the runtime's threads: it reads by itself, so that the runtime need not be able to.
        let thread = std::thread::Builder::new()
            .name("kallyai-paste".to_owned())
            .spawn(move || reader.run(&wanted, &sender))?;
        Ok(Self {
            _setting: setting,
            lines,
            more: Some(more),
            is_asked: false,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The next line. May be cancelled; what was typed is kept.
    pub(super) async fn next(&mut self) -> Typed {
        if let Some(more) = &self.more
            && !self.is_asked
        {
            // Where the thread has ended there is no line either.
            self.is_asked = more.send(()).is_ok();
        }
        let typed = self.lines.recv().await.unwrap_or(Typed::Closed);
        self.is_asked = false;
        typed
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop((self.stop.take(), self.more.take()));
        if let Some(thread) = self.thread.take() {
            // It ends at once; that it could have panicked changes nothing here.
            let _ = thread.join();
        }
    }
}

impl Drop for Setting {
    fn drop(&mut self) {
        if in_foreground(&self.terminal) {
            // Nothing can be done where it fails.
            let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
        }
    }
}

/// Whether the terminal listens to this process. One that is not its own terminal does.
fn in_foreground(terminal: &OwnedFd) -> bool {
    tcgetpgrp(terminal).map_or(true, |group| group == getpgrp())
}

impl Reader {
    fn run(mut self, wanted: &mpsc::Receiver<()>, lines: &UnboundedSender<Typed>) {
        while wanted.recv().is_ok() {
            let Some(typed) = self.next() else { return };
            if lines.send(typed).is_err() {
                return;
            }
        }
    }

    /// The next line; nothing when it is to stop.
    fn next(&mut self) -> Option<Typed> {
        loop {
            let mut ready = [
                PollFd::new(&self.stopped, PollFlags::IN),
                PollFd::new(&self.terminal, PollFlags::IN),
            ];
            match poll(&mut ready, None) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(_) => return Some(Typed::Closed),
            }
            let [stopped, terminal] = ready.map(|polled| polled.revents());
            if !stopped.is_empty() {
                return None;
            }
            // Byte by byte, so that nothing behind the end of the line is taken.
            let mut byte = [0];
            match read(&self.terminal, &mut byte) {
                Ok(1..) => {
                    let [byte] = byte;
                    if let Some(typed) = self.take(byte) {
                        return Some(typed);
                    }
                }
                Ok(0) if !terminal.contains(PollFlags::HUP) => {}
                Err(Errno::INTR | Errno::AGAIN) => {}
                Ok(0) | Err(_) => return Some(Typed::Closed),
            }
        }
    }

    fn take(&mut self, byte: u8) -> Option<Typed> {
        match byte {
            CTRL_C => return Some(Typed::Cancelled),
            CTRL_D if self.line.is_empty() => return Some(Typed::Cancelled),
            b'\n' | b'\r' | CTRL_D => {
                let line = std::mem::take(&mut self.line);
                // What is too long is no address, and so is nothing of it.
                let line = if std::mem::take(&mut self.too_long) {
                    "too long".into()
                } else {
                    String::from_utf8_lossy(&line).into_owned().into()
                };
                return Some(Typed::Line(line));
            }
            BACKSPACE | DELETE => drop(self.line.pop()),
            CTRL_U => self.line.clear(),
            _ if self.line.len() < LONGEST => self.line.push(byte),
            _ => self.too_long = true,
        }
        None
    }
}
