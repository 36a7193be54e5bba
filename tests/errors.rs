//! Every published error, in every published shape, over real sockets.

use std::time::Duration;

use kallyai_sdk::types::CallRequest;
use kallyai_sdk::{Client, Error, ErrorCode, ErrorKind, WasSent};
use kallyai_tests::RawServer;
use serde_json::json;

async fn answered(status: &str, headers: &str, body: &str) -> Error {
    let server = RawServer::with(status, headers, body).await;
    let client = Client::builder()
        .base_url(server.base_url())
        .access_token("token")
        .build()
        .unwrap();
    let request = CallRequest::general("+12025550199".parse().unwrap(), "Ask when they open");
    let create = client.calls().create(request).max_attempts(1);
    let error = create.await.unwrap_err();
    let placed = server.heard();
    let placed = placed.iter().filter(|heard| heard.starts_with("POST"));
    assert_eq!(placed.count(), 1, "no hidden retry");
    // Where the service has failed, or is at work on something, nobody knows.
    let was_sent = if status.starts_with('5') || status.starts_with("409") {
        WasSent::Maybe
    } else {
        WasSent::Yes
    };
    assert_eq!(error.was_sent(), was_sent);
    assert!(error.idempotency_key().is_some());
    assert!(!error.to_string().contains('\n'));
    error
}

#[tokio::test]
async fn every_published_code_in_both_envelopes() {
    let facts: Vec<Vec<&str>> = include_str!("errors.tsv")
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .filter(|row: &Vec<&str>| row[0] != "-")
        .collect();
    assert_eq!(facts.len(), ErrorCode::KNOWN.len());
    for row in facts {
        let (code, status) = (row[0], row[1]);
        let known = ErrorCode::from(code);
        assert!(ErrorCode::KNOWN.contains(&known), "{code}");
        assert_eq!(known.status().unwrap().to_string(), status, "{code}");
        assert_eq!(known.remedy().is_none(), row[2] == "-", "{code}");
        for body in [
            json!({"error": {"code": code, "message": "m", "details": {"reason": "r"},
                "correlation_id": "c-1"}}),
            json!({"error": {"code": code, "details": {"message": "m", "reason": "r"},
                "correlation_id": "c-1"}}),
        ] {
            let error = answered(&format!("{status} No"), "", &body.to_string()).await;
            assert_eq!(error.code(), Some(&known));
            assert_eq!(error.message(), Some("m"));
            assert_eq!(error.reason(), Some("r"));
            assert_eq!(error.correlation_id(), Some("c-1"));
            assert_eq!(error.status().unwrap().as_str(), status);
            let shown = error.to_string();
            assert!(shown.contains(known.meaning().unwrap()), "{shown}");
            assert!(shown.contains(code) && shown.contains("c-1"), "{shown}");
            assert!(
                shown.starts_with("calls_create (POST /v1/calls): "),
                "{shown}"
            );
        }
    }
}

#[tokio::test]
async fn the_bare_quota_body() {
    let body = json!({"plan_type": "starter", "minutes_allocated": 100, "minutes_used": 100.0,
        "upgrade_url": "https://kallyai.com/app?upgrade=true"});
    let error = answered("402 Payment Required", "", &body.to_string()).await;
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.code(), Some(&ErrorCode::QuotaExceeded));
    assert_eq!(
        error.upgrade_url(),
        Some("https://kallyai.com/app?upgrade=true")
    );
    assert!(error.remedy().unwrap().contains("upgrade=true"));
}

#[tokio::test]
async fn what_proxies_send_keeps_its_status() {
    for (status, body) in [
        ("502 Bad Gateway", "<html><body>Bad Gateway</body></html>"),
        ("503 Unavailable", ""),
        ("504 Timeout", "upstream timed out"),
        ("500 Oh", "{\"error\":"),
        ("413 Large", "[1, 2]"),
        ("418 Tea", "null"),
    ] {
        let error = answered(status, "x-request-id: proxy-7\r\n", body).await;
        assert_eq!(error.status().unwrap().as_str(), &status[..3]);
        assert_eq!(error.kind(), ErrorKind::Api);
        assert_eq!(error.correlation_id(), Some("proxy-7"));
        assert_eq!(error.body().unwrap_or_default(), body);
    }
    let huge = "x".repeat(1_000_000);
    let error = answered("500 Oh", "", &huge).await;
    assert_eq!(error.body().unwrap().len(), 2048);
}

#[tokio::test]
async fn kinds() {
    let rate = answered(
        "429 Slow",
        "retry-after: 7\r\n",
        r#"{"error": {"code": "rate_limited"}}"#,
    )
    .await;
    assert!(rate.is_rate_limit());
    assert_eq!(rate.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(rate.remedy().as_deref(), Some("wait 7 s, then try again"));
    // A 429 that means "out of credits" does not get better by waiting.
    let quota = answered("429 Slow", "", r#"{"error": {"code": "quota_exceeded"}}"#).await;
    assert!(quota.is_api() && !quota.is_rate_limit());
    let sign_in = answered("401 No", "", r#"{"error": {"code": "token_expired"}}"#).await;
    assert!(sign_in.is_sign_in());
    let oauth = answered(
        "400 No",
        "",
        r#"{"error": "invalid_grant", "error_description": "d"}"#,
    )
    .await;
    assert_eq!(oauth.code().unwrap().as_str(), "invalid_grant");
    assert_eq!(oauth.message(), Some("d"));
}
