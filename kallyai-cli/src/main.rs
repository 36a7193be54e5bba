//! The command `kallyai`.

mod output;
mod surface;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let asked = surface::parse(std::env::args_os().skip(1), surface::Machine::this());
    match asked {
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
