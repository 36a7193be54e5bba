//! What a request shows to `tracing`: a span for it, and one for each attempt.
//!
//! The fields have OpenTelemetry's names for HTTP. The path's template stands for the address; no header,
//! number or text is among them.

use http::StatusCode;
use tracing::{Span, field};

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::index::Operation;
use crate::retry::Attempt;

/// The span of a request, all its attempts included.
pub(crate) fn request(operation: &Operation, client: &Client) -> Span {
    let transport = client.transport();
    let server = &transport.wire.base_url;
    tracing::info_span!(
        "kallyai.request",
        otel.kind = "internal",
        kallyai.operation = operation.known_id(),
        http.request.method = operation.method.as_str(),
        url.template = operation.known_path(),
        server.address = server.host(),
        server.port = server.port(),
        http.response.status_code = field::Empty,
        error.type = field::Empty,
    )
}

/// The span of one attempt.
pub(crate) fn attempt(operation: &Operation, client: &Client, attempt: Attempt) -> Span {
    let transport = client.transport();
    let server = &transport.wire.base_url;
    tracing::debug_span!(
        "kallyai.attempt",
        otel.kind = "client",
        http.request.method = operation.method.as_str(),
        url.template = operation.known_path(),
        server.address = server.host(),
        server.port = server.port(),
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
