//! HTTP: one request out, one answer read whole.
//!
//! It follows no redirect, repeats nothing, and uses no proxy for loopback.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{CONTENT_LENGTH, HeaderMap};

use crate::base_url::BaseUrl;
use crate::error::{Error, WasSent};
use crate::tls;

/// How much of an error's body is read.
const MAX_ERROR_BODY: usize = 64 * 1024;

/// Headers of answers that are not shown in `Debug`.
const PRIVATE_HEADERS: &[&str] = &[
    "content-location",
    "link",
    "location",
    "refresh",
    "set-cookie",
    "www-authenticate",
];

/// How a client speaks HTTP.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) user_agent: String,
    pub(crate) connect_timeout: Duration,
    /// The largest answer that is read into memory, in bytes.
    pub(crate) max_answer: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            user_agent: USER_AGENT.to_owned(),
            connect_timeout: Duration::from_secs(5),
            max_answer: 64 * 1024 * 1024,
        }
    }
}

/// The library's own part of the user agent.
pub(crate) const USER_AGENT: &str = concat!("kallyai-sdk-rust/", env!("CARGO_PKG_VERSION"));

/// Connections to one origin.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) http: reqwest::Client,
    pub(crate) base_url: BaseUrl,
    max_answer: usize,
}

/// The beginning of an answer that is a success, or a redirect that was asked for.
pub(crate) struct Opened {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Its body is to be read.
    pub(crate) response: reqwest::Response,
}

/// Such an answer, read whole.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Wire {
    pub(crate) fn new(settings: &Settings, base_url: BaseUrl) -> Result<Self, Error> {
        let mut http = reqwest::Client::builder()
            .user_agent(settings.user_agent.as_str())
            .connect_timeout(settings.connect_timeout)
            .tcp_keepalive(Duration::from_secs(30))
            // Sooner than services and proxies close what is idle: a call that meets the end of its
            // connection may have been placed or not.
            .pool_idle_timeout(Duration::from_secs(30))
            // A redirect would carry the body and the key to another host.
            .redirect(reqwest::redirect::Policy::none())
            // Whether something may be sent again is decided in one place, and it is not there.
            .retry(reqwest::retry::never())
            .referer(false);
        if base_url.is_loopback() {
            http = http.no_proxy();
        }
        let http = tls::configure(http, &base_url)?
            .build()
            .map_err(|_| Error::invalid_input("client", "the HTTP client cannot be built"))?;
        Ok(Self {
            http,
            base_url,
            max_answer: settings.max_answer,
        })
    }

    /// Sends a request and reads the answer's headers. What is neither a success nor, where one is
    /// expected, a redirect is an error.
    pub(crate) async fn open(
        &self,
        request: reqwest::Request,
        expects_redirect: bool,
    ) -> Result<Opened, Error> {
        let mut response = self.http.execute(request).await.map_err(|error| {
            if error.is_builder() {
                Error::unwritable()
            } else if error.is_connect() {
                Error::transport(error, WasSent::No)
            } else {
                Error::transport(error, WasSent::Maybe)
            }
        })?;
        let status = response.status();
        let mut headers = std::mem::take(response.headers_mut());
        // They can carry tokens, and a caller may print them.
        for (name, value) in &mut headers {
            if PRIVATE_HEADERS.contains(&name.as_str()) {
                value.set_sensitive(true);
            }
        }
        let redirects = expects_redirect && status.is_redirection();
        if !redirects && !status.is_success() {
            let body = read_some(&mut response).await;
            return Err(Error::answered(status, &headers, &body));
        }
        Ok(Opened {
            status,
            headers,
            response,
        })
    }

    /// Sends a request and reads the answer whole.
    pub(crate) async fn send(
        &self,
        request: reqwest::Request,
        expects_redirect: bool,
    ) -> Result<Answered, Error> {
        let opened = self.open(request, expects_redirect).await?;
        self.read_whole(opened).await
    }

    /// Reads what was opened; a redirect's body is left out.
    pub(crate) async fn read_whole(&self, opened: Opened) -> Result<Answered, Error> {
        let Opened {
            status,
            headers,
            mut response,
        } = opened;
        let body = if status.is_redirection() {
            Bytes::new()
        } else {
            self.read(&mut response, &headers)
                .await
                .map_err(|error| error.with_status(status))?
        };
        Ok(Answered {
            status,
            headers,
            body,
        })
    }

    /// The whole body, up to the limit.
    async fn read(
        &self,
        response: &mut reqwest::Response,
        headers: &HeaderMap,
    ) -> Result<Bytes, Error> {
        let limit = self.max_answer;
        let too_large = || Error::decode(format!("the answer is larger than {limit} bytes"), &[]);
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let chunk = |error| Error::transport(error, WasSent::Yes);
        let Some(first) = response.chunk().await.map_err(chunk)? else {
            return Ok(Bytes::new());
        };
        if announced == Some(first.len()) {
            return Ok(first);
        }
        let mut body = BytesMut::from(first.as_ref());
        while let Some(next) = response.chunk().await.map_err(chunk)? {
            if body.len() + next.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&next);
        }
        if body.len() > limit {
            return Err(too_large());
        }
        Ok(body.freeze())
    }
}

/// The beginning of an error's body; what cannot be read is left out.
async fn read_some(response: &mut reqwest::Response) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(next)) = response.chunk().await {
        let room = MAX_ERROR_BODY.saturating_sub(body.len());
        body.extend_from_slice(next.get(..room).unwrap_or(&next));
        if body.len() >= MAX_ERROR_BODY {
            break;
        }
    }
    body.freeze()
}
