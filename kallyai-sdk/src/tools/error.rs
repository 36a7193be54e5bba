//! Why a tool has no answer, in words for a model.

use std::fmt;

use serde_json::{Value, json};

use super::policy::Confirmation;
use crate::error::{Error, WasSent};

/// Why a tool was not called, or has failed.
///
/// `Display` is for the model: it says what happened and what to do instead, and repeats neither numbers nor
/// texts that were given.
#[derive(Debug)]
pub struct ToolError {
    kind: ToolErrorKind,
    what: String,
    instead: Option<String>,
    confirmation: Option<Box<Confirmation>>,
    source: Option<Error>,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToolErrorKind {
    /// There is no such tool here.
    UnknownTool,
    /// The arguments are not those of the tool.
    Arguments,
    /// The policy refuses it.
    Refused,
    /// The user must agree first, and nobody could ask.
    Confirmation,
    /// The user did not agree.
    Declined,
    /// It was asked for, and failed.
    Failed,
}

impl ToolErrorKind {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownTool => "unknown_tool",
            Self::Arguments => "arguments",
            Self::Refused => "refused",
            Self::Confirmation => "confirmation",
            Self::Declined => "declined",
            Self::Failed => "failed",
        }
    }
}

impl ToolError {
    fn new(kind: ToolErrorKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            instead: None,
            confirmation: None,
            source: None,
        }
    }

    fn instead(mut self, instead: impl Into<String>) -> Self {
        self.instead = Some(instead.into());
        self
    }

    pub(super) fn unknown(known: &[&str]) -> Self {
        Self::new(ToolErrorKind::UnknownTool, "there is no such tool here")
            .instead(format!("the tools are {}", known.join(", ")))
    }

    pub(super) fn arguments(problems: &[String]) -> Self {
        Self::new(
            ToolErrorKind::Arguments,
            format!("the arguments do not fit: {}", problems.join("; ")),
        )
        .instead("mend them and call the tool again; nothing was sent")
    }

    pub(super) fn refused(what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self::new(ToolErrorKind::Refused, what).instead(instead)
    }

    pub(super) fn unconfirmed(confirmation: Confirmation) -> Self {
        let mut error = Self::new(
            ToolErrorKind::Confirmation,
            "the user must agree to this first, and nobody here can ask",
        )
        .instead("tell the user what you want to do; nothing was sent");
        error.confirmation = Some(Box::new(confirmation));
        error
    }

    /// The user was asked about a [`Confirmation`], and did not agree.
    pub fn declined() -> Self {
        Self::new(ToolErrorKind::Declined, "the user did not agree")
            .instead("do not ask for the same again; ask the user what to do instead")
    }

    pub(super) fn bug(what: &str) -> Self {
        Self::new(ToolErrorKind::Failed, what)
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ToolErrorKind {
        self.kind
    }

    /// What the user is to agree to, where nobody could ask.
    pub fn confirmation(&self) -> Option<&Confirmation> {
        self.confirmation.as_deref()
    }

    /// What the request has failed with.
    pub fn request_error(&self) -> Option<&Error> {
        self.source.as_ref()
    }

    /// Whether something may have been done: a call that may have been dialled must not be tried again under
    /// another name.
    pub fn was_sent(&self) -> WasSent {
        self.source.as_ref().map_or(WasSent::No, Error::was_sent)
    }

    /// Whether it is certain that nothing was done.
    pub(super) fn is_undone(&self) -> bool {
        self.source.as_ref().is_some_and(crate::place::is_proof)
    }

    /// As an object for a model: `error` with `kind`, `message`, `instead`, `code`, `was_sent`.
    pub fn to_json(&self) -> Value {
        let mut error = json!({
            "kind": self.kind.as_str(),
            "message": self.what,
            "was_sent": match self.was_sent() {
                WasSent::No => "no",
                WasSent::Yes => "yes",
                WasSent::Maybe => "maybe",
            },
        });
        if let Value::Object(error) = &mut error {
            let mut set = |name: &str, value: Option<String>| {
                if let Some(value) = value {
                    error.insert(name.to_owned(), Value::String(value));
                }
            };
            set("instead", self.instead.clone());
            let source = self.source.as_ref();
            set(
                "code",
                source.and_then(|error| error.shown_code().map(str::to_owned)),
            );
            set(
                "correlation_id",
                source.and_then(|error| error.shown_correlation_id().map(str::to_owned)),
            );
        }
        json!({ "error": error })
    }
}

impl From<Error> for ToolError {
    fn from(error: Error) -> Self {
        let instead = match (error.was_sent(), &error.remedy()) {
            (WasSent::Maybe, _) => Some(
                "it may have been done all the same: look before you try anything else".to_owned(),
            ),
            (_, Some(remedy)) => Some(remedy.clone()),
            _ => None,
        };
        let kind = if error.is_invalid_input() {
            ToolErrorKind::Arguments
        } else {
            ToolErrorKind::Failed
        };
        Self {
            kind,
            what: error.to_string(),
            instead,
            confirmation: None,
            source: Some(error),
        }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.instead {
            Some(instead) => write!(f, "; {instead}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ToolError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // Its words are in `what`: the chain must not repeat them.
        std::error::Error::source(self.source.as_ref()?)
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    #[test]
    fn a_model_sees_no_code_or_id_that_could_be_anything() {
        let body =
            br#"{"error": {"code": "toll_12025550147", "correlation_id": "call +1 202 555 0147"}}"#;
        let error = Error::answered(StatusCode::CONFLICT, &HeaderMap::new(), body);
        let json = ToolError::from(error).to_json().to_string();
        assert!(!json.contains("0147"), "{json}");
        let body = br#"{"error": {"code": "toll_number", "correlation_id": "8f2b-1"}}"#;
        let error = Error::answered(StatusCode::CONFLICT, &HeaderMap::new(), body);
        let json = ToolError::from(error).to_json();
        assert_eq!(json["error"]["code"], "toll_number");
        assert_eq!(json["error"]["correlation_id"], "8f2b-1");
    }
}
