//! The API by this library.

mod harness;

use std::cell::OnceCell;

use harness::{
    BUSINESS, CLIENT_ID, CLIENT_SECRET, CODE, Failure, Ids, NUMBER, PAGE, Peer, REDIRECT_URI, TASK,
    TIMEZONE, TOKEN,
};
use kallyai_sdk::Client;
use kallyai_sdk::auth::{CodeFlow, CodeFlowSecret};
use kallyai_sdk::types::CallRequest;

struct Library {
    base_url: String,
    client: Client,
    /// There is none where nobody signs in.
    flow: OnceCell<CodeFlow>,
}

impl Library {
    fn flow(&self) -> Result<&CodeFlow, Failure> {
        if let Some(flow) = self.flow.get() {
            return Ok(flow);
        }
        let flow = CodeFlow::builder(CLIENT_ID, REDIRECT_URI)
            .client_secret(CLIENT_SECRET)
            .base_url(&self.base_url)
            .build()?;
        Ok(self.flow.get_or_init(|| flow))
    }
}

impl Peer for Library {
    /// The secret, and the query that the browser comes back with.
    type SignIn = (CodeFlowSecret, String);

    fn new(base_url: &str) -> Result<Self, Failure> {
        Ok(Self {
            base_url: base_url.to_owned(),
            client: Client::builder()
                .base_url(base_url)
                .access_token(TOKEN)
                .build()?,
            flow: OnceCell::new(),
        })
    }

    fn begin(&self) -> Result<Self::SignIn, Failure> {
        let begun = self.flow()?.begin();
        let query = begun.url().split_once('?').map_or("", |(_, query)| query);
        let state = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("state="))
            .ok_or("no state")?;
        let callback = format!("code={CODE}&state={state}");
        Ok((begun.into_parts().1, callback))
    }

    async fn sign_in(&self, (secret, callback): Self::SignIn) -> Result<String, Failure> {
        let tokens = self.flow()?.finish(&secret, &callback).await?;
        Ok(tokens.access_token.expose().to_owned())
    }

    async fn place(&self) -> Result<String, Failure> {
        let request = CallRequest::restaurant(NUMBER.parse()?, TASK)
            .business_name(BUSINESS)
            .party_size(4)
            .timezone(TIMEZONE);
        Ok(self.client.calls().create(request).await?.call_id)
    }

    async fn read(&self, id: &str) -> Result<String, Failure> {
        Ok(self.client.calls().get(id).await?.call_id)
    }

    async fn walk(&self, seen: &mut Ids) -> Result<(), Failure> {
        let mut calls = self.client.calls().list().limit(PAGE.into()).stream();
        while let Some(call) = calls.try_next().await? {
            seen.next(&call.call_id)?;
        }
        Ok(())
    }

    async fn whole(&self, seen: &mut Ids) -> Result<(), Failure> {
        for call in self.client.calls().list().await?.calls() {
            seen.next(&call.call_id)?;
        }
        Ok(())
    }
}

fn main() -> Result<(), Failure> {
    harness::run::<Library>()
}
