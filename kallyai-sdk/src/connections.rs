//! The HTTP client underneath: it follows no redirect, repeats nothing, and uses no proxy for loopback.
//! A program can hand in its own (feature `reqwest-client`).

use std::time::Duration;

use crate::base_url::BaseUrl;
use crate::error::{Error, WasSent};
use crate::tls;
use crate::wire::Settings;

/// Where requests are executed.
#[derive(Debug)]
pub(crate) struct Connections {
    http: reqwest::Client,
    /// What waits in [`crate::blocking`]. A blocked runtime does not serve its connections, so it must not
    /// be given one of those.
    #[cfg(feature = "blocking")]
    waited_for: std::sync::OnceLock<reqwest::Client>,
    /// The program's own client, and the user agent that each request gets.
    #[cfg(feature = "reqwest-client")]
    foreign: Option<http::HeaderValue>,
}

impl Connections {
    pub(crate) fn new(settings: &Settings, base_url: &BaseUrl) -> Result<Self, Error> {
        Ok(Self {
            http: client(settings, base_url)?,
            #[cfg(feature = "blocking")]
            waited_for: std::sync::OnceLock::new(),
            #[cfg(feature = "reqwest-client")]
            foreign: None,
        })
    }

    #[cfg(feature = "reqwest-client")]
    pub(crate) fn foreign(http: reqwest::Client, user_agent: &str) -> Result<Self, Error> {
        let user_agent =
            http::HeaderValue::from_str(user_agent).map_err(|_| Error::unwritable())?;
        Ok(Self {
            http,
            #[cfg(feature = "blocking")]
            waited_for: std::sync::OnceLock::new(),
            foreign: Some(user_agent),
        })
    }

    pub(crate) fn usual(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) async fn execute(
        &self,
        request: reqwest::Request,
        settings: &Settings,
        base_url: &BaseUrl,
    ) -> Result<reqwest::Response, Error> {
        #[cfg(feature = "reqwest-client")]
        if let Some(user_agent) = &self.foreign {
            return self.execute_there(request, user_agent).await;
        }
        let http = self.here(settings, base_url)?;
        http.execute(request).await.map_err(failure)
    }

    #[cfg(feature = "blocking")]
    fn here(&self, settings: &Settings, base_url: &BaseUrl) -> Result<&reqwest::Client, Error> {
        if !crate::blocking::is_waited_for() {
            return Ok(&self.http);
        }
        if let Some(http) = self.waited_for.get() {
            return Ok(http);
        }
        let http = client(settings, base_url)?;
        Ok(self.waited_for.get_or_init(|| http))
    }

    #[cfg(not(feature = "blocking"))]
    #[allow(clippy::unnecessary_wraps)]
    fn here(&self, _: &Settings, _: &BaseUrl) -> Result<&reqwest::Client, Error> {
        Ok(&self.http)
    }

    /// By the program's own client. An answer from another address is refused: a redirect was followed.
    #[cfg(feature = "reqwest-client")]
    async fn execute_there(
        &self,
        mut request: reqwest::Request,
        user_agent: &http::HeaderValue,
    ) -> Result<reqwest::Response, Error> {
        let headers = request.headers_mut();
        headers.insert(http::header::USER_AGENT, user_agent.clone());
        let asked = request.url().clone();
        // It may have followed a redirect before it failed: that nothing was sent is not proven.
        let response = self.http.execute(request).await.map_err(|error| {
            if error.is_builder() {
                Error::unwritable()
            } else {
                Error::transport(error, WasSent::Maybe)
            }
        })?;
        if *response.url() == asked {
            Ok(response)
        } else {
            Err(Error::redirect_followed())
        }
    }
}

fn failure(error: reqwest::Error) -> Error {
    if error.is_builder() {
        Error::unwritable()
    } else if error.is_connect() {
        Error::transport(error, WasSent::No)
    } else {
        Error::transport(error, WasSent::Maybe)
    }
}

fn client(settings: &Settings, base_url: &BaseUrl) -> Result<reqwest::Client, Error> {
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
    tls::configure(http, base_url)?
        .build()
        .map_err(|_| Error::invalid_input("client", "the HTTP client cannot be built"))
}
