//! A terminal of its own for a program.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// What has been written to a terminal.
#[derive(Default)]
struct Screen {
    text: Mutex<String>,
    written: Condvar,
}

/// A program at a terminal.
pub(crate) struct Session {
    child: Child,
    keyboard: File,
    screen: Arc<Screen>,
    /// Ends when nobody has the terminal any more.
    watching: JoinHandle<()>,
    /// Keeps the terminal.
    terminal: File,
}

impl Session {
    /// Standard input, output and error are the terminal.
    pub(crate) fn start(command: Command) -> Self {
        Self::prepared(command, |_| {})
    }

    /// The same on a terminal that is made ready first.
    pub(crate) fn prepared(mut command: Command, prepare: impl FnOnce(&File)) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let terminal = || {
            let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
            File::from(open(&*name, flags, Mode::empty()).unwrap())
        };
        let kept = terminal();
        prepare(&kept);
        let child = command
            .stdin(Stdio::from(terminal()))
            .stdout(Stdio::from(terminal()))
            .stderr(Stdio::from(terminal()))
            .spawn()
            .unwrap();
        let keyboard = File::from(keyboard);
        let screen = Arc::new(Screen::default());
        let (mut shown, into) = (keyboard.try_clone().unwrap(), Arc::clone(&screen));
        let watching = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = shown.read(&mut buffer) {
                let piece = String::from_utf8_lossy(&buffer[..count]).into_owned();
                into.text.lock().unwrap().push_str(&piece);
                into.written.notify_all();
            }
        });
        Self {
            child,
            keyboard,
            screen,
            watching,
            terminal: kept,
        }
    }

    /// Waits until the screen holds a text; all that it holds then.
    pub(crate) fn await_text(&self, text: &str) -> String {
        let shown = self.screen.text.lock().unwrap();
        let (shown, waited) = self
            .screen
            .written
            .wait_timeout_while(shown, Duration::from_secs(30), |shown| {
                !shown.contains(text)
            })
            .unwrap();
        assert!(!waited.timed_out(), "{text} is missing in {shown}");
        shown.clone()
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// What Ctrl-C at this terminal does.
    pub(crate) fn interrupt(&self) {
        let id = Pid::from_child(&self.child);
        kill_process(id, Signal::INT).unwrap();
    }

    /// Waits for the end; what was on the screen.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        drop(self.terminal);
        self.watching.join().unwrap();
        let screen = self.screen.text.lock().unwrap().clone();
        (status, screen)
    }
}
