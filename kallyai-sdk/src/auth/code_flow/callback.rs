//! What the browser comes back with.

use std::borrow::Cow;

use subtle::ConstantTimeEq;
use url::{Url, form_urlencoded};

use crate::error::Error;
use crate::types::SecretText;

/// The codes of RFC 6749, section 4.1.2.1. Only these are printed: everything in a callback can come
/// from anybody.
const REFUSALS: &[(&str, &str)] = &[
    ("access_denied", "access was refused on the sign-in page"),
    (
        "invalid_request",
        "the service finds the sign-in request malformed",
    ),
    (
        "invalid_scope",
        "the service does not give one of the scopes that were asked for",
    ),
    (
        "server_error",
        "the service failed while the user signed in",
    ),
    (
        "temporarily_unavailable",
        "the service signs nobody in at the moment",
    ),
    (
        "unauthorized_client",
        "the service does not let this client id sign users in",
    ),
    (
        "unsupported_response_type",
        "the service does not give codes to this client id",
    ),
];

/// The parameters of a callback that mean something.
#[derive(Default)]
struct Parameters<'a> {
    state: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
}

/// The code of a callback that belongs to the sign-in with this state.
pub(super) fn code(callback: &str, state: &SecretText) -> Result<SecretText, Error> {
    let query = query(callback);
    let parameters = Parameters::read(&query)?;
    let Some(came) = parameters.state else {
        return Err(foreign("the callback has no state"));
    };
    if !bool::from(came.as_bytes().ct_eq(state.expose().as_bytes())) {
        return Err(foreign("the state of the callback is another one"));
    }
    if let Some(error) = parameters.error {
        return Err(refused(&error));
    }
    match parameters.code {
        Some(code) if !code.is_empty() => Ok(code.as_ref().into()),
        _ => Err(Error::sign_in("the callback has neither code nor error")
            .with_remedy("begin the sign-in again")),
    }
}

/// The query of an address, of a path with a query, or of what is a query already.
fn query(callback: &str) -> Cow<'_, str> {
    let callback = callback.trim();
    // No query is an address: its first `=` stands before any `:`.
    if let Ok(url) = Url::parse(callback) {
        return Cow::Owned(url.query().unwrap_or_default().to_owned());
    }
    let query = match callback.split_once('?') {
        Some((path, query)) if path.is_empty() || path.starts_with('/') => query,
        _ => callback,
    };
    Cow::Borrowed(query.split('#').next().unwrap_or_default())
}

impl<'a> Parameters<'a> {
    fn read(query: &'a str) -> Result<Self, Error> {
        let mut parameters = Self::default();
        // The address to come back to may have parameters of its own, and repeat them.
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut parameters.state,
                "code" => &mut parameters.code,
                "error" => &mut parameters.error,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(foreign("the callback repeats a parameter"));
            }
        }
        Ok(parameters)
    }
}

/// It was not made for this sign-in, or by somebody who wants to be mistaken for the service.
fn foreign(why: &str) -> Error {
    Error::sign_in(format!("{why}: it does not belong to this sign-in"))
        .with_remedy("wait for the real one, or begin the sign-in again")
}

fn refused(code: &str) -> Error {
    let known = REFUSALS.iter().find(|(known, _)| *known == code);
    let what = known.map_or("the service refused the sign-in", |(_, what)| what);
    Error::sign_in(what)
        .with_code(code)
        .with_remedy("begin the sign-in again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::WasSent;

    fn read(callback: &str) -> Result<String, Error> {
        code(callback, &"s".into()).map(|code| code.expose().to_owned())
    }

    #[test]
    fn queries_and_addresses() {
        for callback in [
            "code=a%3Fb&state=s",
            "?code=a%3Fb&state=s",
            "code=a?b&state=s",
            " state=s&code=a%3Fb&scope=x%20y\r\n",
            "/callback?code=a%3Fb&state=s#top",
            "https://app.example.com/callback?code=a%3Fb&state=s#top",
            "http://127.0.0.1:8740/?state=s&code=a%3Fb",
            "com.example.app:/back?state=s&code=a%3Fb",
            "state=s&code=a%3Fb&again=1&again=2",
        ] {
            assert_eq!(read(callback).unwrap(), "a?b", "{callback}");
        }
    }

    #[test]
    fn row_08_without_the_state_nothing_counts() {
        for callback in [
            "",
            "?",
            "nonsense",
            "https://app.example.com/",
            "code=c",
            "code=c&state=",
            "code=c&state=S",
            "code=c&state=ss",
            "code=c&state=%73%00",
            "error=access_denied",
            "error=access_denied&state=t",
            "code=c&state[]=s",
            "code=c#state=s",
        ] {
            let error = read(callback).unwrap_err();
            assert!(error.is_sign_in(), "{callback}");
            assert!(error.to_string().contains("does not belong"), "{error}");
            assert_eq!(error.was_sent(), WasSent::No);
            assert!(error.code().is_none(), "{callback}");
        }
    }

    #[test]
    fn row_13_nothing_is_repeated() {
        for callback in [
            "code=c&state=s&state=s",
            "code=c&state=s&state=t",
            "code=c&code=c&state=s",
            "code=c&state=s&c%6Fde=d",
            "error=a&error=b&state=s",
        ] {
            let error = read(callback).unwrap_err();
            assert!(error.to_string().contains("repeats"), "{error}");
        }
    }

    #[test]
    fn refusals() {
        let error = read("error=access_denied&state=s&error_description=hunter2").unwrap_err();
        assert_eq!(error.code().unwrap().as_str(), "access_denied");
        assert!(error.to_string().contains("refused on the"), "{error}");
        // A refusal with a code beside it stays one.
        let error = read("error=odd%1b%5b2Jhunter2&code=c&state=s").unwrap_err();
        assert_eq!(error.code().unwrap().as_str(), "odd\u{1b}[2Jhunter2");
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(
                !shown.contains("hunter2") && !shown.contains('\u{1b}'),
                "{shown}"
            );
        }
        assert!(read("state=s").unwrap_err().to_string().contains("neither"));
        assert!(
            read("state=s&code=")
                .unwrap_err()
                .to_string()
                .contains("neither")
        );
    }
}
