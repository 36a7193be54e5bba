//! Phone numbers, as texts and in JSON.

use kallyai_sdk::phone::E164;

use crate::digits::runs;

/// What a hint says.
const EXAMPLE: &str = "+12025550199";

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    // Of longer ones the place of an odd character would itself look like a number.
    let Ok(text) = std::str::from_utf8(input.get(..900).unwrap_or(input)) else {
        return;
    };
    let json = serde_json::to_string(text).expect("a text is JSON");
    let read = serde_json::from_str::<E164>(&json);
    match text.parse::<E164>() {
        Ok(number) => {
            assert_eq!(number.as_str(), text);
            assert_eq!(number.to_string(), text);
            assert_eq!(number.as_str().parse(), Ok(number));
            assert_eq!(E164::try_from(text), Ok(number));
            assert_eq!(read.ok(), Some(number));
            assert_eq!(serde_json::to_string(&number).ok(), Some(json));
            let shown = format!("{number:?}");
            assert!(
                runs(&shown.replace("E164", ""), 3).next().is_none(),
                "{shown}"
            );
            assert!(text.starts_with('+') && text[1..].bytes().all(|b| b.is_ascii_digit()));
            assert!(text.len() <= 16);
        }
        Err(error) => {
            let refused = read.expect_err("refused as a text, taken in JSON");
            for shown in [
                error.to_string(),
                format!("{error:?}"),
                refused.to_string(),
                format!("{refused:?}"),
            ] {
                // Calling codes have three digits at most, and so have lengths and places.
                let shown = shown.replace(EXAMPLE, "");
                assert!(runs(&shown, 4).next().is_none(), "{shown}");
            }
        }
    }
    // JSON of any kind in the place of a number.
    if let Err(error) = serde_json::from_str::<E164>(text) {
        let shown = format!("{error} {error:?}").replace(EXAMPLE, "");
        assert!(runs(&shown, 4).next().is_none(), "{shown}");
    }
}
