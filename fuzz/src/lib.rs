//! The bodies of the fuzz targets: one a file, each a function of bytes that panics where something is wrong.

#[path = "../../kallyai-cli/src/surface/mod.rs"]
#[allow(dead_code, unused_imports)]
mod surface;
#[path = "../../kallyai-sdk-derive/src/template.rs"]
mod template;

pub mod answers;
pub mod callback;
pub mod command_line;
mod digits;
pub mod e164;
pub mod error_body;
pub mod events;
pub mod mcp;
pub mod numbers;
mod runtime;
pub mod sandbox;
pub mod templates;
pub mod token_file;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("answers", answers::run),
    ("callback", callback::run),
    ("command_line", command_line::run),
    ("e164", e164::run),
    ("error_body", error_body::run),
    ("events", events::run),
    ("mcp", mcp::run),
    ("numbers", numbers::run),
    ("sandbox", sandbox::run),
    ("templates", templates::run),
    ("token_file", token_file::run),
];

/// Runs a target; panics where there is none of that name.
pub fn run(name: &str, input: &[u8]) {
    match TARGETS.iter().find(|(other, _)| *other == name) {
        Some((_, run)) => run(input),
        None => panic!("there is no target {name}"),
    }
}
