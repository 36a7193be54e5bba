//! Signs users of a web page in, by the authorization code flow with PKCE.
//!
//! `cargo run --example web_login` starts the sandbox and a page on this machine: no account needed.
//! `cargo run --example web_login -- --live --port 8740` talks to the real service with the client id
//! and secret in KALLYAI_CLIENT_ID and KALLYAI_CLIENT_SECRET; the address that the browser comes back
//! to is the one that was registered for them, or it is given with --redirect-uri.

// An example talks to its reader on the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::collections::HashMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, REFERRER_POLICY, SET_COOKIE,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use clap::Parser;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::auth::{CodeFlow, CodeFlowSecret, MemoryStore, TokenSet};
use uuid::Uuid;

/// Signs users of a web page in, and shows their credits.
#[derive(Parser)]
struct Arguments {
    /// Sign in to the real service, with KALLYAI_CLIENT_ID and KALLYAI_CLIENT_SECRET.
    #[arg(long)]
    live: bool,
    /// The port of the page on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Where the browser comes back to, as it was registered; by default /callback of the page.
    #[arg(long)]
    redirect_uri: Option<String>,
}

/// What the pages share.
struct App {
    flow: CodeFlow,
    base_url: Option<String>,
    /// By the value of the cookie. They are in memory and never end: an application has a store of
    /// sessions, and keeps the tokens there.
    sessions: Mutex<HashMap<String, Session>>,
}

/// What is known of a browser.
enum Session {
    /// It was sent to the service.
    SigningIn(CodeFlowSecret),
    SignedIn(Client),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", arguments.port)).await?;
    let page = format!("http://{}", listener.local_addr()?);
    let redirect_uri = arguments
        .redirect_uri
        .unwrap_or_else(|| format!("{page}/callback"));

    // The sandbox lives as long as this variable. It asks on a page, as the service does.
    let sandbox = if arguments.live {
        None
    } else {
        Some(Sandbox::start().await?)
    };
    let flow = match &sandbox {
        Some(sandbox) => CodeFlow::builder(sandbox.client_id(), redirect_uri)
            .client_secret(sandbox.client_secret())
            .base_url(sandbox.base_url()),
        None => CodeFlow::builder(variable("KALLYAI_CLIENT_ID")?, redirect_uri)
            .client_secret(variable("KALLYAI_CLIENT_SECRET")?),
    };
    let app = App {
        flow: flow.scopes(["credits:read"]).build()?,
        base_url: sandbox
            .as_ref()
            .map(|sandbox| sandbox.base_url().to_owned()),
        sessions: Mutex::default(),
    };
    let routes = Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/logout", post(logout))
        .layer(map_response(with_headers))
        .with_state(Arc::new(app));
    println!("Open        {page}/");
    axum::serve(listener, routes).await?;
    Ok(())
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("set {name}: it comes from the vendor"))
}

/// Who is signed in, or how to.
async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let id = session_id(&headers);
    let Some(client) = id.and_then(|id| app.sessions().get(&id).and_then(client)) else {
        return page(
            StatusCode::OK,
            "<p><a href=\"/login\">Sign in with KallyAI</a></p>",
        );
    };
    match client.credits().balance().await {
        Ok(balance) => page(
            StatusCode::OK,
            &format!(
                "<p>You are signed in and have {} credits.</p>\
                 <form method=\"post\" action=\"/logout\"><button>Sign out</button></form>",
                escape(&balance.credits_remaining.to_string())
            ),
        ),
        Err(error) => failed(&error),
    }
}

/// The first half: off to the service.
async fn login(State(app): State<Arc<App>>) -> Response {
    let begun = app.flow.begin();
    let cookie = app.keep(Session::SigningIn(begun.secret().clone()));
    (AppendHeaders([cookie]), Redirect::to(begun.url())).into_response()
}

/// The second half: the browser is back.
async fn callback(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let Some((id, secret)) = session_id(&headers).and_then(|id| app.signing_in(id)) else {
        return page(
            StatusCode::BAD_REQUEST,
            "<p>No sign-in is under way in this browser.</p><p><a href=\"/\">Back</a></p>",
        );
    };
    // A callback that is not ours fails here, and the real one may still come.
    let tokens = match app.flow.finish(&secret, &query.unwrap_or_default()).await {
        Ok(tokens) => tokens,
        Err(error) => return failed(&error),
    };
    let client = match app.client(tokens) {
        Ok(client) => client,
        Err(error) => return failed(&error),
    };
    // A new id: somebody may have planted the old one in this browser.
    app.sessions().remove(&id);
    let cookie = app.keep(Session::SignedIn(client));
    (AppendHeaders([cookie]), Redirect::to("/")).into_response()
}

/// Forgets the tokens. The service is not told: it publishes no way to.
async fn logout(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    if let Some(id) = session_id(&headers) {
        app.sessions().remove(&id);
    }
    let gone = (SET_COOKIE, format!("{COOKIE_NAME}=; Max-Age=0; Path=/"));
    (AppendHeaders([gone]), Redirect::to("/")).into_response()
}

impl App {
    /// What the tokens are for. They are refreshed as long as the program runs; with a store of your own
    /// over a database they outlive it, and several servers share them.
    fn client(&self, tokens: TokenSet) -> Result<Client, kallyai_sdk::Error> {
        let store = MemoryStore::with(tokens);
        let mut client = Client::builder().credentials(self.flow.credentials(store));
        if let Some(base_url) = &self.base_url {
            client = client.base_url(base_url);
        }
        client.build()
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a session under a new id, and gives the cookie that holds it. `Lax` lets it come along
    /// when the service sends the browser back, and with nothing else that begins elsewhere. On https
    /// it would be `__Host-session`, and `Secure`.
    fn keep(&self, session: Session) -> (axum::http::HeaderName, String) {
        let id = Uuid::new_v4().simple().to_string();
        let cookie = format!("{COOKIE_NAME}={id}; Path=/; HttpOnly; SameSite=Lax");
        self.sessions().insert(id, session);
        (SET_COOKIE, cookie)
    }

    fn signing_in(&self, id: String) -> Option<(String, CodeFlowSecret)> {
        let secret = match self.sessions().get(&id)? {
            Session::SigningIn(secret) => secret.clone(),
            Session::SignedIn(_) => return None,
        };
        Some((id, secret))
    }
}

fn client(session: &Session) -> Option<Client> {
    match session {
        Session::SigningIn(_) => None,
        Session::SignedIn(client) => Some(client.clone()),
    }
}

const COOKIE_NAME: &str = "session";

/// The id in the cookie.
fn session_id(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter();
    cookies
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, id)| id.to_owned())
}

/// The library's errors show no secret, so they may stand on a page.
fn failed(error: &kallyai_sdk::Error) -> Response {
    let refused = error
        .code()
        .is_some_and(|code| code.as_str() == "access_denied");
    let (status, what) = if refused {
        (
            StatusCode::OK,
            "You have refused. Nothing was given.".to_owned(),
        )
    } else if error.is_sign_in() || error.is_api() {
        (StatusCode::BAD_REQUEST, escape(&error.to_string()))
    } else {
        (StatusCode::BAD_GATEWAY, escape(&error.to_string()))
    };
    page(
        status,
        &format!("<p>{what}</p><p><a href=\"/login\">Sign in again</a></p>"),
    )
}

fn page(status: StatusCode, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>KallyAI</title>{body}</html>"
    );
    (status, Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Codes and states stand in addresses: nothing is kept, and no other site learns where one was.
async fn with_headers(mut response: Response) -> Response {
    let policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, policy),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
