//! The exchange: what is sent, and what is made of the answer.

use chrono::{TimeDelta, Utc};
use kallyai_sdk::WasSent;
use kallyai_sdk::auth::{CodeFlow, TokenSet};
use kallyai_tests::RawServer;

use super::{BACK, callback, code, made_up, raw, sandbox, shown};

#[tokio::test]
async fn row_18_what_is_sent_to_the_letter() {
    let body = r#"{"access_token":"a","expires_in":3600}"#;
    let server = RawServer::json("200 OK", body).await;
    let flow = raw(&server);
    let begun = flow.begin();
    flow.finish(begun.secret(), &made_up(&begun)).await.unwrap();
    let heard = server.heard();
    let (head, form) = heard[0].split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /v1/auth/gpt/token http/1.1"));
    assert!(head.contains("content-type: application/x-www-form-urlencoded"));
    assert!(head.contains("accept: application/json"));
    assert!(head.contains("user-agent: kallyai-sdk-rust/"));
    assert!(!head.contains("authorization:"));
    let mut form: Vec<&str> = form.split('&').collect();
    form.sort_unstable();
    let verifier = begun.secret().to_text();
    let verifier = verifier.expose().split_once('.').unwrap().1;
    let with_verifier = format!("code_verifier={verifier}");
    assert_eq!(
        form,
        [
            "client_id=id",
            "client_secret=hunter2-secret",
            "code=hunter2-code",
            with_verifier.as_str(),
            "grant_type=authorization_code",
            "redirect_uri=http%3A%2F%2F127.0.0.1%3A8740",
        ]
    );
}

#[tokio::test]
async fn row_10_a_redirect_of_the_exchange_is_not_followed() {
    let other = RawServer::json("200 OK", r#"{"access_token":"stolen"}"#).await;
    let headers = format!("location: {}/v1/auth/gpt/token\r\n", other.base_url());
    let server = RawServer::with("307 Temporary Redirect", &headers, "").await;
    let flow = raw(&server);
    let begun = flow.begin();
    let error = flow
        .finish(begun.secret(), &made_up(&begun))
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 307);
    let heard = server.heard();
    assert_eq!(heard.len(), 1);
    assert!(heard[0].contains("hunter2-code"));
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn a_wrong_client_secret_is_said_as_the_service_says_it() {
    let sandbox = sandbox().await;
    let flow = CodeFlow::builder(sandbox.client_id(), BACK)
        .base_url(sandbox.base_url())
        .client_secret("hunter2")
        .build()
        .unwrap();
    let begun = flow.begin();
    let back = callback(&begun).await;
    let error = flow.finish(begun.secret(), &back).await.unwrap_err();
    assert_eq!(
        (error.status().unwrap().as_u16(), code(&error)),
        (401, "invalid_client")
    );
    assert!(error.message().is_some());
    assert!(!shown(&error).contains("hunter2"));
}

#[tokio::test]
async fn odd_answers_are_read() {
    for (status, body, lives) in [
        ("200 OK", r#"{"access_token":"a"}"#, None),
        (
            "201 Created",
            r#"{"access_token":"a","expires_in":"3600"}"#,
            Some(3600),
        ),
        (
            "200 OK",
            r#"{"access_token":"a","expires_in":3599.9}"#,
            Some(3599),
        ),
        (
            "200 OK",
            r#"{"access_token":"a","expires_in":"soon","scope":7}"#,
            None,
        ),
        (
            "200 OK",
            r#"{"access_token":"a","expires_in":null,"refresh_token":null}"#,
            None,
        ),
        ("200 OK", r#"{"access_token":"a","expires_in":-5}"#, Some(0)),
        (
            "200 OK",
            r#"{"access_token":"a","token_type":"Bearer","id":[{}]}"#,
            None,
        ),
    ] {
        let server = RawServer::json(status, body).await;
        let flow = raw(&server);
        let begun = flow.begin();
        let before = Utc::now();
        let tokens = flow.finish(begun.secret(), &made_up(&begun)).await.unwrap();
        assert_eq!(tokens.access_token.expose(), "a", "{body}");
        assert!(tokens.refresh_token.is_none(), "{body}");
        let lived = tokens.expires_at.map(|time| time - before);
        match (lived, lives) {
            (None, None) => {}
            (Some(lived), Some(lives)) => {
                let late = lived - TimeDelta::seconds(lives);
                assert!(
                    late >= TimeDelta::zero() && late < TimeDelta::minutes(1),
                    "{body}"
                );
            }
            odd => panic!("{body}: {odd:?}"),
        }
    }
    // What a proxy calls it does not matter.
    let answer = r#"{"access_token":"a"}"#;
    let server = RawServer::with("200 OK", "content-type: text/html\r\n", answer).await;
    let flow = raw(&server);
    let begun = flow.begin();
    flow.finish(begun.secret(), &made_up(&begun)).await.unwrap();
}

#[tokio::test]
async fn row_09_bad_answers_show_no_secret() {
    for (status, body) in [
        ("200 OK", ""),
        ("200 OK", "<html>hunter2</html>"),
        ("200 OK", r#"{"access_token":"hunter2"#),
        ("200 OK", r#"{"access_token":"","refresh_token":"hunter2"}"#),
        (
            "200 OK",
            r#"{"access_token":null,"refresh_token":"hunter2"}"#,
        ),
        ("200 OK", r#"{"token":"hunter2"}"#),
        ("204 No Content", ""),
        ("502 Bad Gateway", "<html>hunter2</html>"),
        (
            "400 Bad Request",
            r#"{"error":"hunter2 code","error_description":"hunter2"}"#,
        ),
        (
            "401 Unauthorized",
            r#"{"error":{"code":"invalid_grant","message":"hunter2"}}"#,
        ),
        ("503 Service Unavailable", ""),
    ] {
        let server = RawServer::with(status, "", body).await;
        let flow = raw(&server);
        let begun = flow.begin();
        let exchanged = flow.finish(begun.secret(), &made_up(&begun)).await;
        let old = TokenSet::new("hunter2-access").refresh_token("hunter2-refresh");
        let refreshed = flow.refresh(&old).await;
        for error in [exchanged.unwrap_err(), refreshed.unwrap_err()] {
            let failed = status.starts_with('5');
            let was_sent = if failed { WasSent::Maybe } else { WasSent::Yes };
            assert_eq!(error.was_sent(), was_sent);
            let number = status.split(' ').next().unwrap();
            assert_eq!(error.status().unwrap().as_str(), number, "{error}");
            assert!(!shown(&error).contains("hunter2"), "{}", shown(&error));
            assert_eq!(error.is_decode(), number.starts_with('2'), "{error}");
            if error.is_decode() {
                assert!(error.body().is_none());
            }
        }
        assert_eq!(server.heard().len(), 2);
    }
    let server = RawServer::start("").await;
    let flow = raw(&server);
    let begun = flow.begin();
    let error = flow.finish(begun.secret(), &made_up(&begun)).await;
    let error = error.unwrap_err();
    assert!(error.is_transport());
    assert_eq!(error.was_sent(), WasSent::Maybe);
    assert!(!shown(&error).contains("hunter2"), "{}", shown(&error));
}
