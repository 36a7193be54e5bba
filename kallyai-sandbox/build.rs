//! Writes the merged OpenAPI document and the index of operations where the crate embeds them, so
//! that nothing of the bundler is needed at run time.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use kallyai_openapi::Spec;
use serde_json::Value;

/// What is there for people and takes time to parse.
const PROSE: &[&str] = &["description", "summary", "links", "tags", "x-effects"];

/// Below these stand values, in which every name means something.
const VALUES: &[&str] = &["default", "enum", "example", "examples", "x-error-codes"];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let spec = Spec::load().map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let mut document = spec.document().clone();
    drop_prose(&mut document);
    fs::write(out.join("document.json"), serde_json::to_vec(&document)?)?;
    fs::write(
        out.join("operations.json"),
        serde_json::to_vec(&spec.operations())?,
    )?;
    // The spec is compiled into the bundler: cargo builds this script again when it changes.
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}

/// Every process that starts a world parses the document: without prose it takes half the time.
fn drop_prose(value: &mut Value) {
    match value {
        Value::Object(object) => {
            // A property may have the name of a keyword; its schema is an object with a type.
            object.retain(|name, value| {
                !PROSE.contains(&name.as_str())
                    || value.get("type").is_some()
                    || value.get("$ref").is_some()
            });
            for (name, value) in object {
                if !VALUES.contains(&name.as_str()) {
                    drop_prose(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(drop_prose),
        _ => {}
    }
}
