//! Writes the table of commands, from the commands' own file and the API's document.

#[path = "build/commands.rs"]
mod commands;
#[path = "build/document.rs"]
mod document;
#[path = "build/write.rs"]
mod write;
#[path = "build/yaml.rs"]
mod yaml;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use kallyai_openapi::Spec;

fn main() -> Result<(), Box<dyn Error>> {
    // The document is compiled into kallyai-openapi: cargo runs this again when that crate changes.
    for file in ["build.rs", "build", "commands.yaml"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let spec = Spec::load().map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let file = yaml::read(&fs::read_to_string("commands.yaml")?)?;
    let operations = document::operations(&spec);
    let table = commands::table(&file, &operations)
        .map_err(|mistakes| format!("commands.yaml:\n{}", mistakes.join("\n")))?;
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("commands.rs"), write::source(&table))?;
    Ok(())
}
