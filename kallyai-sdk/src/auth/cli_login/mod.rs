//! The sign-in of a command: a link is opened in a browser, and the browser comes back to a socket on
//! this machine.

mod callback;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod listener;
mod opener;
mod page;
mod paste;
mod pending;
#[cfg_attr(unix, path = "terminal_unix.rs")]
#[cfg_attr(not(unix), path = "terminal_other.rs")]
mod terminal;

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use self::listener::Port;
use self::terminal::Terminal;
use super::{CodeFlow, CodeFlowBuilder, TokenSet};
use crate::base_url::{self, BaseUrl};
use crate::error::Error;
use crate::types::SecretText;

pub use self::opener::Opener;
#[cfg(feature = "browser")]
pub use self::opener::SystemBrowser;
pub use self::pending::PendingLogin;

/// The published clients wait as long.
const DEADLINE: Duration = Duration::from_secs(180);

type Announce = Box<dyn FnOnce(&str) + Send>;

/// Signs in as a command does: shows a link, opens it in a browser, and waits for the browser to come
/// back with the tokens.
///
/// ```no_run
/// use kallyai_sdk::auth::CliLogin;
///
/// # async fn example() -> Result<(), kallyai_sdk::Error> {
/// let tokens = CliLogin::new().run().await?;
/// # Ok(())
/// # }
/// ```
///
/// That prints the link on stderr, never on stdout, and needs a terminal. The browser may run on another
/// machine (over SSH, out of a container): then the address that it ends at, and cannot reach, is pasted
/// into the terminal. Where there is no terminal, [`announce`](Self::announce) takes the link; or the two
/// steps are taken apart, with neither terminal nor browser:
///
/// ```no_run
/// # use kallyai_sdk::auth::CliLogin;
/// # async fn example() -> Result<(), kallyai_sdk::Error> {
/// let pending = CliLogin::new().begin().await?;
/// println!("Open {}", pending.url());
/// let tokens = pending.wait().await?;
/// # Ok(())
/// # }
/// ```
///
/// The service puts the tokens of this flow into an address, so they pass through the browser. With a
/// [client id](Self::client_id) of the vendor's it is the code flow with PKCE, where they do not.
#[must_use = "nothing happens before run() or begin()"]
pub struct CliLogin {
    base_url: String,
    port: Port,
    path: String,
    deadline: Duration,
    opener: Option<Arc<dyn Opener>>,
    announce: Option<Announce>,
    reads_terminal: bool,
    code_flow: Option<CodeFlowBuilder>,
}

impl Default for CliLogin {
    fn default() -> Self {
        Self::new()
    }
}

impl CliLogin {
    /// Signs in at `https://api.kallyai.com`, on a port that the system chooses, within 180 s.
    pub fn new() -> Self {
        Self {
            base_url: base_url::DEFAULT.to_owned(),
            port: Port::Only(0),
            path: String::new(),
            deadline: DEADLINE,
            opener: default_opener(),
            announce: None,
            reads_terminal: true,
            code_flow: None,
        }
    }

    /// Signs in at another service: https, or http on loopback; without `/v1`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Signs in by the code flow with PKCE, as this client of the vendor's (RFC 8252). It needs no secret:
    /// a program on somebody's machine could not keep one.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.code_flow = Some(CodeFlow::builder(id, ""));
        self
    }

    /// As [`client_id`](Self::client_id), for a client that has a secret all the same, and with scopes.
    /// The address to come back to and the base URL are those of this sign-in.
    pub fn code_flow(mut self, flow: CodeFlowBuilder) -> Self {
        self.code_flow = Some(flow);
        self
    }

    /// Waits on this port of 127.0.0.1. 0, as in the beginning, is one that the system chooses.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Port::Only(port);
        self
    }

    /// Waits on the first port of 127.0.0.1 that is free; `8740..=8760` are those that the vendor's own
    /// programs take, without a path.
    pub fn first_free_port(mut self, ports: RangeInclusive<u16>) -> Self {
        self.port = Port::FirstFree(ports);
        self
    }

    /// Waits at this path, in the beginning at none; `/callback` on port 8976 is the vendor's other form. Letters, digits and
    /// `-._~` between slashes.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// How long the user has, from the making of the link.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Opens the link so. In the beginning the system's browser does, with the feature `browser`;
    /// without it nobody.
    pub fn opener(mut self, opener: impl Opener + 'static) -> Self {
        self.opener = Some(Arc::new(opener));
        self
    }

    /// Opens no browser: the user opens the link.
    pub fn no_browser(mut self) -> Self {
        self.opener = None;
        self
    }

    /// Shows the link so, instead of on stderr. No terminal is needed then.
    pub fn announce(mut self, announce: impl FnOnce(&str) + Send + 'static) -> Self {
        self.announce = Some(Box::new(announce));
        self
    }

    /// Leaves the terminal alone, for a program that reads it itself. Nothing can be pasted there then;
    /// [`PendingLogin::paste`] takes it.
    pub fn no_terminal(mut self) -> Self {
        self.reads_terminal = false;
        self
    }

    /// Binds the socket and makes the link. Shows nothing, opens nothing.
    ///
    /// # Errors
    ///
    /// Invalid input when a setting cannot be used; a sign-in error when the port is taken.
    pub async fn begin(self) -> Result<PendingLogin, Error> {
        let base_url = BaseUrl::parse(&self.base_url)?;
        if !is_plain_path(&self.path) {
            return Err(Error::invalid_input(
                "path",
                "it is a slash, then letters, digits and -._~ between slashes, like /callback",
            ));
        }
        if Handle::try_current().is_err() {
            return Err(Error::invalid_input(
                "runtime",
                "a sign-in runs on a tokio runtime, and this is none",
            ));
        }
        let (path, deadline) = (self.path, self.deadline);
        PendingLogin::begin(base_url, self.port, &path, deadline, self.code_flow).await
    }

    /// Signs in: shows the link, opens it, and waits for the browser, or for its address to be pasted
    /// when standard input is a terminal.
    ///
    /// Meanwhile that terminal shows nothing of what is typed, and Ctrl-C is a cancelled sign-in, not a
    /// signal. It is as before when this returns or is dropped; after a kill `stty sane` mends it.
    ///
    /// # Errors
    ///
    /// As [`begin`](Self::begin) and [`PendingLogin::wait`]; and, before anything is opened, when there
    /// is no terminal to show the link on: then `KALLYAI_ACCESS_TOKEN` has to bring a token.
    pub async fn run(mut self) -> Result<TokenSet, Error> {
        let (announce, opener) = (self.announce.take(), self.opener.take());
        let typing = io::stdin().is_terminal();
        if announce.is_none() && !(typing && io::stderr().is_terminal()) {
            return Err(Error::sign_in(
                "there is no terminal for a sign-in: nobody would see its link",
            )
            .with_remedy("set KALLYAI_ACCESS_TOKEN"));
        }
        let reads_terminal = self.reads_terminal && typing;
        let pending = self.begin().await?;
        // Without it there is still the browser.
        let terminal = reads_terminal.then(|| Terminal::open().ok()).flatten();
        match announce {
            Some(announce) => announce(pending.url()),
            None => show(pending.url(), terminal.is_some()),
        }
        if let Some(opener) = opener {
            open(opener, pending.url().to_owned());
        }
        wait(&pending, terminal).await
    }
}

