//! The typed mocks that progenitor generates work with the client.

use httpmock::MockServer;
use kallyai_sdk::Client;
use kallyai_sdk::types::{Call, CallRequest};
use kallyai_tests::mocks::MockServerExt;

#[tokio::test]
async fn a_typed_mock_answers_the_client() {
    let server = MockServer::start_async().await;
    let request = CallRequest::restaurant("+12025550199".parse().unwrap(), "Reserve a table");
    let call: Call =
        serde_json::from_value(serde_json::json!({"call_id": "c1", "status": "success"})).unwrap();
    let create = server.calls_create(|when, then| {
        when.body(&request).idempotency_key("k1");
        then.success(201, &call);
    });
    let get = server.calls_get(|when, then| {
        when.call_id("c1");
        then.success(200, &call);
    });
    let client = Client::builder()
        .base_url(server.base_url())
        .access_token("token")
        .build()
        .unwrap();
    let created = client
        .calls()
        .create(request.clone())
        .idempotency_key("k1")
        .await
        .unwrap();
    assert_eq!(created.call_id, "c1");
    assert_eq!(client.calls().get("c1").await.unwrap().call_id, "c1");
    create.assert();
    get.assert();
}
