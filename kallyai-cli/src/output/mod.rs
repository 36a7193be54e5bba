//! Everything that the command prints.
//!
//! Answers arrive as the bytes that the service sent, and go to standard output; all else goes to standard
//! error. Programs get the bytes; people get tables. Functions below this module write to strings or to any
//! `Write`, and know no terminal.

mod cell;
mod chart;
mod clean;
mod decide;
mod error;
mod exit;
mod grid;
mod human;
#[cfg(feature = "jq")]
mod jq;
#[cfg(not(feature = "jq"))]
#[path = "without_jq.rs"]
mod jq;
mod json;
mod node;
mod object;
mod plain;
mod prompt;
mod reply;
mod spinner;
mod table;
mod transcript;
mod tree;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};

use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};

use cell::Look;
use node::Node;

pub(crate) use decide::{Format, Surroundings, Wishes};
pub(crate) use error::ErrorShown;
pub(crate) use exit::Exit;
pub(crate) use prompt::Agreed;
pub(crate) use spinner::Spinner;

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
    /// The fields of an entry that are shown, by their paths; none for all plain values, and for transcripts.
    pub(crate) columns: &'a [&'a str],
    pub(crate) picture: Picture,
}

/// What people see of an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Picture {
    /// A table, an object, or a transcript.
    #[default]
    Usual,
    /// Its numbers as bars.
    Bars,
    /// Goals below goals.
    Tree,
    /// What the assistant says, and what could be said next.
    Reply,
}

/// Why something was not printed.
#[derive(Debug)]
pub(crate) enum Unprinted {
    /// Standard output could not be written to.
    Write(io::Error),
    /// The expression of `--jq` failed on the answer.
    Jq(String),
}

impl Unprinted {
    /// Whether the reader has gone.
    pub(crate) fn is_unread(&self) -> bool {
        matches!(self, Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Unprinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(error) => write!(f, "the output could not be written: {error}"),
            Self::Jq(error) => write!(f, "--jq: {error}"),
        }
    }
}

impl From<io::Error> for Unprinted {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// How this process prints.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    around: Surroundings,
    look: Look,
    jq: Option<jq::Jq>,
}

impl Output {
    /// Decides once.
    ///
    /// # Errors
    ///
    /// An expression of `--jq` that is none: a mistake in usage.
    pub(crate) fn decide(wishes: &Wishes, around: Surroundings) -> Result<Self, ErrorShown> {
        let jq = wishes.jq.as_deref().map(jq::Jq::new).transpose();
        let jq = jq.map_err(|why| {
            ErrorShown::new("usage", format!("--jq: {why}"))
                .with_hint("quote the filter for the shell, like '.calls[].status'")
        })?;
        Ok(Self::new(
            Format::of(wishes, around.stdout_is_terminal),
            around,
            jq,
        ))
    }

    /// For what fails before the flags are understood: as they ask for it, as far as they can be told.
    pub(crate) fn early(arguments: &[OsString], around: Surroundings) -> Self {
        let flags = arguments.iter().take_while(|argument| *argument != "--");
        let is_there = |flag: &str| flags.clone().any(|argument| argument == flag);
        let wishes = Wishes {
            json: is_there("--json"),
            human: is_there("--human"),
            plain: is_there("--plain"),
            jq: None,
        };
        let format = Format::of(&wishes, around.stdout_is_terminal);
        Self::new(format, around, None)
    }

    /// As it is without flags.
    #[cfg(test)]
    pub(crate) fn usual(around: Surroundings) -> Self {
        Self::early(&[], around)
    }

