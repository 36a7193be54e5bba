//! The login example on a terminal of its own, and without one.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

fn login() -> Command {
    let mut command = Command::new(kallyai_examples::built("login").unwrap());
    command
        .env_clear()
        .arg("--no-browser")
        .stdout(Stdio::piped());
    command
}

/// What has been written to a terminal.
#[derive(Default)]
struct Screen {
    text: Mutex<String>,
    written: Condvar,
}

/// A program at a terminal: standard input and standard error are one, standard output is not.
struct Session {
    child: Child,
    keyboard: File,
    screen: Arc<Screen>,
    /// Ends when nobody has the terminal any more.
    watching: JoinHandle<()>,
    /// Keeps the terminal, and shows how it is set.
    terminal: File,
}

impl Session {
    fn start(arguments: &[&str]) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let terminal = || {
            let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
            File::from(open(&*name, flags, Mode::empty()).unwrap())
        };
        let kept = terminal();
        let child = login()
            .args(arguments)
            .stdin(Stdio::from(terminal()))
            .stderr(Stdio::from(terminal()))
            .spawn()
            .unwrap();
        let keyboard = File::from(keyboard);
        let screen = Arc::new(Screen::default());
        let (mut shown, into) = (keyboard.try_clone().unwrap(), Arc::clone(&screen));
        let watching = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = shown.read(&mut buffer) {
                let piece = String::from_utf8_lossy(buffer.get(..count).unwrap()).into_owned();
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

    /// Waits until the screen holds a text.
    fn await_text(&self, text: &str) -> String {
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

    /// The link on the screen.
    fn link(&self) -> String {
        let screen = self.await_text("Ctrl-C cancels");
        let link = screen
            .split_whitespace()
            .find(|word| word.starts_with("http://"));
        link.unwrap().to_owned()
    }

    fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        assert_eq!(
            modes.contains(LocalModes::ECHO),
            modes.contains(LocalModes::ICANON)
        );
        modes.contains(LocalModes::ECHO)
    }

    /// Waits for the end; what was on standard output, and on the screen.
    fn end(mut self) -> (bool, String, String) {
        let mut stdout = String::new();
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut stdout)
            .unwrap();
        let status = self.child.wait().unwrap();
        assert!(self.echoes(), "the terminal is not as it was");
        drop(self.terminal);
        self.watching.join().unwrap();
        let screen = self.screen.text.lock().unwrap().clone();
        (status.success(), stdout, screen)
    }
}

/// Approves on the sandbox's page; the address that the browser would be sent to.
fn approve(link: &str) -> String {
    let page = ask("GET", link, "");
    ask("POST", &page, "decision=approve")
}

/// The `location` of an answer.
fn ask(method: &str, url: &str, body: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, target) = rest.split_at(rest.find('/').unwrap());
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let location = answer
        .lines()
        .find_map(|line| line.strip_prefix("location: "));
    location.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn parameter<'a>(url: &'a str, name: &str) -> &'a str {
    let query = url.split_once('?').unwrap().1;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).unwrap().1
}

#[test]
fn a_long_address_is_pasted_and_not_shown() {
    let mut session = Session::start(&[]);
    let link = session.link();
    assert!(!session.echoes());
    let address = approve(&link);
    let token = parameter(&address, "access_token").to_owned();
    session.types("something hunter2 else\n");
    session.await_text("paste the whole of it");
    // Longer than the line of a terminal can be, and in the marks of a bracketed paste.
    let long = format!("{address}&padding={}", "x".repeat(20_000));
    session.types(&format!("\u{1b}[200~{long}\u{1b}[201~\n"));
    let (success, stdout, screen) = session.end();
    assert!(success, "{screen}");
    assert!(
        stdout.contains("Signed in") && stdout.contains("Renewable   yes"),
        "{stdout}"
    );
    assert!(!stdout.contains("/v1/auth/"), "{stdout}");
    for secret in [
        &token,
        parameter(&address, "refresh_token"),
        "hunter2",
        "xxxx",
    ] {
        assert!(
            !screen.contains(secret) && !stdout.contains(secret),
            "{screen}"
        );
    }
}

#[test]
fn a_browser_that_comes_back_restores_the_terminal() {
    let session = Session::start(&[]);
    let address = approve(&session.link());
    let rest = address.strip_prefix("http://").unwrap();
    let (host, target) = rest.split_at(rest.find('/').unwrap());
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    assert!(page.contains("Back to the program"), "{page}");
    let (success, stdout, _) = session.end();
    assert!(success && stdout.contains("Signed in"), "{stdout}");
}

#[test]
fn control_c_and_control_d_cancel() {
    for key in ["\u{3}", "half a line\u{15}\u{4}"] {
        let mut session = Session::start(&[]);
        session.link();
        session.types(key);
        let (success, stdout, screen) = session.end();
        assert!(!success && stdout.is_empty(), "{stdout}");
        assert!(screen.contains("cancelled"), "{screen}");
    }
}

#[test]
fn without_a_terminal_it_fails_at_once_and_says_what_helps() {
    let output: Output = login()
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(complaints.contains("KALLYAI_ACCESS_TOKEN"), "{complaints}");
    // Nothing was bound or shown.
    assert!(!complaints.contains("http"), "{complaints}");
    assert!(output.stdout.is_empty());
}
