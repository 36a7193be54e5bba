//! The one place where an error body is parsed.
//!
//! Three shapes are published: the envelope with `message` beside `code`, the envelope with `message`
//! inside `details`, and a bare quota body. Proxies send HTML, text or nothing.

use serde_json::Value;

use crate::error::ErrorCode;
use crate::tame;

/// How much of a body an error keeps, in bytes.
const KEPT: usize = 2048;

/// What an error body says.
#[derive(Clone, Default)]
pub(crate) struct ErrorAnswer {
    pub(crate) code: Option<ErrorCode>,
    pub(crate) message: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) upgrade_url: Option<String>,
    /// The beginning of a body of none of the published shapes.
    pub(crate) piece: Option<String>,
}

/// Reads the body of an answer that is no success.
pub(crate) fn parse(body: &[u8]) -> ErrorAnswer {
    let read = serde_json::from_slice::<Value>(body);
    match read.or_else(|_| serde_json::from_str(&tame::tame(body))) {
        Ok(Value::Object(root)) => object(&Value::Object(root), body),
        _ => ErrorAnswer {
            piece: piece(body),
            ..ErrorAnswer::default()
        },
    }
}

fn object(root: &Value, body: &[u8]) -> ErrorAnswer {
    let text = |pointer: &str| {
        root.pointer(pointer)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let first = |pointers: &[&str]| pointers.iter().find_map(|pointer| text(pointer));
    let upgrade_url = first(&[
        "/upgrade_url",
        "/error/details/upgrade_url",
        "/error/upgrade_url",
    ]);
    let bare_quota = root.get("error").is_none()
        && ["plan_type", "minutes_allocated", "minutes_used"]
            .iter()
            .any(|field| root.get(*field).is_some());
    // OAuth endpoints name the code in `error` itself.
    let code = first(&["/error/code", "/error", "/code"])
        .map(|code| ErrorCode::from(code.as_str()))
        .or_else(|| bare_quota.then_some(ErrorCode::QuotaExceeded));
    let message = first(&[
        "/error/message",
        "/error/details/message",
        "/error_description",
        "/message",
        "/detail",
    ]);
    let known = code.is_some() || message.is_some();
    ErrorAnswer {
        code,
        message,
        reason: first(&["/error/details/reason", "/details/reason"]),
        correlation_id: first(&[
            "/error/correlation_id",
            "/error/details/correlation_id",
            "/correlation_id",
        ]),
        upgrade_url,
        piece: if known { None } else { piece(body) },
    }
}

/// The beginning of a body, control characters left out.
pub(crate) fn piece(body: &[u8]) -> Option<String> {
    let start = body.get(..KEPT).unwrap_or(body);
    let text: String = String::from_utf8_lossy(start)
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .collect();
    // What is no UTF-8 has grown.
    let end = (0..=KEPT).rev().find(|end| text.is_char_boundary(*end));
    let text = end.and_then(|end| text.get(..end)).unwrap_or(&text);
    (!text.trim().is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> ErrorAnswer {
        parse(body.to_string().as_bytes())
    }

    #[test]
    fn what_is_hardly_json_is_read_as_answers_are() {
        let text = r#"{"error":{"code":"quota_exceeded","message":"m","cut":"CUT","used":NaN}}"#;
        // A byte order mark, and half of a surrogate pair: a task that was cut in the middle of an emoji.
        let text = format!("\u{feff}{}", text.replace("CUT", "\\ud83d"));
        let read = parse(text.as_bytes());
        assert_eq!(read.code, Some(ErrorCode::QuotaExceeded));
        assert_eq!(read.message.as_deref(), Some("m"));
        assert_eq!(read.piece, None);
    }

    #[test]
    fn the_published_shapes() {
        let one = read(&json!({"error": {
            "code": "call_not_found", "message": "m", "details": {"reason": "r"},
            "correlation_id": "c",
        }}));
        assert_eq!(one.code, Some(ErrorCode::CallNotFound));
        assert_eq!(one.message.as_deref(), Some("m"));
        assert_eq!(one.reason.as_deref(), Some("r"));
        assert_eq!(one.correlation_id.as_deref(), Some("c"));

        let two = read(&json!({"error": {
            "code": "toll_number", "details": {"message": "m", "reason": "r"},
        }}));
        assert_eq!(two.code, Some(ErrorCode::TollNumber));
        assert_eq!(two.message.as_deref(), Some("m"));
        assert_eq!(two.reason.as_deref(), Some("r"));

        let three = read(&json!({
            "plan_type": "starter", "minutes_allocated": 10, "minutes_used": 10.5,
            "upgrade_url": "https://kallyai.com/app?upgrade=true",
        }));
        assert_eq!(three.code, Some(ErrorCode::QuotaExceeded));
        assert_eq!(
            three.upgrade_url.as_deref(),
            Some("https://kallyai.com/app?upgrade=true")
        );
    }

    #[test]
    fn what_proxies_and_others_send() {
        assert!(parse(b"").piece.is_none());
        assert!(
            parse(b"<html>Bad Gateway</html>")
                .piece
                .unwrap()
                .contains("Bad")
        );
        assert!(parse(b"\xff\xfe\x00").code.is_none());
        assert!(parse(b"[1]").piece.is_some());
        assert_eq!(
            read(&json!({"error": "invalid_grant"})).code,
            Some(ErrorCode::Unknown("invalid_grant".to_owned()))
        );
        assert_eq!(
            read(&json!({"detail": "no"})).message.as_deref(),
            Some("no")
        );
        assert!(read(&json!({"error": {"code": 7}})).piece.is_some());
        let deep = "[".repeat(100_000);
        assert!(parse(deep.as_bytes()).code.is_none());
        assert!(parse(deep.as_bytes()).piece.unwrap().len() <= KEPT);
        assert!(parse(&[0xff; 5000]).piece.unwrap().len() <= KEPT);
    }
}
