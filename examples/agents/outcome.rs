//! What has become of it, in lines that a script compares.

use std::error::Error;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::phone::Region;
use kallyai_sdk::tools::{Policy, Tools};

use crate::scripted_model::ScriptedModel;

/// The library's reqwest leaves the cryptography of TLS to the program, and the frameworks share that reqwest. With
/// their own features for TLS this is not needed.
pub fn choose_cryptography() {
    // It fails when there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The tools of an agent that may phone two times an hour, in the United States, for 5 credits.
pub fn tools(sandbox: &Sandbox) -> Result<Tools, Box<dyn Error>> {
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()?;
    let policy = Policy::new()
        .credits("5".parse()?)
        .calls_per_hour(2)
        .countries([Region::US])
        // The bounds alone decide; `.confirm(..)` asks the user.
        .without_confirmation();
    Ok(Tools::builder(kally).policy(policy).build()?)
}

/// Prints what the model was told, and what was dialled.
pub fn print(sandbox: &Sandbox, model: &ScriptedModel, said: &str) {
    println!("Tools       {}", model.tools());
    for answer in model.answers() {
        let kind = if answer.contains("in no country that may be reached") {
            "refused"
        } else if answer.contains("success") {
            "success"
        } else {
            &answer
        };
        println!("Told        {kind}");
    }
    println!("Agent       {said}");
    println!("Dialled     {} time(s)", sandbox.dialled().len());
}
