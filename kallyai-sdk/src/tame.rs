//! Makes JSON of what is hardly JSON.
//!
//! Some encoders write NaN and Infinity, numbers beyond all measure, half of a surrogate pair, bytes
//! that are no UTF-8, a byte order mark, or nest deeper than anybody reads. None of that shall cost
//! the rest of an answer.

/// How deep values may nest; serde_json stops at 128.
const DEEPEST: usize = 100;

/// The body as JSON that can be parsed, where that is possible: odd numbers in quotes, odd characters
/// replaced, what nests too deep as null. One pass.
pub(crate) fn tame(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut out = String::with_capacity(rest.len() + 16);
    let mut depth = 0_usize;
    while let Some(first) = rest.chars().next() {
        let piece = match first {
            '"' => string(rest),
            '-' | '+' | '.' | '0'..='9' | 'A'..='Z' | 'a'..='z' => word(rest),
            _ => rest.get(..first.len_utf8()).unwrap_or(rest),
        };
        rest = rest.get(piece.len()..).unwrap_or_default();
        let was_deep = depth > DEEPEST;
        match first {
            '[' | '{' => {
                depth += 1;
                if depth == DEEPEST + 1 {
                    out.push_str("null");
                }
            }
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if was_deep || depth > DEEPEST {
            continue;
        }
        match first {
            '"' => push_string(&mut out, piece),
            '-' | '+' | '.' | '0'..='9' | 'A'..='Z' | 'a'..='z' => push_word(&mut out, piece),
            _ => out.push_str(piece),
        }
    }
    out
}

/// A string with its quotes, or what there is of it.
fn string(text: &str) -> &str {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return text.get(..=at).unwrap_or(text),
            _ => {}
        }
    }
    text
}

/// A number, `true`, `null`, or something that wants to be one.
fn word(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.')))
        .unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// Numbers that no `f64` can hold, and words that are no JSON, become strings.
fn push_word(out: &mut String, word: &str) {
    let fine = match word {
        "true" | "false" | "null" => true,
        _ => word.parse::<f64>().is_ok_and(f64::is_finite),
    };
    if fine {
        out.push_str(word);
    } else {
        out.push('"');
        out.push_str(word);
        out.push('"');
    }
}

/// Halves of surrogate pairs are replaced.
fn push_string(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let length = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push('\u{fffd}');
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            (Some(_), _) => 6,
            // Any other escape: the backslash and the character behind it.
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = escape.split_at(length);
        out.push_str(escape);
        rest = after;
    }
    out.push_str(rest);
}

/// The code unit of `\uXXXX` at the start.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_as_it_is() {
        for json in [
            "",
            r#"{"a": [1, -2.5e3, true, false, null, "x\"\\\n\u00e9\ud83d\ude00"], "b": {}}"#,
            "\"unfinished",
            "\"\\",
        ] {
            assert_eq!(tame(json.as_bytes()), json);
        }
    }

    #[test]
    fn what_is_odd_is_quoted_or_replaced() {
        for (odd, expected) in [
            (
                "[NaN, -Infinity, 1e400]",
                r#"["NaN", "-Infinity", "1e400"]"#,
            ),
            (
                r#""\ud800 \udc00 \ud800\u0041""#,
                "\"\u{fffd} \u{fffd} \u{fffd}\\u0041\"",
            ),
        ] {
            assert_eq!(tame(odd.as_bytes()), expected);
        }
        assert_eq!(tame(b"\xef\xbb\xbf{}"), "{}");
        assert_eq!(tame(b"\"\xff\""), "\"\u{fffd}\"");
    }

    #[test]
    fn deep_values_are_null() {
        let deep = format!("[{}1{}, 2]", "[".repeat(5000), "]".repeat(5000));
        let value: serde_json::Value = serde_json::from_str(&tame(deep.as_bytes())).unwrap();
        assert_eq!(value[1], 2);
        // Unfinished, it stays unfinished, and does not take long.
        assert!(serde_json::from_str::<serde_json::Value>(&tame(&vec![b'['; 1_000_000])).is_err());
    }
}
