//! What a request shows to `tracing`: a span for it, and one for each attempt.
//!
//! The fields have OpenTelemetry's names for HTTP. No address, header, number or text is among them.

use http::StatusCode;
use tracing::{Span, field};

use crate::error::{Error, ErrorKind};
use crate::index::Operation;
use crate::retry::Attempt;

/// The span of a request, all its attempts included.
pub(crate) fn request(operation: &Operation) -> Span {
    tracing::info_span!(
        "kallyai.request",
        otel.kind = "client",
        kallyai.operation = operation.id,
        http.request.method = operation.method.as_str(),
        url.template = operation.path,
        http.response.status_code = field::Empty,
        error.type = field::Empty,
    )
}

/// The span of one attempt.
pub(crate) fn attempt(operation: &Operation, attempt: Attempt) -> Span {
    tracing::debug_span!(
        "kallyai.attempt",
        http.request.method = operation.method.as_str(),
        url.template = operation.path,
        http.request.resend_count = (attempt.resent > 0).then_some(attempt.resent),
        http.response.status_code = field::Empty,
        error.type = field::Empty,
    )
}

/// How it ended.
pub(crate) fn outcome(span: &Span, outcome: Result<StatusCode, &Error>) {
    let status = match outcome {
        Ok(status) => Some(status),
        Err(error) => error.status(),
    };
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    match (outcome, status) {
        (Ok(_), _) => {}
        (Err(error), Some(status)) if error.kind() != ErrorKind::Decode => {
            span.record("error.type", status.as_str());
        }
        (Err(error), _) => {
            span.record("error.type", error.kind().name());
        }
    }
}
