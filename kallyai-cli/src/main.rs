//! The command `kallyai`.

mod output;
mod run;
mod setup;
mod surface;

use std::ffi::OsString;
use std::io::Write;

use output::{ErrorShown, Exit, Output, Surroundings, Wishes};
use run::{Failure, Session};
use surface::{Invocation, Machine, Options, Refusal};

fn main() -> Exit {
    let around = Surroundings::of_process();
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // For what fails before the command line is understood.
    let early = Output::early(&arguments, around);
    match surface::parse(arguments, Machine::this()) {
        Ok(invocation) => begin(invocation, around, &early),
        Err(Refusal::Shown(text)) => {
            let written = write!(anstream::stdout(), "{}", text.ansi());
            written.map_or_else(|why| early.unprinted(&why.into()), |()| Exit::Done)
        }
        Err(Refusal::Incomplete(text)) => {
            // There is nowhere else to say it.
            let _ = write!(anstream::stderr(), "{}", text.ansi());
            Exit::Usage
        }
        Err(Refusal::Usage(usage)) => {
            let mut shown = ErrorShown::new("usage", usage.message);
            shown.hint = usage.hint;
            early.error(&shown);
            Exit::Usage
        }
    }
}

fn begin(invocation: Invocation, around: Surroundings, early: &Output) -> Exit {
    let output = match Output::decide(&wishes(&invocation.options), around) {
        Ok(output) => output,
        Err(shown) => {
            early.error(&shown);
            return Exit::Usage;
        }
    };
    let session = Session::new(invocation.options.clone(), output);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => {
            let ended = runtime.block_on(run::run(invocation, &session));
            // New tokens that are under way were paid for with the old ones.
            kallyai_sdk::auth::finish_refreshes();
            // A thread may still read stdin.
            runtime.shutdown_background();
            ended
        }
        Err(error) => Err(Failure::other(
            "runtime",
            format!("there is no runtime: {error}"),
            "see whether this user may open more files",
        )),
    };
    ended.unwrap_or_else(|failure| failure.tell(&session.output))
}

fn wishes(options: &Options) -> Wishes {
    Wishes {
        json: options.json,
        human: options.human,
        plain: options.plain,
        jq: options.jq.clone(),
    }
}
