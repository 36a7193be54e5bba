//! One call asked for and one placed: by the library, and by hand on bare reqwest and serde.

use std::time::Duration;

use kallyai_sdk::Client;
use kallyai_sdk::types::CallRequest as Request;

use crate::plain;

/// The call that is asked for.
pub const ID: &str = "7f6a1c1e-6a47-4c0c-9a53-0b2f5d8a9e01";

const TOKEN: &str = "a-token-of-no-account";
const TASK: &str = "Reserve a table for 4 at 8 pm";
const NUMBER: &str = "+12025550199";

/// Both ways to the same server.
#[derive(Debug)]
pub struct Ways {
    base_url: String,
    library: Client,
    bare: reqwest::Client,
}

impl Ways {
    /// Clients with the same settings.
    ///
    /// # Panics
    ///
    /// When one cannot be built.
    #[allow(clippy::expect_used)]
    pub fn to(base_url: &str) -> Self {
        let library = Client::builder()
            .base_url(base_url)
            .access_token(TOKEN)
            .build()
            .expect("a client");
        let bare = reqwest::Client::builder()
            .user_agent("by-hand/1.0")
            .connect_timeout(Duration::from_secs(5))
            .tcp_keepalive(Duration::from_secs(30))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tls_backend_preconfigured(no_tls())
            .build()
            .expect("a client");
        Self {
            base_url: base_url.to_owned(),
            library,
            bare,
        }
    }

    /// `client.calls().get(..)`.
    pub async fn get(&self) -> Option<String> {
        let call = self.library.calls().get(ID).await.ok()?;
        Some(call.call_id)
    }

    /// The same by hand.
    pub async fn get_by_hand(&self) -> Option<String> {
        let call: plain::Call = self
            .bare
            .get(format!("{}/v1/calls/{ID}", self.base_url))
            .bearer_auth(TOKEN)
            .timeout(Duration::from_secs(30))
            .send()
            .await
            .ok()?
            .error_for_status()
            .ok()?
            .json()
            .await
            .ok()?;
        Some(call.call_id)
    }

    /// `client.calls().list().stream()` to its end: how many calls came.
    ///
    /// # Errors
    ///
    /// The first that the stream gives.
    pub async fn stream(&self) -> Result<usize, kallyai_sdk::Error> {
        let mut calls = self.library.calls().list().limit(200).stream();
        let mut count = 0;
        while calls.try_next().await?.is_some() {
            count += 1;
        }
        Ok(count)
    }

    /// `client.calls().create(..)`.
    pub async fn create(&self) -> Option<String> {
        let request = Request::restaurant(NUMBER.parse().ok()?, TASK)
            .business_name("Italian Bistro")
            .party_size(4)
            .timezone("America/New_York");
        let call = self.library.calls().create(request).await.ok()?;
        Some(call.call_id)
    }

    /// The same by hand, with an idempotency key too.
    pub async fn create_by_hand(&self) -> Option<String> {
        let request = plain::CallRequest {
            submission: plain::Submission {
                task_category: Some("restaurant".to_owned()),
                task_description: Some(TASK.to_owned()),
                respondent_phone: Some(NUMBER.to_owned()),
                business_name: Some("Italian Bistro".to_owned()),
                party_size: Some(4),
                ..plain::Submission::default()
            },
            timezone: "America/New_York".to_owned(),
        };
        let call: plain::Call = self
            .bare
            .post(format!("{}/v1/calls", self.base_url))
            .bearer_auth(TOKEN)
            .header("idempotency-key", uuid::Uuid::new_v4().to_string())
            .timeout(Duration::from_secs(330))
            .json(&request)
            .send()
            .await
            .ok()?
            .error_for_status()
            .ok()?
            .json()
            .await
            .ok()?;
        Some(call.call_id)
    }
}

/// Loopback is plain; reqwest is built without a provider of its own.
fn no_tls() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    #[allow(clippy::expect_used)]
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows them")
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}
