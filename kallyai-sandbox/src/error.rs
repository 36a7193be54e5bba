//! What keeps a world from starting, or from being another one.

use std::io;

/// Why a sandbox did not start, or does not do what it is asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The port is taken, or the system gives none.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port that was asked for; 0 stands for any.
        port: u16,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The system gives no thread or no runtime.
    #[error("cannot run")]
    Run(#[source] io::Error),
    /// The program cannot say where it listens.
    #[error("cannot write to stdout")]
    Stdout(#[source] io::Error),
    /// The embedded spec is broken.
    #[error("the embedded spec is broken: {0}")]
    Spec(String),
    /// A state is none: where, and why.
    #[error("the state cannot be loaded: {0}")]
    State(String),
    /// A setting makes no sense.
    #[error("{0}")]
    Setting(&'static str),
}
