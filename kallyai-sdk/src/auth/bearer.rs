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
