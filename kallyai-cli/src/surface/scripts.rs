//! What is made of the whole surface: completions and the manual.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap_complete::Shell;
use clap_mangen::Man;

use super::grammar;

/// Writes the completions of a shell.
pub(crate) fn completions(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    // A closed pipe must be an error here, and clap_complete panics on one.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut grammar::whole(), "kallyai", &mut script);
    out.write_all(&script)
}

/// Writes the first page of the manual.
pub(crate) fn manual(out: &mut dyn Write) -> io::Result<()> {
    Man::new(grammar::whole()).render(out)
}

/// Writes a page of the manual for each command.
pub(crate) fn manual_pages(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    clap_mangen::generate_to(grammar::whole(), directory)
}
