//! The program: reads the options, and serves.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use kallyai_mcp::Options;

/// An MCP server that lets an agent phone people, with a policy in between.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

/// How long the end waits for what is still running.
const GRACE: Duration = Duration::from_millis(300);

fn main() -> ExitCode {
    let options = Arguments::parse().options;
    let ended = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => {
            let ended = runtime.block_on(kallyai_mcp::run(options));
            // A thread may still read stdin.
            runtime.shutdown_timeout(GRACE);
            ended.map_err(|error| error.to_string())
        }
        Err(error) => Err(format!("there is no runtime: {error}")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Stdout is the protocol's.
            eprintln!("kallyai-mcp: {error}");
            ExitCode::FAILURE
        }
    }
}
