//! JSON as it came: told from other text, and laid out anew without being read into anything.
//!
//! Reading and writing again would change it: the order of names, the digits of numbers, the escapes of texts.
//! Moving the white space between tokens changes nothing.

use std::fmt::Write as _;

use serde::de::IgnoredAny;

use super::clean;

/// The document, if it is one, without white space around it.
pub(crate) fn document(body: &[u8]) -> Option<&str> {
    serde_json::from_slice::<IgnoredAny>(body).ok()?;
    let text = std::str::from_utf8(body).ok()?;
    Some(text.trim_matches([' ', '\t', '\r', '\n']))
}

/// A text as a document.
pub(crate) fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One line.
pub(crate) fn compact(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for token in Tokens::of(document) {
        out.push_str(token);
    }
    out
}

/// A line for each value, indented by two; what could steer a terminal is written as an escape.
pub(crate) fn pretty(document: &str) -> String {
    let mut out = String::with_capacity(document.len() * 2);
    let mut depth = 0_usize;
    let mut tokens = Tokens::of(document).peekable();
    while let Some(token) = tokens.next() {
        match token {
            "{" | "[" => {
                out.push_str(token);
                if let Some(end) = tokens.next_if(|next| matches!(*next, "}" | "]")) {
                    out.push_str(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            "}" | "]" => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push_str(token);
            }
            "," => {
                out.push(',');
                line(&mut out, depth);
            }
            ":" => out.push_str(": "),
            other => escape(&mut out, other),
        }
    }
    out
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// The same document, in which what could steer a terminal is written as an escape.
pub(crate) fn escaped(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    escape(&mut out, document);
    out
}

fn escape(out: &mut String, token: &str) {
    for c in token.chars() {
        if clean::is_dangerous(c) {
            // Writing to a string does not fail, and all of these are one unit of UTF-16.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
}

/// The tokens of a valid document.
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(document: &'a str) -> Self {
        Self { rest: document }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let length = match rest.bytes().next()? {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => 1,
            b'"' => end_of_text(rest),
            _ => rest
                .find(|c: char| matches!(c, ',' | ':' | '}' | ']') || c.is_ascii_whitespace())
                .unwrap_or(rest.len()),
        };
        let (token, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(token)
    }
}

/// Where the text ends that the rest begins with.
fn end_of_text(rest: &str) -> usize {
    let mut escape = false;
    for (at, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escape => escape = false,
            b'\\' => escape = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: &str = "{\"z\" : 1.50, \"a\":[ ],\"t\":\"a\\\"b, {c}: [\\\\\",\r\n \"big\":123456789012345678901234567890 ,\"o\":{},\"l\":[1,\ttrue, null]}";

    #[test]
    fn only_json_is_a_document() {
        assert_eq!(document(b" {\"a\": 1}\r\n"), Some("{\"a\": 1}"));
        assert_eq!(document(b"7"), Some("7"));
        for body in [&b""[..], b"done", b"{", b"{} {}", b"\"\xff\""] {
            assert_eq!(document(body), None, "{body:?}");
        }
    }

    #[test]
    fn compact_takes_only_the_space_between_tokens() {
        assert_eq!(
            compact(ODD),
            "{\"z\":1.50,\"a\":[],\"t\":\"a\\\"b, {c}: [\\\\\",\"big\":123456789012345678901234567890,\"o\":{},\"l\":[1,true,null]}"
        );
    }

    #[test]
    fn pretty_keeps_names_order_and_digits() {
        let expected = r#"{
  "z": 1.50,
  "a": [],
  "t": "a\"b, {c}: [\\",
  "big": 123456789012345678901234567890,
  "o": {},
  "l": [
    1,
    true,
    null
  ]
}"#;
        assert_eq!(pretty(ODD), expected);
        assert_eq!(compact(&pretty(ODD)), compact(ODD));
    }

    #[test]
    fn pretty_escapes_what_steers_a_terminal() {
        let shown = pretty("\"a\u{9b}2J\u{7f}\u{202e}é🦀\"");
        assert_eq!(shown, "\"a\\u009b2J\\u007f\\u202eé🦀\"");
    }

    #[test]
    fn any_depth() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(document(deep.as_bytes()), Some(deep.as_str()));
        assert_eq!(compact(&deep), deep);
    }
}
