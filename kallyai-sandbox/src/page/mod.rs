//! The page that shows the world. It is one document: style and script stand in it, and its policy names
//! them by their hashes, so that nothing else is run, whatever somebody says on the phone.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::control::respond;
use crate::wire::Answer;

const DOCUMENT: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

static PAGE: LazyLock<String> = LazyLock::new(|| {
    DOCUMENT
        .replacen("/* page.css */", STYLE, 1)
        .replacen("/* page.js */", SCRIPT, 1)
});

static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        source(SCRIPT),
        source(STYLE)
    )
});

/// As a policy names what stands in the document.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

pub(crate) async fn page() -> Response<Body> {
    let answer = Answer::text("text/html; charset=utf-8", PAGE.as_str())
        .with_header("content-security-policy", POLICY.as_str())
        .with_header("x-content-type-options", "nosniff")
        // With no-referrer its requests would say that they come from nowhere.
        .with_header("referrer-policy", "same-origin");
    respond(&answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_stand_in_the_document_as_they_were_hashed() {
        assert!(PAGE.contains(&format!("<style>{STYLE}</style>")));
        assert!(PAGE.contains(&format!("<script type=\"module\">{SCRIPT}</script>")));
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
    }

    #[test]
    fn nothing_is_put_in_as_markup_and_nothing_comes_from_elsewhere() {
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "createContextualFragment",
            "setHTML",
            "eval(",
        ] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
        let name_of_svg = "http://www.w3.org/2000/svg";
        let rest = PAGE.replace(name_of_svg, "");
        assert!(!rest.contains("://") && !rest.contains("=\"//"));
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import"));
        let handler = |word: &str| word.starts_with("on") && word.contains('=');
        assert!(!DOCUMENT.split_whitespace().any(handler));
    }
}
