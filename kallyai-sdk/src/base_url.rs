//! Where requests go.

use url::{Host, Url};

use crate::error::Error;

/// The origin and path that every request starts with; https unless the host is loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    url: Url,
    text: String,
    loopback: bool,
    host: String,
    port: Option<u16>,
}

/// The service.
pub(crate) const DEFAULT: &str = "https://api.kallyai.com";

/// Whether an address stays on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl BaseUrl {
    /// Reads a base URL. The errors never repeat it: it can hold a password.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let refuse = |why: &str| {
            Err(Error::invalid_input(
                "base_url",
                format!("{why}; it looks like {DEFAULT}"),
            ))
        };
        let written = text.starts_with("https://") || text.starts_with("http://");
        if !written || text.contains(|c: char| c.is_control() || c == '\\' || c == ' ') {
            return refuse(
                "it does not start with https://, or has a character that is not allowed",
            );
        }
        let Ok(url) = Url::parse(text) else {
            return refuse("not a URL");
        };
        if url.host().is_none() {
            return refuse("it has no host");
        }
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return refuse(
                    "http is for loopback only: a token would cross the network in clear",
                );
            }
            _ => return refuse("only https is spoken"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("a user name or password has no place in it");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("a query or fragment has no place in it");
        }
        let trimmed = url.as_str().trim_end_matches('/');
        if url
            .path_segments()
            .into_iter()
            .flatten()
            .any(|segment| segment.eq_ignore_ascii_case("v1"))
        {
            return refuse("leave the /v1 out");
        }
        Ok(Self {
            text: trimmed.to_owned(),
            loopback,
            host: url
                .host_str()
                .unwrap_or_default()
                .trim_matches(['[', ']'])
                .to_owned(),
            port: url.port_or_known_default(),
            url,
        })
    }

    /// Without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }

    pub(crate) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// A name or an address; one of IPv6 without its brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts() {
        for (text, kept) in [
            ("https://api.kallyai.com", "https://api.kallyai.com"),
            ("https://api.kallyai.com/", "https://api.kallyai.com"),
            (
                "https://gateway.example.com/kally/",
                "https://gateway.example.com/kally",
            ),
            ("http://127.0.0.1:8980", "http://127.0.0.1:8980"),
            ("http://127.9.9.9:1", "http://127.9.9.9:1"),
            ("http://localhost:8980", "http://localhost:8980"),
            ("http://[::1]:8980", "http://[::1]:8980"),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn host_and_port() {
        for (text, host, port) in [
            ("https://api.kallyai.com", "api.kallyai.com", 443),
            ("https://api.kallyai.com:8443/x", "api.kallyai.com", 8443),
            ("http://127.0.0.1:8980", "127.0.0.1", 8980),
            ("http://[::1]:8980", "::1", 8980),
        ] {
            let url = BaseUrl::parse(text).unwrap();
            assert_eq!((url.host(), url.port()), (host, Some(port)));
        }
    }

    #[test]
    fn refuses() {
        for text in [
            "",
            "api.kallyai.com",
            "http://api.kallyai.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "ftp://api.kallyai.com",
            "file:///etc/passwd",
            "https://user:hunter2@api.kallyai.com",
            "https://api.kallyai.com/?key=hunter2",
            "https://api.kallyai.com/#hunter2",
            "https://api.kallyai.com/v1",
            "https://api.kallyai.com/V1/",
            "https://api.kallyai.com/v1/calls",
            "https:api.kallyai.com",
            "https:\\\\api.kallyai.com",
            "https://api.kal\nlyai.com",
            "https://",
            "https://exa mple.com",
            "data:text/plain,x",
        ] {
            let error = BaseUrl::parse(text).unwrap_err();
            assert!(error.is_invalid_input(), "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{text}");
        }
    }
}
