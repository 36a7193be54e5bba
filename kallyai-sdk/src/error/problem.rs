//! What is wrong with one field of a request.

use std::borrow::Cow;
use std::fmt;

use super::ErrorCode;

/// One thing that is wrong with a request, found before it was sent.
///
/// Neither `Display` nor `Debug` repeats a secret, a phone number or a text that was given, but for the
/// letters of a time zone's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    field: Cow<'static, str>,
    reason: Cow<'static, str>,
    code: Option<ErrorCode>,
}

impl Problem {
    pub(crate) fn new(
        field: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
        code: Option<ErrorCode>,
    ) -> Self {
        Self {
            field: field.into(),
            reason: reason.into(),
            code,
        }
    }

    /// The field or parameter, by its path from the request: `submission.party_size`, `message_ids[3]`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong with it, and what would be right.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The code with which the service would refuse it, where it has one.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.code.as_ref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.reason)
    }
}

/// All problems in one line; a single one without its field, which has a place of its own.
pub(super) fn all(problems: &[Problem]) -> String {
    if let [problem] = problems {
        return problem.reason.to_string();
    }
    let mut fields: Vec<&str> = problems.iter().map(Problem::field).collect();
    fields.sort_unstable();
    fields.dedup();
    let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let (count, list) = (fields.len(), list.join("; "));
    match count {
        1 => format!("1 field is not valid: {list}"),
        _ => format!("{count} fields are not valid: {list}"),
    }
}
