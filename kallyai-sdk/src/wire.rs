//! HTTP: one request out, one answer read whole.

use std::fmt;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{CONTENT_LENGTH, HeaderMap};

use crate::base_url::BaseUrl;
use crate::connections::Connections;
use crate::error::{Error, WasSent};
use crate::generated;
use crate::read::content_type;
use crate::request::{Heard, Response};

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
    http: Connections,
    writer: generated::Client,
    pub(crate) base_url: BaseUrl,
    settings: Settings,
}

/// The beginning of an answer that is a success, or a redirect that was asked for.
pub(crate) struct Opened {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Its body is to be read.
    pub(crate) response: reqwest::Response,
}

/// Such an answer, read whole.
pub struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Opened {
    /// The answer, whose events are to be read.
    #[allow(clippy::unnecessary_box_returns)]
    pub(crate) fn heard<T>(self) -> Box<Response<Heard<T>>> {
        Box::new(Response {
            value: Heard::Events(self.response),
            status: self.status,
            headers: self.headers,
            mended: false,
        })
    }

    pub(crate) fn is_of_events(&self) -> bool {
        let kind = content_type(&self.headers);
        self.status == StatusCode::OK && kind.as_deref() == Some("text/event-stream")
    }
}

impl Answered {
    /// The answer with what its body says; see [`Arrived`](crate::request::Arrived).
    #[allow(clippy::unnecessary_box_returns)]
    pub(crate) fn with<T>(self, value: T) -> Box<Response<T>> {
        Box::new(Response {
            value,
            status: self.status,
            headers: self.headers,
            mended: false,
        })
    }
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Wire {
    pub(crate) fn new(settings: &Settings, base_url: BaseUrl) -> Result<Self, Error> {
        let http = Connections::new(settings, &base_url)?;
        Ok(Self::over(http, settings, base_url))
    }

    /// With an HTTP client that the program has built.
    #[cfg(feature = "reqwest-client")]
    pub(crate) fn with_client(
        settings: &Settings,
        base_url: BaseUrl,
        client: reqwest::Client,
    ) -> Result<Self, Error> {
        let http = Connections::foreign(client, &settings.user_agent)?;
        Ok(Self::over(http, settings, base_url))
    }

    fn over(http: Connections, settings: &Settings, base_url: BaseUrl) -> Self {
        Self {
            writer: generated::Client::new_with_client(base_url.as_str(), http.usual().clone()),
            http,
            base_url,
            settings: settings.clone(),
        }
    }

    /// An HTTP client, for building requests.
    pub(crate) fn http(&self) -> &reqwest::Client {
        self.http.usual()
    }

    /// What writes the requests of the operations.
    pub(crate) fn writer(&self) -> &generated::Client {
        &self.writer
    }

    /// Sends a request and reads the answer's headers. What is neither a success nor, where one is
    /// expected, a redirect is an error.
    pub(crate) async fn open(
        &self,
        request: reqwest::Request,
        expects_redirect: bool,
    ) -> Result<Opened, Error> {
        let mut response = self
            .http
            .execute(request, &self.settings, &self.base_url)
            .await?;
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
        let limit = self.settings.max_answer;
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
