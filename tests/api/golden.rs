//! The public interface of the library, all features on, held against `golden.txt`: a change of it is seen, and meant.
//!
//! `cargo run -p kallyai-tests --example public_api` compares; `-- --write` writes the file anew. It reads rustdoc's JSON,
//! whose format changes with the compiler: with another one than the crate `public-api` knows nothing is compared,
//! and it says so.

// It talks to its reader on the terminal.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What `public-api` reads.
const FORMAT: u64 = 57;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("api");
    let golden = here.join("golden.txt");
    let json = rustdoc(&here)?;
    let format = serde_json::from_slice::<serde_json::Value>(&std::fs::read(&json)?)?;
    let format = format["format_version"].as_u64();
    if format != Some(FORMAT) {
        println!(
            "NOT COMPARED: this rustdoc writes format {format:?}, and {FORMAT} is what is read"
        );
        return Ok(ExitCode::SUCCESS);
    }
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()?
        .to_string();
    if std::env::args().any(|argument| argument == "--write") {
        std::fs::write(golden, api)?;
        return Ok(ExitCode::SUCCESS);
    }
    let before = std::fs::read_to_string(golden)?;
    let changes = changes(&before, &api);
    if changes.is_empty() {
        println!("{} public items, as before", api.lines().count());
        return Ok(ExitCode::SUCCESS);
    }
    println!("the public interface has changed; if that is meant, write it anew with -- --write:");
    for change in changes {
        println!("{change}");
    }
    Ok(ExitCode::FAILURE)
}

/// Documents the library as JSON; where that is.
fn rustdoc(here: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let target = std::env::current_exe()?;
    let target = target
        .ancestors()
        .nth(3)
        .ok_or("cargo puts examples deeper")?;
    let status = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args([
            "rustdoc",
            "--locked",
            "-q",
            "-p",
            "kallyai-sdk",
            "--lib",
            "--all-features",
        ])
        .args(["--target-dir".as_ref(), target.as_os_str()])
        .args(["--", "-Z", "unstable-options", "--output-format", "json"])
        .env("RUSTDOC", here.join("rustdoc-json.sh"))
        .env_remove("RUSTDOCFLAGS")
        .current_dir(here)
        .status()?;
    if !status.success() {
        return Err("rustdoc failed".into());
    }
    Ok(target.join("doc/kallyai_sdk.json"))
}

/// Lines that went and lines that came.
fn changes(before: &str, after: &str) -> Vec<String> {
    let missing = |from: &str, other: &str, mark: &str| -> Vec<String> {
        let other: std::collections::BTreeSet<&str> = other.lines().collect();
        let lines = from.lines().filter(|line| !other.contains(line));
        lines.map(|line| format!("{mark} {line}")).collect()
    };
    let mut changes = missing(before, after, "-");
    changes.extend(missing(after, before, "+"));
    changes
}
