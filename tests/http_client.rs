//! An HTTP client of the program's own.

use kallyai_sdk::{Client, WasSent};
use kallyai_tests::RawServer;
use reqwest::redirect::Policy;

fn http(redirects: Policy) -> reqwest::Client {
    // reqwest has no TLS of its own here; the first test installs it for all.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent("somebody/1")
        .redirect(redirects)
        .build()
        .unwrap()
}

fn client(server: &RawServer, http: reqwest::Client) -> Client {
    Client::builder()
        .base_url(server.base_url())
        .access_token("token")
        .user_agent("app/2")
        .http_client(http)
        .build()
        .unwrap()
}

#[tokio::test]
async fn it_is_used_and_the_user_agent_stays() {
    let server = RawServer::json("200 OK", r#"{"call_id": "a", "status": "success"}"#).await;
    let kally = client(&server, http(Policy::none()));
    kally.calls().get("a").await.unwrap();
    let heard = server.heard().pop().unwrap();
    assert!(
        heard.contains("user-agent: app/2 kallyai-sdk-rust/"),
        "{heard}"
    );
    assert!(!heard.contains("somebody"), "{heard}");
    assert!(heard.contains("authorization: Bearer token\r\n"), "{heard}");
}

#[tokio::test]
async fn an_answer_after_a_redirect_is_refused() {
    let there = RawServer::json("200 OK", r#"{"call_id": "a", "status": "success"}"#).await;
    for to in [there.base_url(), "/elsewhere"] {
        let location = format!("location: {to}\r\n");
        let here = RawServer::answering(move |request| {
            if request.starts_with("GET /elsewhere") {
                RawServer::bytes("200 OK", "", r#"{"call_id": "a", "status": "success"}"#)
            } else {
                RawServer::bytes("307 Temporary Redirect", &location, "")
            }
        })
        .await;
        let kally = client(&here, http(Policy::limited(3)));
        let error = kally.calls().get("a").await.unwrap_err();
        assert!(error.is_decode(), "{error}");
        assert!(error.to_string().contains("Policy::none()"), "{error}");
        assert_eq!((error.was_sent(), error.attempts()), (WasSent::Yes, 1));

        // One that follows none is told of it as ever.
        let kally = client(&here, http(Policy::none()));
        let error = kally.calls().get("a").await.unwrap_err();
        assert_eq!(error.status().unwrap(), 307);
    }
    assert_eq!(there.heard().len(), 1);
}
