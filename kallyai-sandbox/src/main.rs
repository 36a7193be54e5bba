//! The sandbox for programs in any language.

use std::process::ExitCode;

use clap::Parser;
use kallyai_sandbox::Options;

/// The KallyAI API on loopback, without an account.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Arguments::parse().options;
    // The log has said why.
    match kallyai_sandbox::run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
