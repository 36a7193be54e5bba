//! Makes the clients, in a folder that is kept: what is there of the same versions and the same document is not
//! made again.

use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::arguments::{Arguments, repository};
use crate::building::{self, Builds};
use crate::peer::Peer;
use crate::{Failure, answers};

const PYTHON_PACKAGES: &[&str] = &[
    "openapi-python-client==0.29.1",
    // It tidies its output with it, and warns without it.
    "ruff==0.17.5",
    "httpx==0.28.1",
    "attrs==26.1.0",
    "openapi-generator-cli==7.26.0",
];
const NODE_PACKAGES: &[&str] = &["openapi-fetch@0.17.0"];

/// What is in the folder besides.
const DOCUMENT: &str = "kallyai.json";

/// Makes them, and says what the builds took; those that cannot be made are left out, with the reason.
pub(crate) fn prepare(
    folder: &Path,
    peers: &mut Vec<Peer>,
    left_out: &mut Vec<String>,
    arguments: &Arguments,
) -> Result<Builds, Failure> {
    let document = format!("{:#}", answers::document()?);
    let mut builds = Builds::load(folder)?;
    if arguments.skip_builds {
        return Ok(builds);
    }
    write_if_new(&folder.join(DOCUMENT), &document)?;
    peers.retain(|&peer| {
        let made = one(folder, peer, &document, arguments.rebuild, &mut builds);
        if let Err(error) = &made {
            left_out.push(format!("{} is left out: {error}", peer.name()));
        }
        made.is_ok()
    });
    Ok(builds)
}

fn one(
    folder: &Path,
    peer: Peer,
    document: &str,
    rebuild: bool,
    builds: &mut Builds,
) -> Result<(), Failure> {
    match peer {
        Peer::Library | Peer::ByHand => {}
        Peer::OpenapiGenerator => {
            python(folder)?;
            rust_client(folder, document)?;
        }
        Peer::OpenapiPythonClient => {
            python(folder)?;
            python_client(folder, document)?;
        }
        Peer::OpenapiFetch => node(folder)?,
    }
    match peer.program() {
        Some(program) => building::build(folder, program, rebuild, builds),
        None => Ok(()),
    }
}

fn python(folder: &Path) -> Result<(), Failure> {
    let venv = folder.join("venv");
    once(&venv, &PYTHON_PACKAGES.join(" "), || {
        let mut make = Command::new("python3");
        quietly(make.args(["-m", "venv"]).arg(&venv))?;
        let mut pip = Command::new(venv.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check"]);
        quietly(pip.args(PYTHON_PACKAGES))
    })
}

/// The client that openapi-generator makes in Rust.
fn rust_client(folder: &Path, document: &str) -> Result<(), Failure> {
    let client = folder.join("openapi-generator");
    once(&client, document, || {
        let mut generator = Command::new(folder.join("venv/bin/openapi-generator-cli"));
        generator
            .args(["generate", "-g", "rust", "-i"])
            .arg(folder.join(DOCUMENT))
            .arg("-o")
            .arg(&client)
            .arg("--additional-properties=packageName=kallyai_generated");
        quietly(&mut generator)?;
        // It names the module twice where a form has an enum, and that does not compile.
        for file in fs::read_dir(client.join("src/apis"))? {
            let file = file?.path();
            let source = fs::read_to_string(&file)?;
            if source.contains("models::models::") {
                fs::write(&file, source.replace("models::models::", "models::"))?;
            }
        }
        Ok(())
    })
}

fn python_client(folder: &Path, document: &str) -> Result<(), Failure> {
    let python = folder.join("python");
    once(&python, document, || {
        let mut generator = Command::new(folder.join("venv/bin/openapi-python-client"));
        // It looks for ruff there.
        let mut path = folder.join("venv/bin:").into_os_string();
        path.push(std::env::var_os("PATH").unwrap_or_default());
        generator
            .env("PATH", path)
            .args(["generate", "--meta", "none", "--overwrite", "--path"])
            .arg(folder.join(DOCUMENT))
            .arg("--output-path")
            .arg(python.join("kallyai_client"));
        quietly(&mut generator)
    })?;
    copy_program("peer.py", &python)
}

fn node(folder: &Path) -> Result<(), Failure> {
    let node = folder.join("node");
    once(&node, &NODE_PACKAGES.join(" "), || {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"])
            .args(["--loglevel", "error", "--prefix"])
            .arg(&node)
            .args(NODE_PACKAGES);
        quietly(&mut npm)
    })?;
    copy_program("peer.mjs", &node)
}

/// Where the programs are that use the clients.
pub(crate) fn programs() -> Result<std::path::PathBuf, Failure> {
    Ok(repository()?.join("benches/peers/programs"))
}

fn copy_program(name: &str, folder: &Path) -> Result<(), Failure> {
    let source = fs::read_to_string(programs()?.join(name))?;
    Ok(write_if_new(&folder.join(name), &source)?)
}

/// Makes a folder anew, unless it was made of the same.
fn once(
    folder: &Path,
    of: &str,
    make: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let made_of = folder.with_extension("made-of");
    if folder.exists() && fs::read_to_string(&made_of).is_ok_and(|made_of| made_of == of) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    make()?;
    Ok(fs::write(&made_of, of)?)
}

/// Keeps the time of a file that is as it should be: Cargo builds by it.
pub(crate) fn write_if_new(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text)
}

/// Runs it, and shows what it says only where it fails.
pub(crate) fn quietly(command: &mut Command) -> Result<(), Failure> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let name = command.get_program().to_string_lossy().into_owned();
    Err(format!("{name} ended with {}: {}", output.status, said.trim()).into())
}
