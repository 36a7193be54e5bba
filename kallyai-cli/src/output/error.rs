//! How failures print.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use kallyai_sdk::{Error, ErrorCode, ErrorKind, WasSent};
use serde::Serialize;

use super::{clean, json};

const BAD: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// A failure as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ErrorShown {
    /// One word for it: the service's code, or our own.
    pub(crate) code: String,
    /// What happened.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) hint: Option<String>,
    pub(crate) correlation_id: Option<String>,
}

impl ErrorShown {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            hint: None,
            correlation_id: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Two lines for people.
    pub(super) fn lines(&self, out: &mut impl Write) -> io::Result<()> {
        let message = clean::line(&self.message);
        let id = self.correlation_id.as_deref().map(clean::line);
        let id = id
            .map(|id| format!("; correlation id {id}"))
            .unwrap_or_default();
        writeln!(out, "{BAD}error:{BAD:#} {message}{id}")?;
        if let Some(hint) = &self.hint {
            writeln!(out, "{HINT}hint:{HINT:#} {}", clean::line(hint))?;
        }
        out.flush()
    }

    /// One line for programs.
    pub(super) fn json(&self, out: &mut impl Write) -> io::Result<()> {
        let error = json::escaped(&serde_json::to_string(self)?);
        writeln!(out, "{{\"error\":{error}}}")?;
        out.flush()
    }
}

/// What is no failure, and still to be known.
pub(super) fn warning(out: &mut impl Write, text: &str) -> io::Result<()> {
    writeln!(out, "{WARNING}warning:{WARNING:#} {}", clean::line(text))?;
    out.flush()
}

/// What the library says, which is free of secrets, and not more.
impl From<&Error> for ErrorShown {
    fn from(error: &Error) -> Self {
        let whole = error.to_string();
        let remedy = error.remedy();
        let without = |text: &str, end: Option<&str>| {
            let end = end.map(|end| format!("; {end}")).unwrap_or_default();
            text.strip_suffix(&end).unwrap_or(text).to_owned()
        };
        let message = without(&whole, remedy.as_deref());
        // An id of the service's that is not in the line is none that may be printed.
        let id = error
            .correlation_id()
            .filter(|id| message.ends_with(&format!("; correlation id {id}")));
        let in_line = id.map(|id| format!("correlation id {id}"));
        Self {
            code: code(error),
            message: without(&message, in_line.as_deref()),
            hint: hint(error)
                .map(str::to_owned)
                .or(remedy)
                .or_else(|| Some(otherwise(error).to_owned())),
            correlation_id: id.map(str::to_owned),
        }
    }
}

/// The service's code if it is one of those that are published, or the kind.
fn code(error: &Error) -> String {
    let published = error.code().filter(|code| code.status().is_some());
    if let Some(code) = published {
        return code.as_str().to_owned();
    }
    let kind = match error.kind() {
        ErrorKind::InvalidInput => "invalid_input",
        ErrorKind::SignIn if error.is_not_logged_in() => "not_signed_in",
        ErrorKind::SignIn => "sign_in",
        ErrorKind::TokenStore => "token_store",
        ErrorKind::Api => "refused",
        ErrorKind::RateLimit => "rate_limited",
        ErrorKind::Transport => "network",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Decode => "unreadable_answer",
        ErrorKind::PlaceLog => "call_log",
        ErrorKind::Lost => "call_lost",
        _ => "failure",
    };
    kind.to_owned()
}

/// Where the library knows no more to do.
fn otherwise(error: &Error) -> &'static str {
    let of_code = error.code().and_then(|code| match code {
        ErrorCode::BlockedNumber | ErrorCode::SuppressionViolation => Some("call another number"),
        ErrorCode::CountryRestriction | ErrorCode::UnsupportedCountry => {
            Some("call a number of another country: `kallyai phone countries` lists them")
        }
        ErrorCode::UnsupportedLanguage => Some("give --language en or --language es"),
        ErrorCode::ConsentDenied => Some("do not call again unless the user agrees"),
        _ => None,
    });
    let status = error.status().map_or(0, |status| status.as_u16());
    of_code.unwrap_or(match (error.kind(), status) {
        (ErrorKind::InvalidInput, _) => "`kallyai config show` tells where each setting comes from",
        (ErrorKind::Timeout, _) => "try again, or give it longer with --timeout SECONDS",
        (ErrorKind::Transport, _) => "check the network and the base URL, then try again",
        (ErrorKind::Decode, _) | (_, 300..=399) => {
            "see with `kallyai config show` whether the base URL is the service's"
        }
        (_, 404) => "see whether the id is right, and one of yours",
        (_, 409) => "look at its state, then try again",
        (_, 500..) => "try again later",
        _ => "see `kallyai --help`",
    })
}

