//! The sandbox with Prism in front of it. `prism.sh` lets the examples have it in the sandbox's place: they
//! stay as they are, and what they send and get goes through Prism, which checks it by the document.

use std::fs::File;
use std::io::{self, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::ops::Deref;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub use kallyai_sandbox::{
    Clock, Coverage, DialledCall, Error, Fault, FaultKind, Fidelity, IssuedToken, JournalEntry,
};

/// How long Prism may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Set when this is built: the tests of the examples run them without any environment.
const NODE: &str = env!("BEHIND_PRISM_NODE");
const PRISM: &str = env!("BEHIND_PRISM_CLI");
const PRELOAD: &str = env!("BEHIND_PRISM_PRELOAD");
const DOCUMENT: &str = env!("BEHIND_PRISM_DOCUMENT");
/// Each Prism writes its log here.
const LOGS: &str = env!("BEHIND_PRISM_LOGS");

/// A world, and Prism in front of it.
#[derive(Debug)]
pub struct Sandbox {
    prism: Prism,
    world: kallyai_sandbox::Sandbox,
}

impl Sandbox {
    /// Starts a world, and Prism in front of it.
    ///
    /// # Errors
    ///
    /// When either does not start.
    pub async fn start() -> Result<Self, Box<dyn std::error::Error>> {
        Self::builder().start().await
    }

    /// Sets a world up before it is started.
    pub fn builder() -> Builder {
        Builder(kallyai_sandbox::Sandbox::builder())
    }

    /// Where Prism listens.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.prism.url
    }
}

/// All else is the world's.
impl Deref for Sandbox {
    type Target = kallyai_sandbox::Sandbox;

    fn deref(&self) -> &Self::Target {
        &self.world
    }
}

/// What the examples set.
#[must_use]
#[derive(Debug)]
pub struct Builder(kallyai_sandbox::Builder);

impl Builder {
    /// See the sandbox.
    pub fn auto_approve(self, on: bool) -> Self {
        Self(self.0.auto_approve(on))
    }

    /// See the sandbox.
    pub fn call_seconds(self, seconds: f64) -> Self {
        Self(self.0.call_seconds(seconds))
    }

    /// See the sandbox.
    pub fn strict_rotation(self, on: bool) -> Self {
        Self(self.0.strict_rotation(on))
    }

    /// See [`Sandbox::start`].
    ///
    /// # Errors
    ///
    /// When the world or Prism does not start.
    pub async fn start(self) -> Result<Sandbox, Box<dyn std::error::Error>> {
        let world = self.0.start().await?;
        let prism = Prism::start(world.base_url())?;
        Ok(Sandbox { prism, world })
    }
}

/// A running Prism. It ends with this value.
#[derive(Debug)]
struct Prism {
    child: Child,
    url: String,
}

impl Prism {
    fn start(upstream: &str) -> io::Result<Self> {
        let port = free_port()?;
        let log = PathBuf::from(LOGS).join(format!("{}-{port}.log", program()));
        let child = Command::new(NODE)
            .args(["--require", PRELOAD])
            .args([PRISM, "proxy", DOCUMENT, upstream, "--errors"])
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .env_clear()
            // It ends when this end of the pipe is closed: some tests kill their example.
            .stdin(Stdio::piped())
            .stdout(File::create(&log)?)
            .stderr(File::options().append(true).open(&log)?)
            .spawn()?;
        let mut prism = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
        };
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if started.elapsed() > PATIENCE || prism.child.try_wait()?.is_some() {
                let mut told = String::new();
                File::open(&log)?.read_to_string(&mut told)?;
                return Err(io::Error::other(format!("Prism does not start: {told}")));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(prism)
    }
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The example that runs.
fn program() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    let stem = path.file_stem().unwrap_or_default();
    format!("{}-{}", stem.to_string_lossy(), std::process::id())
}

/// Free a moment ago; nobody else on this machine is expected to take it.
fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}
