//! Completions of shells, and the manual.

use std::io::{self, Write};

use super::Failure;
use crate::output::{Exit, Unprinted};
use crate::surface::own::{Completions, Man};
use crate::surface::{completions, manual, manual_pages};

pub(crate) fn complete(wanted: &Completions) -> Result<Exit, Failure> {
    printed(|out| completions(wanted.shell, out))
}

pub(crate) fn man(wanted: &Man) -> Result<Exit, Failure> {
    let Some(directory) = &wanted.dir else {
        return printed(|mut out| manual(&mut out));
    };
    manual_pages(directory).map_err(|error| {
        let message = format!("the pages cannot be written: {error}");
        Failure::other("output", message, "name a directory that you may write to")
    })?;
    Ok(Exit::Done)
}

fn printed(print: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let written = print(&mut out).and_then(|()| out.flush());
    written.map_err(Unprinted::Write)?;
    Ok(Exit::Done)
}
