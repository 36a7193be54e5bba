//! Runs the command, away from whoever runs the tests.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use kallyai_sandbox::Sandbox;
use serde_json::Value;
use tempfile::TempDir;

/// What never comes in that time does not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// A home directory of its own, which is gone when this is dropped.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The command, with nothing of the environment but what every program needs.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kallyai"));
        command.env_clear();
        for name in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        for (name, below) in [
            ("HOME", "."),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_STATE_HOME", "state"),
        ] {
            command.env(name, self.path().join(below));
        }
        command.env("LANG", "en_US.UTF-8").env("TZ", "UTC");
        command.current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// The command of whoever is signed in to this world.
    pub(crate) fn kallyai(&self, sandbox: &Sandbox) -> Command {
        let mut command = self.command();
        command
            .env("KALLYAI_BASE_URL", sandbox.base_url())
            .env("KALLYAI_ACCESS_TOKEN", sandbox.access_token());
        command
    }
}

/// The command of whoever is signed in, which finds nothing of an earlier one.
pub(crate) fn kallyai(sandbox: &Sandbox) -> Command {
    // What it leaves behind is an empty directory below the target folder.
    let home = Home(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
    let command = home.kallyai(sandbox);
    drop(home.0.keep());
    command
}

/// The id of the call, as soon as it is dialled.
pub(crate) fn dialled(sandbox: &Sandbox) -> String {
    for _ in 0..1000 {
        if let Some(call) = sandbox.dialled().pop() {
            return call.call_id;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("nobody calls");
}

/// What a command has printed.
pub(crate) trait Printed {
    fn out(&self) -> String;
    fn err(&self) -> String;

    /// Standard output, one JSON document.
    fn json(&self) -> Value {
        serde_json::from_str(&self.out()).unwrap()
    }

    /// Standard output, one JSON document a line.
    fn lines(&self) -> Vec<Value> {
        let out = self.out();
        let lines = out.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }
}

impl Printed for Output {
    fn out(&self) -> String {
        String::from_utf8(self.stdout.clone()).unwrap()
    }

    fn err(&self) -> String {
        String::from_utf8(self.stderr.clone()).unwrap()
    }
}

/// Runs it with this on standard input.
pub(crate) fn fed(command: &mut Command, input: impl AsRef<[u8]>) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.as_ref().to_vec();
    let feeding = thread::spawn(move || {
        // A command that has refused already reads nothing.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    output
}

/// A command that goes on. It is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    out: Receiver<String>,
    err: Receiver<String>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            stdin: child.stdin.take(),
            out: lines(child.stdout.take().unwrap()),
            err: lines(child.stderr.take().unwrap()),
            child,
        }
    }

    /// Types a line.
    pub(crate) fn say(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Ends its standard input.
    pub(crate) fn hush(&mut self) {
        self.stdin = None;
    }

    /// The next line of its standard output.
    pub(crate) fn line(&self) -> String {
        self.out.recv_timeout(PATIENCE).expect("a line of output")
    }

    /// The same, of which is known that it is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// The next line of its standard error.
    pub(crate) fn told(&self) -> String {
        self.err.recv_timeout(PATIENCE).expect("a line of errors")
    }

    /// Ctrl-C.
    #[cfg(unix)]
    pub(crate) fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Waits for its end: how it ended, the rest of its output, and all that it said on standard error.
    pub(crate) fn end(mut self) -> (ExitStatus, Vec<String>, String) {
        self.hush();
        let out = rest(&self.out);
        let err = rest(&self.err).join("\n");
        (self.child.wait().unwrap(), out, err)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// All lines until the other side has closed it.
fn rest(lines: &Receiver<String>) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => all.push(line),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return all,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("it does not end"),
        }
    }
}

fn lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (send, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines() {
            if send.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    lines
}