impl fmt::Debug for CliLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL is not checked yet: it can hold a password.
        f.debug_struct("CliLogin")
            .field("port", &self.port)
            .field("path", &self.path)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// What somebody has typed.
enum Typed {
    Line(SecretText),
    // Where the terminal is left as it is, Ctrl-C is a signal.
    #[cfg_attr(not(unix), allow(dead_code))]
    Cancelled,
    /// Nothing more will come.
    Closed,
}

async fn wait(pending: &PendingLogin, mut terminal: Option<Terminal>) -> Result<TokenSet, Error> {
    let outcome = pending.wait();
    tokio::pin!(outcome);
    loop {
        tokio::select! {
            biased;
            outcome = &mut outcome => return outcome,
            typed = next(terminal.as_mut()) => match typed {
                Typed::Line(line) if line.expose().trim().is_empty() => {}
                Typed::Line(line) => {
                    if let Err(error) = pending.paste(line.expose()) {
                        say(&paste::plain(&error.to_string()));
                    }
                }
                Typed::Cancelled => return Err(Error::sign_in("the sign-in was cancelled")),
                Typed::Closed => terminal = None,
            },
        }
    }
}

async fn next(terminal: Option<&mut Terminal>) -> Typed {
    match terminal {
        Some(terminal) => terminal.next().await,
        None => std::future::pending().await,
    }
}

/// Opens the link on a thread of its own: a browser that runs in the foreground must not hold up the
/// socket that it comes back to, nor the end of the program.
fn open(opener: Arc<dyn Opener>, url: String) {
    let runtime = Handle::current();
    let started = std::thread::Builder::new()
        .name("kallyai-opener".to_owned())
        .spawn(move || {
            let _entered = runtime.enter();
            if opener.open(&url).is_err() {
                tracing::debug!("no browser was opened");
            }
        });
    if started.is_err() {
        tracing::debug!("no browser was opened");
    }
}

fn show(url: &str, can_paste: bool) {
    say(&format!(
        "Open this link to sign in:\n\n    {}\n",
        paste::plain(url)
    ));
    if can_paste {
        say(if cfg!(unix) {
            "If the browser cannot come back here, paste the address that it ends at (it is not \
                 shown), and press Enter. Ctrl-C cancels."
        } else {
            "If the browser cannot come back here, paste the address that it ends at, and press \
                 Enter. It stays on the screen: clear it afterwards."
        });
    }
}

/// On stderr; stdout belongs to the program. Where nobody listens, nothing is lost.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

// Without the feature there is none.
#[cfg_attr(feature = "browser", allow(clippy::unnecessary_wraps))]
fn default_opener() -> Option<Arc<dyn Opener>> {
    #[cfg(feature = "browser")]
    return Some(Arc::new(SystemBrowser));
    #[cfg(not(feature = "browser"))]
    None
}

/// Whether browsers and this library write a path with the same bytes.
fn is_plain_path(path: &str) -> bool {
    let Some(segments) = path.strip_prefix('/') else {
        return path.is_empty();
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    path.len() <= 256
        && path.chars().all(plain)
        && !path.contains("//")
        && segments
            .split('/')
            .all(|segment| !matches!(segment, "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for path in ["", "/", "/callback", "/a/b.c/~d/", "/..."] {
            assert!(is_plain_path(path), "{path}");
        }
        for path in [
            "callback", "/a b", "/a?b", "/a#b", "//", "/a//b", "/.", "/a/../b", "/%41", "/ä",
            "/a\n",
        ] {
            assert!(!is_plain_path(path), "{path}");
        }
    }
}
