//! A redirect address that somebody has copied out of a browser: where the browser runs on another
//! machine, the callback goes nowhere, but its address stands in the address bar.

use url::Url;

use super::callback::{By, Gate, Ignored};
use crate::error::Error;
use crate::types::SecretText;

/// The longest text that is looked at, in bytes.
pub(super) const LONGEST: usize = 64 * 1024;

/// Takes a pasted address as a callback. The errors never repeat it: it can hold tokens.
pub(super) fn take(gate: &Gate, redirect_uri: &str, text: &str) -> Result<(), Error> {
    let refuse = |why: String| Err(Error::invalid_input("the pasted address", why));
    let Some(query) = query(redirect_uri, text) else {
        return refuse(format!(
            "not the one that the browser ends at; paste the whole of it, from {redirect_uri} to its end"
        ));
    };
    match gate.take(query.expose(), By::Paste) {
        Ok(_) => Ok(()),
        Err(Ignored::State) => refuse(
            "it belongs to another sign-in; open the link of this one, and paste what it ends at"
                .to_owned(),
        ),
        Err(Ignored::Repeated | Ignored::Unusable) => {
            refuse("it is not complete; paste the whole of it, or open the link again".to_owned())
        }
        Err(Ignored::Over) => refuse("the sign-in has ended already".to_owned()),
    }
}

/// The query of the text, if it is the redirect address with one.
fn query(redirect_uri: &str, text: &str) -> Option<SecretText> {
    if text.len() > LONGEST {
        return None;
    }
    let text = plain(text);
    let text = text.trim_matches(|c: char| c.is_whitespace() || "\"'<>".contains(c));
    // Some browsers copy the address as they show it.
    let whole = if text.starts_with("127.0.0.1") {
        format!("http://{text}")
    } else {
        text.to_owned()
    };
    let (pasted, expected) = (Url::parse(&whole).ok()?, Url::parse(redirect_uri).ok()?);
    let same = pasted.origin() == expected.origin()
        && pasted.path().trim_end_matches('/') == expected.path().trim_end_matches('/')
        && pasted.username().is_empty()
        && pasted.password().is_none();
    pasted.query().filter(|_| same).map(SecretText::from)
}

/// The text without control characters and the sequences that a terminal acts upon, or puts around what
/// is pasted.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character == '\u{1b}' {
            let after = rest.as_str();
            // CSI: parameters up to a final letter or tilde.
            if let Some(sequence) = after.strip_prefix('[') {
                let end = sequence.find(|c: char| ('@'..='~').contains(&c));
                let end = end.map_or(sequence.len(), |end| end + 1);
                rest = sequence.get(end..).unwrap_or_default().chars();
            }
        } else if !character.is_control() {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::cli_login::callback::Wanted;

    #[test]
    fn what_people_paste() {
        let query = "state=right&access_token=a";
        for (redirect_uri, text) in [
            (
                "http://127.0.0.1:8740",
                format!("http://127.0.0.1:8740/?{query}"),
            ),
            (
                "http://127.0.0.1:8740",
                format!("http://127.0.0.1:8740?{query}"),
            ),
            ("http://127.0.0.1:8740", format!("127.0.0.1:8740/?{query}")),
            ("http://127.0.0.1:80", format!("http://127.0.0.1/?{query}")),
            (
                "http://127.0.0.1:1/cb",
                format!("http://127.0.0.1:1/cb?{query}"),
            ),
            (
                "http://127.0.0.1:1/cb",
                format!("http://127.0.0.1:1/cb/?{query}#top"),
            ),
            (
                "http://127.0.0.1:1",
                format!("  \"http://127.0.0.1:1/?{query}\"\r\n"),
            ),
            (
                "http://127.0.0.1:1",
                format!("\u{1b}[200~http://127.0.0.1:1/?{query}\u{1b}[201~\n"),
            ),
        ] {
            let gate = Gate::new("right".into(), Wanted::Tokens);
            take(&gate, redirect_uri, &text).unwrap();
            assert!(gate.outcome().is_some(), "{text:?}");
        }
    }

    #[test]
    fn what_is_not_taken_is_not_repeated() {
        let gate = Gate::new("right".into(), Wanted::Tokens);
        let long = format!("http://127.0.0.1:1/?x={}", "x".repeat(LONGEST));
        for (text, why) in [
            ("", "the whole of it"),
            ("hunter2", "the whole of it"),
            ("http://127.0.0.1:1/", "the whole of it"),
            (long.as_str(), "the whole of it"),
            (
                "http://127.0.0.1:2/?state=right&access_token=hunter2",
                "the whole of it",
            ),
            (
                "https://127.0.0.1:1/?state=right&access_token=hunter2",
                "the whole of it",
            ),
            (
                "http://127.0.0.1:1/x?state=right&access_token=hunter2",
                "the whole of it",
            ),
            (
                "http://x@127.0.0.1:1/?state=right&access_token=hunter2",
                "the whole of it",
            ),
            (
                "http://evil.example/?state=right&access_token=hunter2",
                "the whole of it",
            ),
            (
                "http://127.0.0.1:1/?state=wrong&access_token=hunter2",
                "another sign-in",
            ),
            (
                "http://127.0.0.1:1/?state=right&access_token=",
                "not complete",
            ),
        ] {
            let error = take(&gate, "http://127.0.0.1:1", text).unwrap_err();
            assert!(error.is_invalid_input());
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(why), "{text}: {shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(gate.outcome().is_none());
        }
    }

    #[test]
    fn plain_text() {
        for (text, shown) in [
            ("a\u{1b}[31mb\u{7}\u{9b}c\n", "abc"),
            ("\u{1b}]0;title\u{7}x\u{1b}[", "]0;titlex"),
            ("no control", "no control"),
        ] {
            assert_eq!(plain(text), shown);
        }
    }
}
