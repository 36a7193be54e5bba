//! How an error prints: one line, nothing private.

use std::fmt;

use super::{Error, ErrorCode, ErrorKind, WasSent};

/// The longest word of the service that is printed.
const LONGEST: usize = 64;

/// A code or id of the service, if it looks like one: it is printed, so it must not be a number, a
/// text or a control sequence in disguise.
fn word(text: &str) -> Option<&str> {
    let plain = text.len() <= LONGEST
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let is_number = text.len() >= 7 && text.bytes().all(|byte| !byte.is_ascii_alphabetic());
    (plain && !is_number).then_some(text)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.operation {
            Some(operation) if operation.known_id().is_some() => write!(
                f,
                "{} ({} {}): ",
                operation.id, operation.method, operation.path
            )?,
            // The path itself can hold anything.
            Some(operation) => write!(f, "raw {} request: ", operation.method)?,
            None => {}
        }
        match (self.problems(), self.code().and_then(ErrorCode::meaning)) {
            ([problem], _) => write!(f, "{}: {}", problem.field(), self.0.what)?,
            ([], Some(meaning)) => f.write_str(meaning)?,
            _ => f.write_str(&self.0.what)?,
        }
        match (
            self.status(),
            self.code().and_then(|code| word(code.as_str())),
        ) {
            (Some(status), Some(code)) => write!(f, " ({} {code})", status.as_u16())?,
            (Some(status), None) => write!(f, " (HTTP {})", status.as_u16())?,
            // Of several problems, it is the code of one.
            (None, Some(code)) if self.problems().len() < 2 => write!(f, " ({code})")?,
            (None, _) => {}
        }
        let network = matches!(self.kind(), ErrorKind::Transport | ErrorKind::Timeout)
            && !(self.is_of_refresh() && self.was_sent() == WasSent::Yes);
        if network {
            f.write_str(match self.was_sent() {
                WasSent::No => "; nothing was sent",
                WasSent::Maybe => "; it may have been sent",
                WasSent::Yes => "; the service had begun to answer",
            })?;
        }
        if self.attempts() > 1 {
            write!(f, "; tried {} times", self.attempts())?;
        }
        if let Some(id) = self.correlation_id().and_then(word) {
            write!(f, "; correlation id {id}")?;
        }
        if let Some(remedy) = self.remedy() {
            write!(f, "; {remedy}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("what", &self.0.what)
            .field("operation", &self.operation().map(|operation| operation.id))
            .field("problems", &self.problems())
            .field("was_sent", &self.was_sent())
            .field("attempts", &self.attempts())
            .field("status", &self.status().map(|status| status.as_u16()))
            .field("code", &self.code().and_then(|code| word(code.as_str())))
            .field("message", &self.0.masked_message())
            .field("correlation_id", &self.correlation_id().and_then(word))
            .field("retry_after", &self.retry_after())
            .field("body_bytes", &self.body().map(str::len))
            .field("source", &self.0.source.as_ref().map(ToString::to_string))
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}
