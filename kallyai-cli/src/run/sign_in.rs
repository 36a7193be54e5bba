//! Signing in, signing out, and saying which it is.

use kallyai_sdk::Client;
use kallyai_sdk::auth::{CliLogin, TokenStore};
use serde_json::json;

use super::{Failure, Session, dry_run};
use crate::output::{Exit, Format, Hints, Output};
use crate::surface::own::Login;

/// Signs in, whoever is signed in already.
pub(crate) async fn login(session: &Session, wanted: &Login) -> Result<Exit, Failure> {
    dry_run::refuse(session)?;
    let environment = session.settings()?.environment()?;
    // Before anybody signs in for nothing.
    let Some(store) = environment.token_store()? else {
        return Err(Failure::usage(
            "another service than KallyAI's own needs an account of its own",
            "name one with --profile NAME, or a file with --token-file PATH",
        ));
    };
    let mut login = CliLogin::new()
        .base_url(environment.base_url())
        .port(wanted.port.unwrap_or(0));
    if let Some(id) = environment.client_id() {
        login = login.client_id(id);
    }
    if wanted.no_browser {
        login = login.no_browser();
    }
    let tokens = login.run().await?;
    store.save(&tokens)?;
    if environment.has_access_token() {
        session
            .output
            .warning("KALLYAI_ACCESS_TOKEN is set, and counts before this sign-in");
    }
    say(session, true)
}

/// Deletes the saved tokens.
pub(crate) fn logout(session: &Session) -> Result<Exit, Failure> {
    dry_run::refuse(session)?;
    let environment = session.settings()?.environment()?;
    if let Some(store) = environment.token_store()? {
        store.clear()?;
    }
    if environment.has_access_token() {
        session
            .output
            .warning("KALLYAI_ACCESS_TOKEN is set, and goes on being used");
    }
    say(session, false)
}

/// Whether there is a token that is good, refreshed if need be.
pub(crate) async fn status(session: &Session) -> Result<Exit, Failure> {
    dry_run::refuse(session)?;
    let environment = session.settings()?.environment()?;
    let base_url = environment.base_url().to_owned();
    let authenticated = match environment.credentials() {
        Err(error) if error.is_sign_in() => false,
        Err(error) => return Err(error.into()),
        Ok(credentials) => {
            // Binds them to the service, without which nothing is refreshed.
            let _client = Client::builder()
                .base_url(base_url)
                .credentials(credentials.clone())
                .build()?;
            match credentials.authorization_header().await {
                Ok(_) => true,
                Err(error) if error.is_sign_in() => false,
                Err(error) => return Err(error.into()),
            }
        }
    };
    say(session, authenticated)
}

fn say(session: &Session, authenticated: bool) -> Result<Exit, Failure> {
    if session.output.format() == Format::Human {
        let line = if authenticated {
            "signed in"
        } else {
            "not signed in; `kallyai login` signs in"
        };
        Output::lines(line)?;
    } else {
        let body = json!({ "authenticated": authenticated }).to_string();
        session.output.answer(&Hints::default(), body.as_bytes())?;
    }
    Ok(Exit::Done)
}
