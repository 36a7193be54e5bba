//! The pages that a browser is shown. They are constants: nothing of a request stands in them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;

/// Takes the tokens out of the address bar and the history.
macro_rules! script {
    () => {
        r#"history.replaceState(null,"",location.pathname)"#
    };
}

macro_rules! style {
    () => {
        "\
:root{color-scheme:light dark}\
body{margin:0;min-height:100vh;display:grid;place-items:center;\
font:1rem/1.5 system-ui,sans-serif;background:light-dark(#f4f4f6,#16161a);color:light-dark(#1c1c21,#ececf1)}\
main{max-width:26rem;margin:1rem;padding:2rem;border-radius:.75rem;\
background:light-dark(#fff,#222228);box-shadow:0 1px 12px light-dark(#0002,#0008)}\
h1{margin:0 0 .5rem;font-size:1.35rem}p{margin:0}"
    };
}

macro_rules! page {
    ($title:literal, $text:literal) => {
        concat!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
            "<script>",
            script!(),
            "</script><style>",
            style!(),
            "</style><title>",
            $title,
            "</title></head><body><main><h1>",
            $title,
            "</h1><p>",
            $text,
            "</p></main></body></html>\n"
        )
    };
}

const DONE: &str = page!(
    "Back to the program",
    "It goes on there. You can close this window."
);
const REFUSED: &str = page!(
    "You are not signed in",
    "The sign-in was refused. You can close this window; the program that asked knows."
);
const NOT_THIS: &str = page!(
    "Nothing to see here",
    "This address waits for the end of a sign-in, and this was not it. If you were signing in, \
     open the link that the program shows once more."
);

/// Which page, and with which status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Done,
    Refused,
    /// 400: the path is right, the query is not.
    NotThis,
    /// 404
    NotHere,
    /// 405
    NotSo,
    /// 421
    NotYou,
}

/// The hashes are those of the script and the style, which a test proves.
const POLICY: &str = "default-src 'none'; \
    script-src 'sha256-8A+3er73YJf04rRHGhbZwZQACPiiipi9EPduIeAAIDk='; \
    style-src 'sha256-PeGVTMdbAfNYRGFOrkjOzoAYC94slw47I/CQePWEHi4='; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

impl Page {
    fn status(self) -> StatusCode {
        match self {
            Self::Done | Self::Refused => StatusCode::OK,
            Self::NotThis => StatusCode::BAD_REQUEST,
            Self::NotHere => StatusCode::NOT_FOUND,
            Self::NotSo => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotYou => StatusCode::MISDIRECTED_REQUEST,
        }
    }

    fn html(self) -> &'static str {
        match self {
            Self::Done => DONE,
            Self::Refused => REFUSED,
            _ => NOT_THIS,
        }
    }

    pub(super) fn response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::from_static(self.html().as_bytes())));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self == Self::NotSo {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_what_is_in_the_pages() {
        for (directive, text) in [("script-src", script!()), ("style-src", style!())] {
            let hash = STANDARD.encode(Sha256::digest(text));
            let allowed = format!("{directive} 'sha256-{hash}'; ");
            assert!(POLICY.contains(&allowed), "{allowed}");
        }
        for page in [DONE, REFUSED, NOT_THIS] {
            assert_eq!(page.matches("<script>").count(), 1);
            assert_eq!(page.matches("<style>").count(), 1);
            assert!(page.contains(concat!("<script>", script!(), "</script>")));
            assert!(page.contains(concat!("<style>", style!(), "</style>")));
        }
    }
}
