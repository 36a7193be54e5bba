//! Command lines: an argument a line.

use std::ffi::OsString;

use crate::digits::runs;
use crate::surface::{Asked, Invocation, Machine, Refusal, parse};

const LONDON: Machine = Machine {
    locale: || Some("en-GB".to_owned()),
    time_zone: || Some("Europe/London".to_owned()),
};

/// What messages and hints say of numbers.
const EXAMPLES: [&str; 2] = ["+12025550199", "+13105550147"];

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let arguments: Vec<OsString> = input
        .split(|byte| *byte == b'\n')
        .take(40)
        .map(argument)
        .collect();
    match parse(arguments.clone(), LONDON) {
        Ok(invocation) => understood(&invocation),
        Err(Refusal::Usage(usage)) => {
            let shown = format!("{}\n{}", usage.message, usage.hint.unwrap_or_default());
            let shown = EXAMPLES
                .iter()
                .fold(shown, |shown, example| shown.replace(example, ""));
            assert!(!shown.trim().is_empty());
            for argument in &arguments {
                let Some(text) = argument.to_str() else {
                    continue;
                };
                for run in runs(text, 5) {
                    assert!(!shown.contains(run), "{run}: {shown}");
                }
                // The value of a flag, and what has blanks in it, is somebody's.
                let value = text.split_once('=').map_or(text, |(_, value)| value);
                let private =
                    value.len() > 8 && value.contains(' ') && value.contains(char::is_uppercase);
                assert!(!(private && shown.contains(value)), "{value}: {shown}");
            }
        }
        Err(Refusal::Shown(text) | Refusal::Incomplete(text)) => {
            assert!(!text.to_string().trim().is_empty());
        }
    }
}

/// What was understood is one operation with arguments, and a log of it shows none of them.
fn understood(invocation: &Invocation) {
    let (Asked::Operation(wanted)
    | Asked::Call { wanted, .. }
    | Asked::Credentials(wanted)
    | Asked::Portal(wanted)) = &invocation.asked
    else {
        return;
    };
    let shown = format!("{wanted:?}");
    for value in wanted.arguments.values() {
        for run in runs(&value.to_string(), 7) {
            assert!(!shown.contains(run), "{shown}");
        }
    }
}

#[cfg(unix)]
fn argument(bytes: &[u8]) -> OsString {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn argument(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}
