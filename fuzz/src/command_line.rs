//! Command lines: an argument a line. A byte 1 is a task, 2 a name, 3 a phone number.

use std::ffi::OsString;

use crate::digits::runs;
use crate::surface::{Asked, Invocation, Machine, Refusal, parse};

const LONDON: Machine = Machine {
    locale: || Some("en-GB".to_owned()),
    time_zone: || Some("Europe/London".to_owned()),
};

const TASK: &str = "Tell Ada that the biopsy is fine";
const NAME: &str = "Zq9Hunter";
const NUMBER: &str = "+442079460123";

/// What messages and hints say of numbers.
const EXAMPLES: [&str; 2] = ["+12025550199", "+13105550147"];

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let mut planted = Vec::with_capacity(input.len());
    for byte in input {
        match byte {
            1 => planted.extend_from_slice(TASK.as_bytes()),
            2 => planted.extend_from_slice(NAME.as_bytes()),
            3 => planted.extend_from_slice(NUMBER.as_bytes()),
            other => planted.push(*other),
        }
    }
    let arguments: Vec<OsString> = planted
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
            }
            for secret in [TASK, NAME] {
                assert!(!shown.contains(secret), "{shown}");
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
