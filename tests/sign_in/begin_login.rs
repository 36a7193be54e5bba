//! Begins two sign-ins at a sandbox that approves by itself, one after the other, and prints as JSON lines
//! where to go and what came of it: the other half of `browser.py`.

#![allow(clippy::unwrap_used)]

use kallyai_sandbox::Sandbox;
use kallyai_sdk::auth::CliLogin;
use serde_json::json;

#[tokio::main]
async fn main() {
    let sandbox = Sandbox::builder().auto_approve(true).start().await.unwrap();
    for _ in 0..2 {
        let login = CliLogin::new()
            .base_url(sandbox.base_url())
            .path("/callback");
        let pending = login.begin().await.unwrap();
        println!(
            "{}",
            json!({"url": pending.url(), "redirect_uri": pending.redirect_uri()})
        );
        let outcome = pending.wait().await;
        let code = outcome
            .as_ref()
            .err()
            .map(|error| error.code().unwrap().as_str().to_owned());
        println!("{}", json!({"signed_in": outcome.is_ok(), "code": code}));
    }
}
