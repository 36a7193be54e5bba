//! Answers that are no success: a line with the status, lines of headers, an empty line, the body. A byte 1 is a
//! phone number, 2 a token, 3 what somebody is told; none of them may be shown.

use http::{HeaderName, HeaderValue, StatusCode};
use kallyai_sdk::fuzzing::answered;

const NUMBER: &str = "+12025550147";
const DIGITS: &str = "2025550147";
const TOKEN: &str = "kal live.Zq9hunter2";
const TASK: &str = "Tell Ada that the biopsy is fine";

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let mut planted = Vec::with_capacity(input.len());
    for byte in input {
        match byte {
            1 => planted.extend_from_slice(NUMBER.as_bytes()),
            2 => planted.extend_from_slice(TOKEN.as_bytes()),
            3 => planted.extend_from_slice(TASK.as_bytes()),
            4 => planted.extend_from_slice(DIGITS.as_bytes()),
            other => planted.push(*other),
        }
    }
    let mut rest = planted.as_slice();
    let mut lines = Vec::new();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end);
        rest = &after[1..];
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let status = lines
        .first()
        .and_then(|line| StatusCode::from_bytes(line).ok());
    let status = status.unwrap_or(StatusCode::BAD_REQUEST);
    let headers: Vec<_> = lines
        .iter()
        .skip(1)
        .filter_map(|line| header(line))
        .collect();
    let error = answered(status, &headers, rest);

    let mut shown = format!("{error}\n{error:?}\n{error:#?}");
    // How long to wait is a number, whatever it is.
    if let Some(wait) = error.retry_after() {
        shown = shown.replace(&wait.as_secs().to_string(), "");
    }
    for secret in [TOKEN, TASK] {
        assert!(!shown.contains(secret), "{shown}");
    }
    // An id of a request may have as many digits: a UUID can.
    let id = error.correlation_id().is_some_and(|id| id.contains(DIGITS));
    assert!(id || !shown.contains(DIGITS), "{shown}");
    assert!(!shown.contains(NUMBER), "{shown}");
    let one_line = error.to_string();
    assert!(!one_line.contains(char::is_control), "{one_line:?}");
    assert!(one_line.len() < 600, "{one_line}");
    assert_eq!(error.status(), Some(status));
    assert!(error.body().is_none_or(|body| body.len() <= 2048));
}

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let at = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(&line[..at]).ok()?;
    let value = HeaderValue::from_bytes(line[at + 1..].trim_ascii()).ok()?;
    Some((name, value))
}
