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

impl Error {
    /// The code, if it looks like one. Unlike an id, which can be a UUID, no code has the digits of a phone number in
    /// it.
    pub(crate) fn shown_code(&self) -> Option<&str> {
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        let code = self.code().map(ErrorCode::as_str).and_then(word);
        code.filter(|code| digits(code) < 7)
    }

    /// The id, if it looks like one.
    pub(crate) fn shown_correlation_id(&self) -> Option<&str> {
        self.correlation_id().and_then(word)
    }
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
        match (self.status(), self.shown_code()) {
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
        if let Some(id) = self.shown_correlation_id() {
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
            .field("code", &self.shown_code())
            .field("message", &self.0.masked_message())
            .field("correlation_id", &self.shown_correlation_id())
            .field("retry_after", &self.retry_after())
            .field("remedy", &self.remedy())
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

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    #[test]
    fn a_code_with_a_phone_number_in_it_is_not_shown() {
        for (sent, shown) in [
            ("rate_limited", true),
            ("error_1042", true),
            ("12025550147", false),
            ("toll_12025550147", false),
            ("rat2025550147e_limited", false),
            ("toll-1-202-555-0147", false),
        ] {
            let body = format!("{{\"error\": {{\"code\": \"{sent}\"}}}}");
            let error = Error::answered(StatusCode::CONFLICT, &HeaderMap::new(), body.as_bytes());
            let text = format!("{error} {error:?}");
            assert_eq!(text.contains(sent), shown, "{text}");
            assert_eq!(error.code().map(ErrorCode::as_str), Some(sent));
        }
    }
}
