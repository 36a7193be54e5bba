//! A client of few words for the tests.

use std::time::Duration;

use kallyai_sandbox::{Builder, Sandbox};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};

/// A world and a client that is signed in to it.
pub(crate) struct Api {
    pub(crate) sandbox: Sandbox,
    http: Client,
}

pub(crate) fn client() -> Client {
    client_builder()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// A client without a timeout.
pub(crate) fn client_builder() -> ClientBuilder {
    // Built in one workspace with the library, reqwest has TLS without a provider, and wants one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
}

/// A world in which phone calls are over at once.
pub(crate) fn quick() -> Builder {
    Sandbox::builder().call_seconds(0.0)
}

impl Api {
    pub(crate) async fn new(builder: Builder) -> Self {
        Self {
            sandbox: builder.start().await.unwrap(),
            http: client(),
        }
    }

    pub(crate) async fn quick() -> Self {
        Self::new(quick()).await
    }

    /// A request without token.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.sandbox.base_url()))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.bare(Method::GET, path)
            .bearer_auth(self.sandbox.access_token())
    }

    /// A request of somebody else, or of somebody whose token is no longer good.
    pub(crate) fn with_token(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(token)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.bare(Method::POST, path)
            .bearer_auth(self.sandbox.access_token())
            .json(body)
    }

    pub(crate) fn call(&self, number: &str) -> RequestBuilder {
        self.post("/v1/calls", &call(number))
    }

    /// Places a call that succeeds, and answers with its id.
    pub(crate) async fn placed(&self) -> String {
        let (status, body) = answer(self.call("+12025550199")).await;
        assert_eq!(status, 201, "{body}");
        body["call_id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let (status, body) = answer(self.get(path)).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }
}

pub(crate) fn call(number: &str) -> Value {
    json!({
        "submission": {
            "task_category": "restaurant",
            "task_description": "Reserve a table for 4 at 8 pm",
            "respondent_phone": number,
            "business_name": "Italian Bistro",
            "appointment_date": "2099-02-14",
            "appointment_time": "20:00",
            "party_size": 4,
        },
        "timezone": "America/New_York",
    })
}

pub(crate) async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    (status, body)
}

/// Asserts an error in the envelope of the service.
pub(crate) async fn refused(request: RequestBuilder, status: u16, code: &str) -> Value {
    let (answered, body) = answer(request).await;
    assert_eq!(answered, status, "{body}");
    assert_eq!(body["error"]["code"], code, "{body}");
    assert!(body["error"]["message"].is_string(), "{body}");
    assert!(body["error"]["correlation_id"].is_string(), "{body}");
    body
}

/// Pairs as a query or a form.
pub(crate) fn encode<S: AsRef<str>>(pairs: &[(S, S)]) -> String {
    let mut url: reqwest::Url = "http://x".parse().unwrap();
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}
