//! Answers: the first byte says of which operation, the others are the body.

use kallyai_sdk::OPERATIONS;
use kallyai_sdk::fuzzing::decode;
use serde_json::Value;

use crate::digits::runs;

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let Some((first, body)) = input.split_first() else {
        return;
    };
    let index = usize::from(*first) % OPERATIONS.len();
    match decode(index, body) {
        None => {}
        Some(Ok(answer)) => {
            let text = answer.value.to_string();
            let again = decode(index, text.as_bytes()).expect("it has an answer");
            let again = again.expect("what was decoded decodes");
            assert!(!again.mended, "what was decoded decodes straight: {text}");
            // As a text a float can be another one: serde_json reads them to the last digit but one.
            let written: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!(again.value, written);
            if written == answer.value {
                assert_eq!(again.debug, answer.debug);
            }
        }
        Some(Err(error)) => {
            assert!(error.is_decode());
            // Whatever could be a number stays in the body.
            let body = String::from_utf8_lossy(body);
            let shown = format!("{error} {error:?}");
            for run in runs(&shown, 7) {
                assert!(!body.contains(run), "{shown}");
            }
        }
    }
}
