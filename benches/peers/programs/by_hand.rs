//! The API by hand: bare reqwest, and structs for serde with all that the document says of a call.

mod harness;
mod plain;

use std::sync::Arc;
use std::time::Duration;

use harness::{
    BUSINESS, CLIENT_ID, CLIENT_SECRET, CODE, Failure, Ids, NUMBER, PAGE, Peer, REDIRECT_URI, TASK,
    TIMEZONE, TOKEN,
};
use plain::{Call, CallList, CallRequest, Submission, Tokens};
use serde::de::DeserializeOwned;

/// As long as one of PKCE is.
const VERIFIER: &str = "a-verifier-of-forty-three-letters-and-so-on";

struct ByHand {
    base_url: String,
    http: reqwest::Client,
}

impl ByHand {
    async fn answer<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, Failure> {
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.http
            .get(format!("{}{path}", self.base_url))
            .bearer_auth(TOKEN)
            .timeout(Duration::from_secs(30))
    }
}

impl Peer for ByHand {
    type SignIn = ();

    fn new(base_url: &str) -> Result<Self, Failure> {
        Ok(Self {
            base_url: base_url.to_owned(),
            http: reqwest::Client::builder()
                .user_agent("by-hand/1.0")
                .connect_timeout(Duration::from_secs(5))
                .tcp_keepalive(Duration::from_secs(30))
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .tls_backend_preconfigured(no_certificates()?)
                .build()?,
        })
    }

    fn begin(&self) -> Result<(), Failure> {
        Ok(())
    }

    async fn sign_in(&self, (): ()) -> Result<String, Failure> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("code", CODE),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        let request = self
            .http
            .post(format!("{}/v1/auth/gpt/token", self.base_url))
            .timeout(Duration::from_secs(30))
            .form(&form);
        let tokens: Tokens = Self::answer(request).await?;
        Ok(tokens.access_token)
    }

    async fn place(&self) -> Result<String, Failure> {
        let call = CallRequest {
            submission: Submission {
                task_category: Some("restaurant".to_owned()),
                task_description: Some(TASK.to_owned()),
                respondent_phone: Some(NUMBER.to_owned()),
                business_name: Some(BUSINESS.to_owned()),
                party_size: Some(4),
                ..Submission::default()
            },
            timezone: TIMEZONE.to_owned(),
        };
        let request = self
            .http
            .post(format!("{}/v1/calls", self.base_url))
            .bearer_auth(TOKEN)
            .header("idempotency-key", uuid::Uuid::new_v4().to_string())
            .timeout(Duration::from_secs(330))
            .json(&call);
        let call: Call = Self::answer(request).await?;
        Ok(call.call_id)
    }

    async fn read(&self, id: &str) -> Result<String, Failure> {
        let call: Call = Self::answer(self.get(&format!("/v1/calls/{id}"))).await?;
        Ok(call.call_id)
    }

    async fn walk(&self, seen: &mut Ids) -> Result<(), Failure> {
        loop {
            let path = format!("/v1/calls?limit={PAGE}&offset={}", seen.len());
            let list: CallList = Self::answer(self.get(&path)).await?;
            for call in &list.calls {
                seen.next(&call.call_id)?;
            }
            if list.calls.is_empty() || list.total.is_some_and(|total| seen.len() >= total) {
                return Ok(());
            }
        }
    }

    async fn whole(&self, seen: &mut Ids) -> Result<(), Failure> {
        let list: CallList = Self::answer(self.get("/v1/calls")).await?;
        for call in &list.calls {
            seen.next(&call.call_id)?;
        }
        Ok(())
    }
}

/// Loopback is plain: nobody reads the certificates of the system there.
fn no_certificates() -> Result<rustls::ClientConfig, Failure> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth())
}

fn main() -> Result<(), Failure> {
    harness::run::<ByHand>()
}
