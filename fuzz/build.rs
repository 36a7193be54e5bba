//! Writes the table of commands where the command's own files look for it.

#[path = "../kallyai-cli/build/commands.rs"]
mod commands;
#[path = "../kallyai-cli/build/document.rs"]
mod document;
#[path = "../kallyai-cli/build/write.rs"]
mod write;
#[path = "../kallyai-cli/build/yaml.rs"]
mod yaml;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use kallyai_openapi::Spec;

const COMMANDS: &str = "../kallyai-cli/commands.yaml";

fn main() -> Result<(), Box<dyn Error>> {
    for file in ["build.rs", "../kallyai-cli/build", COMMANDS] {
        println!("cargo::rerun-if-changed={file}");
    }
    let spec = Spec::load().map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let file = yaml::read(&fs::read_to_string(COMMANDS)?)?;
    let operations = document::operations(&spec);
    let table = commands::table(&file, &operations).map_err(|mistakes| mistakes.join("\n"))?;
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("commands.rs"), write::source(&table))?;
    Ok(())
}
