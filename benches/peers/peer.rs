//! The clients that are compared.

use std::path::Path;
use std::process::Command;

use clap::ValueEnum;

/// A client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Peer {
    Library,
    ByHand,
    OpenapiGenerator,
    OpenapiPythonClient,
    OpenapiFetch,
}

impl Peer {
    pub(crate) const ALL: [Self; 5] = [
        Self::Library,
        Self::ByHand,
        Self::OpenapiGenerator,
        Self::OpenapiPythonClient,
        Self::OpenapiFetch,
    ];

    /// As the table calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Library => "this library",
            Self::ByHand => "reqwest by hand",
            Self::OpenapiGenerator => "openapi-generator, Rust",
            Self::OpenapiPythonClient => "openapi-python-client",
            Self::OpenapiFetch => "openapi-fetch, Node",
        }
    }

    /// The program in Rust, where it is one.
    pub(crate) fn program(self) -> Option<&'static str> {
        match self {
            Self::Library => Some("library"),
            Self::ByHand => Some("by_hand"),
            Self::OpenapiGenerator => Some("generated"),
            Self::OpenapiPythonClient | Self::OpenapiFetch => None,
        }
    }

    /// What runs it.
    pub(crate) fn command(self, folder: &Path) -> Command {
        match self {
            Self::OpenapiPythonClient => {
                let mut python = Command::new(folder.join("venv/bin/python"));
                python.arg(folder.join("python/peer.py"));
                python
            }
            Self::OpenapiFetch => {
                let mut node = Command::new("node");
                node.arg(folder.join("node/peer.mjs"));
                node
            }
            Self::Library => Command::new(binary(folder, "library")),
            Self::ByHand => Command::new(binary(folder, "by_hand")),
            Self::OpenapiGenerator => Command::new(binary(folder, "generated")),
        }
    }
}

/// Where the binary of a program in Rust is.
pub(crate) fn binary(folder: &Path, program: &str) -> std::path::PathBuf {
    folder
        .join("rust")
        .join(program)
        .join("target/release")
        .join(program)
}
