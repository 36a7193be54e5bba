//! The one place where a token becomes a header.

use http::HeaderValue;

use crate::error::Error;

/// The longest token that is taken, in bytes.
pub(crate) const MAX_TOKEN: usize = 16 * 1024;

/// Why a text cannot be a token, without repeating it.
pub(crate) fn check_token(token: &str) -> Result<(), &'static str> {
    if token.is_empty() {
        Err("it is empty")
    } else if token.len() > MAX_TOKEN {
        Err("it is longer than 16 KiB")
    } else if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        Err("it has a space, a control character or a letter outside ASCII")
    } else {
        Ok(())
    }
}

/// The value of the Authorization header, marked sensitive.
pub(crate) fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let refuse = |why: &str| Error::invalid_input("access_token", why);
    check_token(token).map_err(refuse)?;
    let mut header = HeaderValue::from_str(&format!("Bearer {token}"))
        .map_err(|_| refuse("it cannot be sent in a header"))?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_19_the_token_is_in_the_header_only_and_marked_sensitive() {
        let header = bearer("hunter2").unwrap();
        assert!(header.is_sensitive());
        assert_eq!(header.to_str().unwrap(), "Bearer hunter2");
        let address = "http://127.0.0.1/v1/calls".parse().unwrap();
        let mut request = reqwest::Request::new(http::Method::GET, address);
        request
            .headers_mut()
            .insert(http::header::AUTHORIZATION, header);
        let shown = format!("{request:?} {:?}", request.headers());
        assert!(
            shown.contains("Sensitive") && !shown.contains("hunter2"),
            "{shown}"
        );
    }

    #[test]
    fn what_cannot_be_a_token_is_not_repeated() {
        for text in [
            "",
            "hunter2 ",
            "hunter2\n",
            "hunt\u{e9}r2",
            &"h".repeat(MAX_TOKEN + 1),
        ] {
            let error = bearer(text).unwrap_err();
            assert!(error.is_invalid_input());
            assert!(!format!("{error} {error:?}").contains("hunt"), "{error}");
        }
    }
}
