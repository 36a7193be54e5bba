//! The API by the client that openapi-generator makes in Rust.

mod harness;

use harness::{
    BUSINESS, CLIENT_ID, CLIENT_SECRET, CODE, Failure, Ids, NUMBER, PAGE, Peer, REDIRECT_URI, TASK,
    TIMEZONE, TOKEN,
};
use kallyai_generated::apis::auth_api::auth_exchange_token;
use kallyai_generated::apis::calls_api::{calls_create, calls_get, calls_list};
use kallyai_generated::apis::configuration::Configuration;
use kallyai_generated::models::{CallList, CallRequest, GrantType, Submission, TaskCategory};

/// As long as one of PKCE is.
const VERIFIER: &str = "a-verifier-of-forty-three-letters-and-so-on";

struct Generated {
    configuration: Configuration,
}

/// The ids as they are written.
fn check(list: &CallList, seen: &mut Ids) -> Result<usize, Failure> {
    let calls = list.calls.as_deref().unwrap_or_default();
    for call in calls {
        let mut text = uuid::Uuid::encode_buffer();
        seen.next(call.call_id.hyphenated().encode_lower(&mut text))?;
    }
    Ok(calls.len())
}

impl Peer for Generated {
    type SignIn = ();

    fn new(base_url: &str) -> Result<Self, Failure> {
        // Loopback is plain: nobody reads the certificates of the system there.
        let http = reqwest::Client::builder().tls_certs_only([]).build()?;
        Ok(Self {
            configuration: Configuration {
                base_path: base_url.to_owned(),
                user_agent: Some("generated/1.0".to_owned()),
                client: http,
                basic_auth: None,
                oauth_access_token: Some(TOKEN.to_owned()),
                bearer_access_token: None,
                api_key: None,
            },
        })
    }

    fn begin(&self) -> Result<(), Failure> {
        Ok(())
    }

    async fn sign_in(&self, (): ()) -> Result<String, Failure> {
        let tokens = auth_exchange_token(
            &self.configuration,
            GrantType::AuthorizationCode,
            CLIENT_ID,
            Some(CLIENT_SECRET),
            Some(CODE),
            Some(REDIRECT_URI),
            Some(VERIFIER),
            None,
        )
        .await?;
        Ok(tokens.access_token)
    }

    async fn place(&self) -> Result<String, Failure> {
        let mut submission =
            Submission::new(TaskCategory::Restaurant, TASK.to_owned(), NUMBER.to_owned());
        submission.business_name = Some(BUSINESS.to_owned());
        submission.party_size = Some(4);
        let request = CallRequest::new(submission, TIMEZONE.to_owned());
        let key = uuid::Uuid::new_v4().to_string();
        let call = calls_create(&self.configuration, request, Some(&key)).await?;
        Ok(call.call_id.to_string())
    }

    async fn read(&self, id: &str) -> Result<String, Failure> {
        Ok(calls_get(&self.configuration, id)
            .await?
            .call_id
            .to_string())
    }

    async fn walk(&self, seen: &mut Ids) -> Result<(), Failure> {
        loop {
            let offset = i32::try_from(seen.len())?;
            let list = calls_list(&self.configuration, Some(PAGE.into()), Some(offset)).await?;
            let came = check(&list, seen)?;
            let total = list.total.map(usize::try_from).transpose()?;
            if came == 0 || total.is_some_and(|total| seen.len() >= total) {
                return Ok(());
            }
        }
    }

    async fn whole(&self, seen: &mut Ids) -> Result<(), Failure> {
        check(&calls_list(&self.configuration, None, None).await?, seen)?;
        Ok(())
    }
}

fn main() -> Result<(), Failure> {
    harness::run::<Generated>()
}
