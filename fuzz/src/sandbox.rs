//! Requests to the sandbox, one after the other in one world, separated by a line of three equals signs: a line with
//! method and path, lines of headers, an empty line, the body. Who does not say otherwise is signed in.

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::BodyExt;
use kallyai_sandbox::fuzzing::World;
use tower::ServiceExt;

use crate::callback::split;
use crate::runtime::block_on;

/// Requests in one world: each costs some time.
const MOST: usize = 8;

/// Panics where something is wrong.
pub fn run(input: &[u8]) {
    let world = World::new().expect("the document is sound");
    let requests = split(input, b"\n===\n");
    // What is told to go wrong goes wrong.
    let faults = input.windows(8).any(|window| window == b"_sandbox");
    for request in requests.into_iter().take(MOST) {
        let Some(request) = read(request, &world) else {
            continue;
        };
        let about = format!("{} {}", request.method(), request.uri());
        block_on(async {
            let answering = world.app.clone().oneshot(request);
            // Some wait for a world that stands still, as they are meant to.
            let soon = std::time::Duration::from_millis(20);
            let Ok(Ok(answer)) = tokio::time::timeout(soon, answering).await else {
                return;
            };
            let status = answer.status();
            if !status.is_server_error() {
                return;
            }
            let body = answer.into_body().collect().await;
            let body = body.map(|body| body.to_bytes()).unwrap_or_default();
            let body = String::from_utf8_lossy(&body);
            assert!(!body.contains("sandbox_bug"), "{about}: {body}");
            assert!(
                faults || is_meant(status, &body),
                "{about}: {status} {body}"
            );
        });
    }
}

/// The published errors that are the service's own fault.
fn is_meant(status: StatusCode, body: &str) -> bool {
    status != StatusCode::INTERNAL_SERVER_ERROR && body.contains("\"code\"")
}

fn read(text: &[u8], world: &World) -> Option<Request<Body>> {
    let mut rest = text;
    let mut lines = Vec::new();
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after.get(1..).unwrap_or_default();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let first = lines.first()?;
    let at = first.iter().position(|byte| *byte == b' ')?;
    let method = Method::from_bytes(&first[..at]).ok()?;
    let uri = Uri::try_from(&first[at + 1..]).ok()?;
    let mut request = Request::new(Body::from(planted(rest, world)));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    for line in lines.iter().skip(1) {
        let Some(at) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let value = planted(line[at + 1..].trim_ascii(), world);
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(&line[..at]),
            HeaderValue::from_bytes(&value),
        ) {
            headers.append(name, value);
        }
    }
    let usual = [
        (header::HOST, "127.0.0.1:8980".to_owned()),
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (
            header::AUTHORIZATION,
            format!("Bearer {}", world.access_token),
        ),
    ];
    for (name, value) in usual {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::try_from(value).ok()?);
        }
    }
    Some(request)
}

/// With the secrets of the world where bytes stand for them.
fn planted(text: &[u8], world: &World) -> Vec<u8> {
    let mut planted = Vec::with_capacity(text.len());
    for byte in text {
        let secret = match byte {
            1 => &world.access_token,
            2 => &world.refresh_token,
            3 => &world.client_id,
            4 => &world.client_secret,
            other => {
                planted.push(*other);
                continue;
            }
        };
        planted.extend_from_slice(secret.as_bytes());
    }
    planted
}
