//! The command `kallyai`.

mod output;
mod surface;

use std::io::Write;
use std::process::ExitCode;

use surface::{Asked, Invocation};

fn main() -> ExitCode {
    let asked = surface::parse(std::env::args_os().skip(1), surface::Machine::this());
    match asked {
        Ok(Invocation {
            asked: Asked::Completions(asked),
            ..
        }) => ended(surface::completions(asked.shell, &mut std::io::stdout())),
        Ok(Invocation {
            asked: Asked::Man(asked),
            ..
        }) => ended(match asked.dir {
            Some(directory) => surface::manual_pages(&directory),
            None => surface::manual(&mut std::io::stdout()),
        }),
        Ok(invocation) => {
            // What is asked for is not done yet.
            let _ = writeln!(anstream::stderr(), "{invocation:?}");
            ExitCode::FAILURE
        }
        Err(surface::Refusal::Shown(text)) => {
            let _ = write!(anstream::stdout(), "{}", text.ansi());
            ExitCode::SUCCESS
        }
        Err(surface::Refusal::Incomplete(text)) => {
            let _ = write!(anstream::stderr(), "{}", text.ansi());
            ExitCode::from(2)
        }
        Err(surface::Refusal::Usage(usage)) => {
            let _ = writeln!(anstream::stderr(), "error: {usage}");
            if let Some(hint) = &usage.hint {
                let _ = writeln!(anstream::stderr(), "hint: {hint}");
            }
            ExitCode::from(2)
        }
    }
}

fn ended(result: std::io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
