//! What must be on the machine for a client.

use std::process::{Command, Stdio};

use crate::peer::Peer;

/// What a client lacks here, in words.
pub(crate) fn missing(peer: Peer) -> Option<&'static str> {
    let needs: &[(&[&str], &'static str)] = match peer {
        Peer::Library | Peer::ByHand => &[CC],
        Peer::OpenapiGenerator => &[CC, PYTHON, JAVA, OPENSSL],
        Peer::OpenapiPythonClient => &[PYTHON],
        Peer::OpenapiFetch => &[NODE, NPM],
    };
    needs
        .iter()
        .find(|(command, _)| !works(command))
        .map(|(_, what)| *what)
}

type Need = (&'static [&'static str], &'static str);

const CC: Need = (&["cc", "--version"], "install a C compiler");
const OPENSSL: Need = (
    &["pkg-config", "--exists", "openssl"],
    "install pkg-config and the headers of OpenSSL",
);
const PYTHON: Need = (
    &[
        "python3",
        "-c",
        "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))",
    ],
    "install Python 3.11 with venv",
);
const JAVA: Need = (&["java", "-version"], "install Java 11 or newer");
const NODE: Need = (
    &[
        "node",
        "-e",
        "process.exit(Number(parseInt(process.versions.node) < 20))",
    ],
    "install Node 20",
);
const NPM: Need = (&["npm", "--version"], "install npm");

fn works(command: &[&str]) -> bool {
    let Some((program, arguments)) = command.split_first() else {
        return false;
    };
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
