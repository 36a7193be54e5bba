//! Who opens the link.

use std::io;

/// Opens a link in the user's browser.
///
/// A closure does:
///
/// ```
/// use kallyai_sdk::auth::CliLogin;
///
/// let login = CliLogin::new().opener(|url: &str| {
///     std::process::Command::new("my-browser").arg(url).spawn().map(drop)
/// });
/// ```
pub trait Opener: Send + Sync {
    /// Opens the link. It may block: it is called on a thread of its own.
    ///
    /// # Errors
    ///
    /// When there is no browser. The sign-in goes on then: the link has been announced.
    fn open(&self, url: &str) -> io::Result<()>;
}

impl<F> Opener for F
where
    F: Fn(&str) -> io::Result<()> + Send + Sync,
{
    fn open(&self, url: &str) -> io::Result<()> {
        self(url)
    }
}

/// The browser that the system opens links with.
#[cfg(feature = "browser")]
#[cfg_attr(docsrs, doc(cfg(feature = "browser")))]
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemBrowser;

#[cfg(feature = "browser")]
impl Opener for SystemBrowser {
    fn open(&self, url: &str) -> io::Result<()> {
        // What the browser prints would stand among the program's own words; it is suppressed.
        webbrowser::open(url)
    }
}
