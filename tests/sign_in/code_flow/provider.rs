//! Signing in with what Google and Apple gave.

use kallyai_sdk::Client;
use kallyai_sdk::auth;
use kallyai_sdk::types::AppleTokenRequest;
use kallyai_tests::RawServer;

use super::{client, sandbox, shown};

#[tokio::test]
async fn google_and_apple() {
    let sandbox = sandbox().await;
    let anonymous = Client::builder()
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    let google = auth::sign_in_with_google(&anonymous, "from-google");
    let google = google.await.unwrap();
    let request = || AppleTokenRequest::new("from-apple", "once").full_name("Ada Example");
    let apple = auth::sign_in_with_apple(&anonymous, request());
    let apple = apple.await.unwrap();
    for tokens in [google, apple] {
        assert_eq!(tokens.origin.as_deref(), Some(sandbox.base_url()));
        assert!(tokens.client_id.is_none() && tokens.refresh_token.is_some());
        client(&sandbox, &tokens).credits().balance().await.unwrap();
    }
    let again = auth::sign_in_with_apple(&anonymous, request()).await;
    assert_eq!(again.unwrap_err().status().unwrap(), 401);
    let invalid = auth::sign_in_with_google(&anonymous, "invalid").await;
    assert!(invalid.unwrap_err().is_sign_in());

    let body = r#"{"access_token":"","refresh_token":"hunter2"}"#;
    for body in [
        body,
        r#"{"refresh_token":"hunter2"}"#,
        "<html>hunter2</html>",
    ] {
        let server = RawServer::json("200 OK", body).await;
        let odd = Client::builder().base_url(server.base_url());
        let odd = odd.build().unwrap();
        let error = auth::sign_in_with_google(&odd, "g").await.unwrap_err();
        assert!(error.is_decode() && error.body().is_none(), "{body}");
        assert!(!shown(&error).contains("hunter2"));
    }
}
