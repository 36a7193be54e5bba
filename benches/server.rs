//! A server that answers every request at once, in a thread of its own.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;

use crate::{CALL, call_list};

/// Serves until the process ends: a call for everything but lists; `/v1/calls` with `offset` gives a page
/// of as many as `limit` says, of `calls` in all.
///
/// # Errors
///
/// When there is no socket.
pub fn start(calls: usize, latency: Duration) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            loop {
                let (socket, _) = listener.accept().await?;
                socket.set_nodelay(true)?;
                let service = service_fn(move |request| answer(request, calls, latency));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(socket), service),
                );
            }
            #[allow(unreachable_code)]
            io::Result::Ok(())
        })
    });
    Ok(address)
}

async fn answer(
    request: Request<Incoming>,
    calls: usize,
    latency: Duration,
) -> io::Result<Response<Full<Bytes>>> {
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let number = |name: &str| {
        let query = request.uri().query().unwrap_or_default();
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(key, _)| *key == name)
            .and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let body = match number("limit") {
        Some(limit) => {
            let first = number("offset").unwrap_or_default();
            let last = calls.min(first + limit);
            Bytes::from(call_list(first..last))
        }
        None => Bytes::from_static(CALL.as_bytes()),
    };
    Ok(Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body))
        .unwrap_or_default())
}
