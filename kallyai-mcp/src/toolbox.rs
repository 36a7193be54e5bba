//! From options to tools with a policy.

use kallyai_sdk::Client;
use kallyai_sdk::tools::{Policy, SessionFile, Tools};

use crate::error::Error;
use crate::options::Options;

/// The tools that were chosen, behind the policy that was chosen.
pub(crate) fn tools(options: &Options, client: Client) -> Result<Tools, Error> {
    let mut builder = Tools::builder(client)
        .policy(policy(options))
        .domains(&options.domains)
        .tools(&options.tools)
        .without(&options.exclude_tools);
    if options.all {
        builder = builder.all();
    }
    builder.build().map_err(|error| Error::options(&error))
}

fn policy(options: &Options) -> Policy {
    let mut policy = Policy::new();
    if options.read_only {
        policy = policy.read_only();
    }
    if let Some(credits) = &options.credits {
        policy = policy.credits(credits.clone());
    }
    if let Some(calls) = options.calls_per_hour {
        policy = policy.calls_per_hour(calls);
    }
    if !options.countries.is_empty() {
        policy = policy.countries(options.countries.iter().copied());
    }
    if !options.numbers.is_empty() {
        policy = policy.numbers(options.numbers.iter().copied());
    }
    if options.refuse_premium_rate {
        policy = policy.refuse_premium_rate();
    }
    if let Some(path) = &options.session_file {
        policy = policy.session_file(SessionFile::at(path));
    }
    if options.allow_unbounded {
        policy = policy.allow_unbounded();
    }
    if options.no_confirmation {
        policy = policy.without_confirmation();
    }
    policy
}
