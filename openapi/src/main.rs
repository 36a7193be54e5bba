//! Prints the merged document, and what is wrong with it.

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use kallyai_openapi::{Problem, Spec};

/// The OpenAPI document of the KallyAI API.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Subcommand)]
enum Command {
    /// Print the whole API as one OpenAPI 3.0.3 document.
    Bundle {
        /// How to write it.
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
    /// List the mistakes in the spec, with file and line.
    Lint,
    /// Print the index of operations as JSON.
    Index,
    /// Print every operation as a tool of an agent, as JSON.
    Tools,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Json,
    Yaml,
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            for problem in &problems {
                eprintln!("{problem}");
            }
            eprintln!("error: {} mistakes in the spec", problems.len());
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Vec<Problem>> {
    let spec = Spec::load()?;
    let text = match command {
        Command::Lint => {
            let problems = spec.lint();
            if !problems.is_empty() {
                return Err(problems);
            }
            format!("{} operations, no mistakes", spec.operations().len())
        }
        Command::Bundle {
            format: Format::Json,
        } => format!("{:#}", spec.document()),
        Command::Bundle {
            format: Format::Yaml,
        } => kallyai_openapi::to_yaml(spec.document()),
        Command::Index => serde_json::to_string_pretty(&spec.operations())
            .unwrap_or_else(|error| error.to_string()),
        Command::Tools => {
            serde_json::to_string_pretty(&spec.tools()).unwrap_or_else(|error| error.to_string())
        }
    };
    // A closed pipe (`| head`) is no failure.
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(())
}
