//! Paths that callers write: which operation they are, and that they lead nowhere else.

use http::Method;
use url::Url;

use crate::error::Error;
use crate::index::{OPERATIONS, Operation};
use crate::request::check_path_segment;

/// What stands for paths that no operation has, one a method that can be sent.
static UNKNOWN: [Operation; 5] = [
    Operation::unknown(Method::GET),
    Operation::unknown(Method::POST),
    Operation::unknown(Method::PUT),
    Operation::unknown(Method::PATCH),
    Operation::unknown(Method::DELETE),
];

/// Where a request goes.
pub(super) struct Target<'a> {
    pub(super) operation: &'static Operation,
    pub(super) segments: Vec<&'a str>,
}

/// Reads a path. An error comes with what the request is as far as that is known.
pub(super) fn target<'a>(
    method: &Method,
    path: &'a str,
) -> Result<Target<'a>, (&'static Operation, Error)> {
    let Some(unknown) = UNKNOWN.iter().find(|row| row.method == *method) else {
        let [get, ..] = &UNKNOWN;
        let why = "only GET, POST, PUT, PATCH and DELETE are sent";
        return Err((get, Error::invalid_input("method", why)));
    };
    match segments(path) {
        Ok(segments) => Ok(Target {
            operation: operation(method, &segments).unwrap_or(unknown),
            segments,
        }),
        Err(error) => Err((unknown, error.of(unknown))),
    }
}

fn segments(path: &str) -> Result<Vec<&str>, Error> {
    let refuse = |why| Err(Error::invalid_input("path", why));
    let Some(rest) = path.strip_prefix('/') else {
        return refuse("it does not start with a slash, like /v1/calls");
    };
    if path.contains(['?', '#']) {
        return refuse("a query goes into query(name, value), and a fragment has no place in it");
    }
    if path.contains(';') {
        return refuse("a semicolon could be cut off on the way and change the path");
    }
    let segments: Vec<&str> = rest.split('/').collect();
    for segment in &segments {
        if segment.is_empty() {
            return refuse("it has an empty segment, or a slash at its end");
        }
        check_path_segment("path", segment)?;
    }
    Ok(segments)
}

/// The operation that a path belongs to: where several templates fit, the most literal one.
fn operation(method: &Method, segments: &[&str]) -> Option<&'static Operation> {
    OPERATIONS
        .iter()
        .filter(|operation| operation.method == *method && fits(operation.path, segments))
        .min_by_key(|operation| {
            let placeholders: Vec<bool> = operation.path.split('/').map(is_placeholder).collect();
            placeholders
        })
}

fn fits(template: &str, segments: &[&str]) -> bool {
    let mut parts = template.split('/').skip(1);
    segments.iter().all(|segment| {
        parts.next().is_some_and(|part| {
            // A proxy may not tell upper from lower case: what could be a call is treated as one.
            is_placeholder(part) || part.eq_ignore_ascii_case(segment)
        })
    }) && parts.next().is_none()
}

fn is_placeholder(part: &str) -> bool {
    part.starts_with('{')
}

/// The address below the base URL.
pub(super) fn join(base_url: &str, segments: &[&str]) -> Result<Url, Error> {
    let base = Url::parse(base_url).map_err(|_| Error::unwritable())?;
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| Error::unwritable())?
        .pop_if_empty()
        .extend(segments);
    let below = url.path().starts_with(base.path().trim_end_matches('/'));
    if url.origin() == base.origin() && below {
        Ok(url)
    } else {
        Err(Error::invalid_input("path", "it leads elsewhere"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(method: &Method, path: &str) -> &'static str {
        let target = target(method, path).map_err(|(_, error)| error).unwrap();
        target.operation.id
    }

    #[test]
    fn every_operation_is_found_by_its_path() {
        for operation in OPERATIONS {
            let path: Vec<&str> = operation
                .path
                .split('/')
                .map(|part| if is_placeholder(part) { "x1" } else { part })
                .collect();
            assert_eq!(id(&operation.method, &path.join("/")), operation.id);
        }
    }

    #[test]
    fn what_no_template_fits_is_unknown() {
        for path in ["/v2/calls", "/v1/calls/a/b/c", "/v1", "/calls"] {
            assert_eq!(id(&Method::POST, path), "", "{path}");
        }
        assert_eq!(id(&Method::PUT, "/v1/calls"), "");
        assert_eq!(id(&Method::POST, "/V1/Calls"), "calls_create");
    }

    #[test]
    fn a_path_stays_below_the_base_url() {
        for (base, path, url) in [
            ("https://a.example", "/v1/x y", "https://a.example/v1/x%20y"),
            (
                "https://a.example/kally",
                "/v1/ü/...",
                "https://a.example/kally/v1/%C3%BC/...",
            ),
            ("http://[::1]:1", "/@b/a:1", "http://[::1]:1/@b/a:1"),
        ] {
            assert_eq!(join(base, &segments(path).unwrap()).unwrap().as_str(), url);
        }
    }
}
