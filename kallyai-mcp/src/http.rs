//! HTTP on loopback. Every user of the machine can reach it, and every page in a browser can try: so there is a
//! bearer that only the owner can read, and Host and Origin are looked at.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::error::Error;
use crate::server::Server;

/// Where the bearer comes from if no file is named.
const VARIABLE: &str = "KALLYAI_MCP_BEARER";
/// A shorter one could be guessed.
const SHORTEST: usize = 32;

/// What a client must send.
#[derive(Clone)]
struct Bearer(Arc<str>);

/// Serves until Ctrl-C.
pub(crate) async fn serve(
    server: Server,
    port: u16,
    bearer_file: Option<&Path>,
) -> Result<(), Error> {
    let bearer = match bearer_file {
        Some(_) => Bearer::random(),
        None => Bearer::from_environment()?,
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| Error::listening(&error))?;
    let address = listener
        .local_addr()
        .map_err(|error| Error::listening(&error))?;
    if let Some(path) = bearer_file {
        write_private(path, &bearer.0).map_err(|error| Error::bearer_file(path, &error))?;
    }
    eprintln!("kallyai-mcp: listening on http://{address}/mcp");
    let config = admitted(address);
    let streams = config.cancellation_token.clone();
    axum::serve(listener, router(server, bearer, config))
        .with_graceful_shutdown(async move {
            // Where signals cannot be waited for, the program ends by being killed.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            // They have no end of their own.
            streams.cancel();
        })
        .await
        .map_err(|error| Error::listening(&error))
}

/// Whose requests are looked at: of nobody who has another name for this machine.
fn admitted(address: SocketAddr) -> StreamableHttpServerConfig {
    let port = address.port();
    StreamableHttpServerConfig::default()
        .with_allowed_hosts([format!("127.0.0.1:{port}"), format!("localhost:{port}")])
        .with_allowed_origins(["http://127.0.0.1:*", "http://localhost:*", "http://[::1]:*"])
        .enforce_origin_validation()
}

fn router(server: Server, bearer: Bearer, config: StreamableHttpServerConfig) -> Router {
    let sessions = Arc::new(LocalSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(server.clone()), sessions, config);
    Router::new()
        .route_service("/mcp", service)
        .layer(middleware::from_fn_with_state(bearer, admit))
}

/// Lets those in who know the bearer. It goes no further.
async fn admit(State(bearer): State<Bearer>, mut request: Request, next: Next) -> Response {
    if !bearer.is_in(request.headers()) {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
        return (StatusCode::UNAUTHORIZED, challenge).into_response();
    }
    request.headers_mut().remove(header::AUTHORIZATION);
    next.run(request).await
}

impl Bearer {
    fn random() -> Self {
        let (one, two) = (Uuid::new_v4().simple(), Uuid::new_v4().simple());
        Self(format!("{one}{two}").into())
    }

    fn from_environment() -> Result<Self, Error> {
        let value = std::env::var(VARIABLE).unwrap_or_default();
        if value.len() < SHORTEST {
            return Err(Error::said(
                "HTTP needs a bearer: name a file for a random one with --bearer-file, or set \
                 KALLYAI_MCP_BEARER to 32 characters or more",
            ));
        }
        Ok(Self(value.into()))
    }

    fn is_in(&self, headers: &HeaderMap) -> bool {
        let sent = headers
            .get(header::AUTHORIZATION)
            .map(HeaderValue::as_bytes);
        let sent = sent.and_then(|value| value.split_at_checked("Bearer ".len()));
        sent.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case(b"Bearer ") && bool::from(token.ct_eq(self.0.as_bytes()))
        })
    }
}

/// Writes a new file that only its owner can open, in place of what was there.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    // New, so that it is nobody else's, and no link is followed.
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
