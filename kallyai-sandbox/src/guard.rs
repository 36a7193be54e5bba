//! Who may talk to the sandbox. It listens on loopback, where every page in a browser can reach it: by a
//! name of its own that leads here, or by a form that is sent here.

use axum::body::Body;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, Response, header};

use crate::control::respond;
use crate::wire::Answer;

/// Refuses what is not meant for this server, and for its control plane what comes from another page.
pub(crate) fn refuse(request: &Request) -> Option<Response<Body>> {
    if !is_ours(request) {
        return Some(respond(&Answer::error(
            421,
            "misdirected_request",
            "The Host is not 127.0.0.1, localhost or [::1].",
        )));
    }
    if request.uri().path().starts_with("/_sandbox")
        && !matches!(*request.method(), Method::GET | Method::HEAD)
        && is_foreign(request.headers())
    {
        return Some(respond(&Answer::error(
            403,
            "foreign_origin",
            "A page from elsewhere has no say here.",
        )));
    }
    None
}

/// Whether it names a host, and no other than this one.
fn is_ours(request: &Request) -> bool {
    let mut hosts = request
        .uri()
        .authority()
        .map(Authority::as_str)
        .into_iter()
        .chain(values(request.headers(), header::HOST))
        .peekable();
    hosts.peek().is_some() && hosts.all(is_loopback)
}

fn values(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .iter()
        // What is no text is no name either.
        .map(|value| value.to_str().unwrap_or_default())
}

/// With any port: it may be reached through a tunnel.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    name == "127.0.0.1" || name == "[::1]" || name.eq_ignore_ascii_case("localhost")
}

/// Whether a browser says that the request comes from a page that is not this server's.
fn is_foreign(headers: &HeaderMap) -> bool {
    values(headers, header::ORIGIN).any(|origin| {
        let own = origin
            .strip_prefix("http://")
            .is_some_and(|from| values(headers, header::HOST).all(|host| host == from));
        !own
    })
}
