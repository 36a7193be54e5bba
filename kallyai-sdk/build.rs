//! Turns the spec into the client: progenitor's code, the library's request builders over it, and
//! the tables that other parts read.

#[path = "build/checks.rs"]
mod checks;
#[path = "build/constructors.rs"]
mod constructors;
#[path = "build/docs.rs"]
mod docs;
#[path = "build/dynamic.rs"]
mod dynamic;
#[path = "build/example.rs"]
mod example;
#[path = "build/face.rs"]
mod face;
#[path = "build/fuzzing.rs"]
mod fuzzing;
#[path = "build/pages.rs"]
mod pages;
#[path = "build/requests.rs"]
mod requests;
#[path = "build/settings.rs"]
mod settings;
#[path = "build/tables.rs"]
mod tables;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use kallyai_openapi::Spec;
use proc_macro2::TokenStream;
use progenitor::Generator;

fn main() -> Result<(), Box<dyn Error>> {
    // The spec is compiled into kallyai-openapi: cargo runs this again when that crate changes.
    for file in ["build.rs", "build"] {
        println!("cargo::rerun-if-changed={file}");
    }
    let spec = Spec::load().map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    let copy = spec.decoding_copy();
    let operations = spec.operations();

    let document: openapiv3::OpenAPI = serde_json::from_value(copy.document.clone())?;
    let settings = settings::settings(&copy);
    let tokens = Generator::new(&settings).generate_tokens(&document)?;
    let mut client: syn::File = syn::parse2(tokens)?;
    requests::keep_writing(&mut client)?;
    constructors::add(&mut client, &spec, &copy)?;

    let out = env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    let write = |name: &str, tokens: TokenStream| -> Result<(), Box<dyn Error>> {
        let file: syn::File = syn::parse2(tokens)?;
        fs::write(Path::new(&out).join(name), prettyplease::unparse(&file))?;
        Ok(())
    };
    write(
        "operations.rs",
        face::operations(&client, &spec, &operations)?,
    )?;
    write("handles.rs", face::handles(&spec, &operations))?;
    write("pages.rs", pages::paged(&spec, &client, &operations)?)?;
    write("tables.rs", tables::operations(&operations))?;
    write("enums.rs", tables::enums(&copy))?;
    write("error_codes.rs", tables::error_codes(&spec))?;
    if env::var_os("CARGO_FEATURE_DYNAMIC").is_some() {
        write("requests.rs", dynamic::requests(&client, &operations)?)?;
    }
    // Set by what builds the fuzz targets, and by nobody else.
    if env::var_os("CARGO_CFG_FUZZING").is_some() {
        write("answers.rs", fuzzing::answers(&operations))?;
    }
    if env::var_os("CARGO_FEATURE_TOOLS").is_some() {
        fs::write(
            Path::new(&out).join("tools.json"),
            serde_json::to_vec(&spec.tools())?,
        )?;
    }
    fs::write(
        Path::new(&out).join("client.rs"),
        prettyplease::unparse(&client),
    )?;
    Ok(())
}