    fn new(format: Format, around: Surroundings, jq: Option<jq::Jq>) -> Self {
        let width = around
            .stdout_is_terminal
            .then(|| around.width.unwrap_or(80));
        Self {
            format,
            around,
            look: Look { width, zone: None },
            jq,
        }
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Prints an answer: one document, or what people see of it.
    pub(crate) fn answer(&self, hints: &Hints<'_>, body: &[u8]) -> Result<(), Unprinted> {
        self.answer_to(io::stdout().lock(), hints, body)
    }

    /// Prints one of a stream's items, in a line.
    pub(crate) fn item(&self, hints: &Hints<'_>, body: &[u8]) -> Result<(), Unprinted> {
        self.item_to(io::stdout().lock(), hints, body)
    }

    /// Prints what is no JSON: a calendar file, CSV. Programs get its bytes.
    pub(crate) fn text(&self, body: &[u8]) -> Result<(), Unprinted> {
        self.text_to(io::stdout().lock(), body)
    }

    /// Prints what the command itself says. What in it could steer a terminal is written as an escape of JSON.
    pub(crate) fn lines(text: &str) -> Result<(), Unprinted> {
        let mut out = io::stdout().lock();
        writeln!(out, "{}", json::escaped(text.trim_end_matches('\n')))?;
        Ok(out.flush()?)
    }

    /// Whether somebody sits at this terminal.
    pub(crate) fn is_watched(&self) -> bool {
        self.around.stdout_is_terminal || self.around.stderr_is_terminal
    }

    /// Prints a failure.
    pub(crate) fn error(&self, error: &ErrorShown) {
        // Standard error that cannot be written to leaves nowhere to say so.
        let _ = self.error_to(io::stderr().lock(), error);
    }

    /// Prints a warning, on standard error.
    pub(crate) fn warning(&self, text: &str) {
        let _ = self.warning_to(io::stderr().lock(), text);
    }

    /// Says something beside the answers, on standard error.
    #[expect(clippy::unused_self, reason = "one of the ways to say something")]
    pub(crate) fn note(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{}", clean::lines(text));
    }

    /// Shows that a line can be typed, where somebody can type one.
    pub(crate) fn prompt(&self) {
        if self.is_typed_to() {
            let mut out = io::stderr().lock();
            let _ = write!(out, "> ").and_then(|()| out.flush());
        }
    }

    /// Whether standard input is somebody who sees what is asked.
    pub(crate) fn is_typed_to(&self) -> bool {
        self.around.stdin_is_terminal && self.around.stderr_is_terminal
    }

    /// Says why something was not printed, unless the reader has gone: it has seen what it wanted.
    pub(crate) fn unprinted(&self, why: &Unprinted) -> Exit {
        if why.is_unread() {
            return Exit::Done;
        }
        let hint = "only the printing failed: look what came of it before you do it again";
        self.error(&ErrorShown::new("output", why.to_string()).with_hint(hint));
        Exit::Failure
    }

    fn answer_to<W: Sink>(
        &self,
        mut out: W,
        hints: &Hints<'_>,
        body: &[u8],
    ) -> Result<(), Unprinted> {
        match (json::document(body), self.format) {
            (Some(document), _) if self.jq.is_some() => self.made(&mut out, document)?,
            (Some(document), Format::Json) if self.around.stdout_is_terminal => {
                writeln!(out, "{}", json::pretty(document))?;
            }
            (Some(_), Format::Json) => as_it_came(&mut out, body)?,
            (Some(document), Format::Plain) => match Node::read(document) {
                Some(answer) => out.write_all(plain::answer(hints, &answer).as_bytes())?,
                None => writeln!(out, "{}", self.in_a_line(document))?,
            },
            (Some(document), Format::Human) => match Node::read(document) {
                Some(answer) => {
                    self.people(&mut out, &human::answer(&self.look, hints, &answer))?;
                }
                None => writeln!(out, "{}", json::pretty(document))?,
            },
            (None, _) => self.no_document(&mut out, body)?,
        }
        Ok(out.flush()?)
    }

    fn item_to<W: Sink>(
        &self,
        mut out: W,
        hints: &Hints<'_>,
        body: &[u8],
    ) -> Result<(), Unprinted> {
        let document = json::document(body);
        match (document, document.and_then(Node::read), self.format) {
            (Some(document), ..) if self.jq.is_some() => self.made(&mut out, document)?,
            (Some(_), Some(item), Format::Plain) => {
                out.write_all(plain::row(hints.columns, &item).as_bytes())?;
            }
            (Some(_), Some(item), Format::Human) => {
                self.people(&mut out, &human::item(&self.look, hints, &item))?;
            }
            (Some(document), ..) => writeln!(out, "{}", self.in_a_line(document))?,
            (None, ..) => self.no_document(&mut out, body)?,
        }
        Ok(out.flush()?)
    }

    fn text_to<W: Sink>(&self, mut out: W, body: &[u8]) -> Result<(), Unprinted> {
        if self.around.stdout_is_terminal {
            let text = clean::lines(&String::from_utf8_lossy(body));
            writeln!(out, "{}", text.trim_end_matches('\n'))?;
        } else {
            out.write_all(body)?;
        }
        Ok(out.flush()?)
    }

    /// A document in a line: as it came, but for what could steer a terminal that it goes to.
    fn in_a_line(&self, document: &str) -> String {
        let line = json::compact(document);
        if self.around.stdout_is_terminal {
            json::escaped(&line)
        } else {
            line
        }
    }

    /// What an expression makes of a document.
    fn made(&self, out: &mut impl Write, document: &str) -> Result<(), Unprinted> {
        let is_terminal = self.around.stdout_is_terminal;
        for made in self.jq.iter().flat_map(|jq| jq.run(document)) {
            match made.map_err(Unprinted::Jq)? {
                jq::Made::Text(text) if is_terminal => writeln!(out, "{}", clean::lines(&text))?,
                jq::Made::Json(made) if is_terminal => writeln!(out, "{}", json::pretty(&made))?,
                jq::Made::Text(made) | jq::Made::Json(made) => writeln!(out, "{made}")?,
            }
        }
        Ok(())
    }

    /// What arrived where a document was to be.
    fn no_document(&self, out: &mut impl Write, body: &[u8]) -> io::Result<()> {
        let text = String::from_utf8_lossy(body);
        match self.format {
            _ if self.jq.is_some() && text.trim().is_empty() => Ok(()),
            Format::Json if text.trim().is_empty() => writeln!(out, "{{}}"),
            Format::Json if self.around.stdout_is_terminal => {
                writeln!(out, "{}", json::pretty(&json::text(&text)))
            }
            Format::Json => writeln!(out, "{}", json::text(&text)),
            Format::Plain => out.write_all(plain::text(&text).as_bytes()),
            Format::Human if text.trim().is_empty() => writeln!(out, "done"),
            Format::Human => writeln!(out, "{}", clean::lines(&text).trim_end()),
        }
    }

    fn people(&self, out: &mut impl Sink, text: &str) -> io::Result<()> {
        let color = self.color(self.around.stdout_is_terminal);
        AutoStream::new(out, color).write_all(text.as_bytes())
    }

    fn error_to<W: Sink>(&self, mut out: W, error: &ErrorShown) -> io::Result<()> {
        if self.format == Format::Json {
            return error.json(&mut out);
        }
        let color = self.color(self.around.stderr_is_terminal);
        error.lines(&mut AutoStream::new(out, color))
    }

    fn warning_to<W: Sink>(&self, out: W, text: &str) -> io::Result<()> {
        let color = self.color(self.around.stderr_is_terminal);
        error::warning(&mut AutoStream::new(out, color), text)
    }

    fn color(&self, is_terminal: bool) -> ColorChoice {
        if self.around.has_color(is_terminal) {
            ColorChoice::Always
        } else {
            ColorChoice::Never
        }
    }
}

/// The bytes as they came; a line that is a whole one.
fn as_it_came(out: &mut impl Write, body: &[u8]) -> io::Result<()> {
    out.write_all(body)?;
    if body.ends_with(b"\n") {
        return Ok(());
    }
    writeln!(out)
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
