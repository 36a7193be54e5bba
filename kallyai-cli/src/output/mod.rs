//! Everything that the command prints.
//!
//! Answers arrive as the bytes that the service sent, and go to standard output; all else goes to standard
//! error. Programs get the bytes; people get tables. Functions below this module write to strings or to any
//! `Write`, and know no terminal.

mod cell;
mod clean;
mod decide;
mod error;
mod exit;
mod human;
mod json;
mod node;
mod object;
mod table;

use std::io::{self, Write};

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};

use cell::Look;
use node::Node;

pub(crate) use decide::{Format, Surroundings, Wishes};
pub(crate) use error::ErrorShown;
pub(crate) use exit::Exit;

/// Where something can be printed with or without colours.
pub(crate) trait Sink: RawStream + AsLockedWrite {}

impl<T: RawStream + AsLockedWrite> Sink for T {}

/// What is known about an answer of a command.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hints<'a> {
    /// What the entries are, in the plural: `calls`.
    pub(crate) noun: Option<&'a str>,
    /// The field with the entries, where the answer is a list.
    pub(crate) items: Option<&'a str>,
    /// The fields of an entry that are shown, by their paths.
    pub(crate) columns: &'a [&'a str],
}

/// How this process prints.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    around: Surroundings,
    look: Look,
}

impl Output {
    /// Decides once.
    ///
    /// # Errors
    ///
    /// An expression of `--jq` that is none.
    pub(crate) fn decide(wishes: &Wishes, around: Surroundings) -> Result<Self, ErrorShown> {
        Ok(Self {
            format: Format::of(wishes, around.stdout_is_terminal),
            around,
            look: Look {
                width: around
                    .stdout_is_terminal
                    .then(|| around.width.unwrap_or(80)),
                zone: None,
            },
        })
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Prints an answer: one document.
    pub(crate) fn answer(&self, hints: &Hints<'_>, body: &[u8]) -> io::Result<()> {
        self.answer_to(io::stdout().lock(), hints, body)
    }

    /// Prints a failure.
    ///
    /// Standard error that cannot be written to leaves nowhere to say so.
    pub(crate) fn error(&self, error: &ErrorShown) {
        let _ = self.error_to(io::stderr().lock(), error);
    }

    fn answer_to<W: Sink>(&self, mut out: W, hints: &Hints<'_>, body: &[u8]) -> io::Result<()> {
        let document = json::document(body);
        match (self.format, document) {
            (Format::Json, document) => self.json(&mut out, body, document)?,
            (_, Some(document)) => match Node::read(document) {
                Some(answer) => {
                    let color = self.color(self.around.stdout_is_terminal);
                    let text = human::answer(&self.look, hints, &answer);
                    AutoStream::new(&mut out, color).write_all(text.as_bytes())?;
                }
                None => writeln!(out, "{}", json::pretty(document))?,
            },
            (_, None) => writeln!(out, "{}", clean::lines(&String::from_utf8_lossy(body)))?,
        }
        out.flush()
    }

    fn json(&self, out: &mut impl Write, body: &[u8], document: Option<&str>) -> io::Result<()> {
        match document {
            Some(document) if self.around.stdout_is_terminal => {
                writeln!(out, "{}", json::pretty(document))
            }
            Some(_) => {
                out.write_all(body)?;
                if body.ends_with(b"\n") {
                    Ok(())
                } else {
                    writeln!(out)
                }
            }
            None if body.trim_ascii().is_empty() => writeln!(out, "{{}}"),
            None => writeln!(out, "{}", json::text(&String::from_utf8_lossy(body))),
        }
    }

    fn error_to<W: Sink>(&self, mut out: W, error: &ErrorShown) -> io::Result<()> {
        if self.format == Format::Json {
            return error.json(&mut out);
        }
        let color = self.color(self.around.stderr_is_terminal);
        error.lines(&mut AutoStream::new(out, color))
    }

    fn color(&self, is_terminal: bool) -> ColorChoice {
        if self.around.has_color(is_terminal) {
            ColorChoice::Always
        } else {
            ColorChoice::Never
        }
    }
}

#[cfg(test)]
mod tests;