/// Where the command does otherwise than a program with the library.
fn hint(error: &Error) -> Option<&'static str> {
    if error.is_not_logged_in() {
        return Some("sign in with `kallyai login`, or set KALLYAI_ACCESS_TOKEN");
    }
    if error.is_sign_in() {
        return Some("sign in again with `kallyai login`");
    }
    if error.is_lost() && error.was_sent() == WasSent::Yes {
        return Some("see what became of it with `kallyai calls history`");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::testing::{answered, unreachable};
    use super::*;

    fn shown(print: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn plain(error: &ErrorShown) -> String {
        let text = shown(|out| error.lines(out));
        anstream::adapter::strip_str(&text).to_string()
    }

    #[tokio::test]
    async fn what_the_library_says_in_parts() {
        let body = r#"{"error":{"code":"quota_exceeded","message":"+1 202 555 0143",
            "correlation_id":"c-1","details":{"upgrade_url":"https://kallyai.com/up"}}}"#;
        let error = ErrorShown::from(&answered(402, body).await);
        assert_eq!(
            shown(|out| error.json(out)),
            "{\"error\":{\"code\":\"quota_exceeded\",\
             \"message\":\"credits_balance (GET /v1/credits/balance): out of credits (402 quota_exceeded)\",\
             \"hint\":\"buy credits or upgrade: https://kallyai.com/up\",\"correlation_id\":\"c-1\"}}\n"
        );
        assert_eq!(
            plain(&error),
            "error: credits_balance (GET /v1/credits/balance): out of credits (402 quota_exceeded); correlation id c-1\n\
             hint: buy credits or upgrade: https://kallyai.com/up\n"
        );
    }

    #[tokio::test]
    async fn what_may_not_be_printed_is_not() {
        let body = r#"{"error":{"code":"call\u001b[2J me","correlation_id":"+12025550143","message":"secret"}}"#;
        let error = ErrorShown::from(&answered(404, body).await);
        assert_eq!(error.code, "refused");
        assert_eq!(error.correlation_id, None);
        let all = plain(&error) + &shown(|out| error.json(out));
        for private in ["0143", "secret", "\u{1b}", "me"] {
            assert!(!all.replace("message", "").contains(private), "{all}");
        }
    }

    #[tokio::test]
    async fn hints_are_about_the_command() {
        let error = ErrorShown::from(&answered(401, "{}").await);
        assert_eq!(error.code, "sign_in");
        assert_eq!(
            error.hint.as_deref(),
            Some("sign in again with `kallyai login`")
        );
        assert!(!error.message.contains("CliLogin"), "{error:?}");
        let error = ErrorShown::from(&unreachable().await);
        assert_eq!(error.code, "network");
        assert!(error.message.ends_with("nothing was sent"), "{error:?}");
        assert_eq!(
            error.hint.as_deref(),
            Some("check the network and the base URL, then try again")
        );
    }

    #[test]
    fn a_line_each_whatever_is_in_them() {
        let error = ErrorShown::new("usage", "a\nb\x1b[31m").with_hint("c\rd");
        assert_eq!(plain(&error), "error: a b\nhint: c d\n");
        let error = ErrorShown::new("usage", "a");
        assert_eq!(plain(&error), "error: a\n");
        assert_eq!(
            shown(|out| error.json(out)),
            "{\"error\":{\"code\":\"usage\",\"message\":\"a\",\"hint\":null,\"correlation_id\":null}}\n"
        );
    }
}
