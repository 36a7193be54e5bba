//! The programs in Rust, each in a workspace and a target directory of its own, by Cargo's own settings: as those get
//! it who depend on a crate. The workspace that this is in has another release profile.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use kallyai_bench::process::children_time;
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::arguments::repository;
use crate::peer::binary;
use crate::preparing::{programs, quietly, write_if_new};

/// What a cold build took.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Build {
    pub(crate) wall_seconds: f64,
    pub(crate) cpu_seconds: f64,
}

/// By the name of the program; kept in a file, because they are not measured each time.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Builds(BTreeMap<String, Build>);

impl Builds {
    pub(crate) fn load(folder: &Path) -> Result<Self, Failure> {
        match fs::read_to_string(folder.join(BUILDS)) {
            Ok(text) => Ok(serde_json::from_str(&text)?),
            Err(_) => Ok(Self::default()),
        }
    }

    pub(crate) fn get(&self, program: &str) -> Option<&Build> {
        self.0.get(program)
    }
}

const BUILDS: &str = "builds.json";

/// What all programs need, for the harness.
const MANIFEST: &str = r#"[package]
name = "NAME"
version = "0.0.0"
edition = "2024"

[workspace]

[[bin]]
name = "NAME"
path = "PROGRAMS/NAME.rs"

[dependencies]
cpu-time = "1"
stats_alloc = "0.1"
tokio = { version = "1", features = ["rt"] }
"#;

fn dependencies(program: &str, folder: &Path) -> Result<String, Failure> {
    Ok(match program {
        "library" => format!(
            "kallyai-sdk = {{ path = \"{}\" }}\n",
            repository()?.join("kallyai-sdk").display()
        ),
        // The library's TLS.
        "by_hand" => r#"reqwest = { version = "0.13", default-features = false, features = ["form", "json", "rustls-no-provider"] }
rustls = { version = "0.23", default-features = false, features = ["ring", "std", "tls12"] }
serde = { version = "1", features = ["derive"] }
uuid = { version = "1", features = ["v4"] }
"#
        .to_owned(),
        _ => format!(
            r#"kallyai_generated = {{ path = "{}" }}
reqwest = {{ version = "0.13", default-features = false }}
uuid = {{ version = "1", features = ["v4"] }}
"#,
            folder.join("openapi-generator").display()
        ),
    })
}

/// Builds it; cold, and measured, where that was not done before.
pub(crate) fn build(
    folder: &Path,
    program: &str,
    rebuild: bool,
    builds: &mut Builds,
) -> Result<(), Failure> {
    let workspace = folder.join("rust").join(program);
    fs::create_dir_all(&workspace)?;
    let manifest = MANIFEST
        .replace("NAME", program)
        .replace("PROGRAMS", &programs()?.to_string_lossy())
        + &dependencies(program, folder)?;
    write_if_new(&workspace.join("Cargo.toml"), &manifest)?;
    locked(&workspace)?;

    let known = builds.get(program).is_some() && binary(folder, program).exists();
    if known && !rebuild {
        return quietly(&mut cargo("build", &workspace));
    }
    if workspace.join("target").exists() {
        fs::remove_dir_all(workspace.join("target"))?;
    }
    writeln!(std::io::stderr(), "cold build of {program}")?;
    // What is fetched is no part of it.
    quietly(&mut cargo("fetch", &workspace))?;
    let (cpu, wall) = (children_time()?, Instant::now());
    quietly(&mut cargo("build", &workspace))?;
    let build = Build {
        wall_seconds: wall.elapsed().as_secs_f64(),
        cpu_seconds: children_time()?.saturating_sub(cpu).as_secs_f64(),
    };
    builds.0.insert(program.to_owned(), build);
    Ok(fs::write(
        folder.join(BUILDS),
        serde_json::to_string_pretty(builds)?,
    )?)
}

/// The versions of this repository; Cargo adds what it does not know.
fn locked(workspace: &Path) -> Result<(), Failure> {
    let ours = fs::read_to_string(repository()?.join("Cargo.lock"))?;
    let made_of = workspace.join("Cargo.lock.made-of");
    if fs::read_to_string(&made_of).is_ok_and(|made_of| made_of == ours) {
        return Ok(());
    }
    fs::write(workspace.join("Cargo.lock"), &ours)?;
    Ok(fs::write(&made_of, &ours)?)
}

/// Cargo without what the caller's environment makes of it, and without what `cargo run` says of this package: build
/// scripts that look at it (ring's) would run again, and all that depends on them.
fn cargo(what: &str, workspace: &Path) -> Command {
    const CHANGE_THE_BUILD: [&str; 5] = [
        "CARGO_PROFILE_",
        "CARGO_BUILD_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_INCREMENTAL",
    ];
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let changes_the_build = CHANGE_THE_BUILD.iter().any(|those| text.starts_with(those))
            || text.contains("RUSTFLAGS")
            || matches!(text.as_ref(), "LD_LIBRARY_PATH" | "RUSTC_WRAPPER");
        if changes_the_build {
            command.env_remove(&name);
        }
    }
    command
        .env("CARGO_TARGET_DIR", workspace.join("target"))
        .current_dir(workspace)
        .args([what, "--quiet"]);
    if what == "build" {
        command.arg("--release");
    }
    command
}
