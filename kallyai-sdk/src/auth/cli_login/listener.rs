//! The loopback socket that waits for the browser.
//!
//! Every page in a browser, and every program on the machine, can reach it. So it is bounded in all it
//! keeps, and nothing but a callback with the right state ends it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{poll_fn, ready};
use std::io;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::header::HOST;
use http::{HeaderMap, Method, Request};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::callback::{By, Gate, Outcome};
use super::page::Page;
use crate::error::Error;

/// Connections beyond these close the oldest: browsers open some to have them at hand.
const MAX_CONNECTIONS: usize = 64;
/// How long a request may take to arrive.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may live.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(20);
/// The largest request line and headers: two long tokens fit into it.
const MAX_HEAD: usize = 64 * 1024;
/// How long an answer may take to arrive.
const DELIVERY: Duration = Duration::from_secs(1);

/// Headers with which browsers mark what nobody has asked to see yet.
const PREFETCH: [&str; 4] = ["sec-purpose", "purpose", "x-moz", "x-purpose"];

/// Which port of 127.0.0.1 is taken.
#[derive(Debug, Clone)]
pub(crate) enum Port {
    Only(u16),
    FirstFree(RangeInclusive<u16>),
}

/// A bound socket and the connections that it has.
pub(crate) struct Listener {
    /// None when the sign-in is over: it is closed then.
    socket: Option<TcpListener>,
    site: Arc<Site>,
    connections: JoinSet<bool>,
    /// Oldest first; some of them have ended.
    handles: VecDeque<AbortHandle>,
}

/// Who is asked, and for what.
pub(super) struct Site {
    host: String,
    port: u16,
    path: String,
    gate: Arc<Gate>,
}

/// A socket of 127.0.0.1, and its port.
pub(crate) async fn bind(port: Port) -> Result<(TcpListener, u16), Error> {
    let (first, last) = match port {
        Port::Only(port) => (port, port),
        Port::FirstFree(ports) if ports.is_empty() => {
            return Err(Error::invalid_input(
                "first_free_port",
                "the range is empty",
            ));
        }
        Port::FirstFree(ports) => ports.into_inner(),
    };
    let mut refused = None;
    for port in first..=last {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        match bound.and_then(|socket| Ok((socket.local_addr()?.port(), socket))) {
            Ok((port, socket)) => return Ok((socket, port)),
            Err(error) => refused = Some(error.kind()),
        }
    }
    let what = match refused {
        Some(kind) if first == last && kind != io::ErrorKind::AddrInUse => {
            format!("port {first} of 127.0.0.1 cannot be used: {kind}")
        }
        _ if first == last => {
            format!("port {first} of 127.0.0.1 is taken by another program")
        }
        _ => format!("no port of 127.0.0.1 from {first} to {last} is free"),
    };
    Err(Error::sign_in(what).with_remedy("end the program that has it, or take another port"))
}

impl Listener {
    /// Waits on a socket that is bound; the path is what the browser asks for.
    pub(crate) fn new(socket: TcpListener, port: u16, path: &str, gate: Arc<Gate>) -> Self {
        Self {
            socket: Some(socket),
            site: Arc::new(Site::new(port, path, gate)),
            connections: JoinSet::new(),
            handles: VecDeque::new(),
        }
    }

    /// Serves until the sign-in has ended, and the browser has the page that says so. The socket is
    /// closed then. May be cancelled, and called again.
    pub(crate) async fn run(&mut self, deadline: Instant) {
        let gate = Arc::clone(&self.site.gate);
        let mut delivered = false;
        while let Some(socket) = &self.socket {
            tokio::select! {
                biased;
                () = gate.settled() => break,
                () = sleep_until(deadline) => {
                    gate.settle(&Outcome::TimedOut, By::Clock);
                }
                Some(ended) = self.connections.join_next() => {
                    delivered |= ended.unwrap_or(false);
                    self.handles.retain(|handle| !handle.is_finished());
                }
                accepted = socket.accept() => if let Ok((stream, _)) = accepted {
                    self.admit(stream);
                } else {
                    // Out of file descriptors, most likely.
                    self.evict();
                    sleep(Duration::from_millis(20)).await;
                },
            }
        }
        self.socket = None;
        let by_browser = matches!(gate.outcome(), Some((_, By::Browser)));
        if by_browser && !delivered {
            // Longer than an answer is given, so that it is the answer's own time that ends it.
            let _ = timeout(DELIVERY * 2, async {
                while let Some(ended) = self.connections.join_next().await {
                    if ended.unwrap_or(false) {
                        break;
                    }
                }
            })
            .await;
        }
        self.connections.abort_all();
    }

    fn admit(&mut self, stream: TcpStream) {
        while self.handles.len() >= MAX_CONNECTIONS {
            self.evict();
        }
        let site = Arc::clone(&self.site);
        // The page is small, and the last that is sent.
        let _ = stream.set_nodelay(true);
        let handle = self.connections.spawn(serve(stream, site));
        self.handles.push_back(handle);
    }

    fn evict(&mut self) {
        if let Some(oldest) = self.handles.pop_front() {
            oldest.abort();
        }
    }
}

/// Answers one request; whether it ended the sign-in.
pub(super) async fn serve<S>(stream: S, site: Arc<Site>) -> bool
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let ended = AtomicBool::new(false);
    let service = service_fn(|request| {
        let (page, ends) = site.answer(&request);
        ended.fetch_or(ends, Ordering::Relaxed);
        ready(Ok::<_, Infallible>(page.response()))
    });
    let mut connection = http1::Builder::new()
        .keep_alive(false)
        .half_close(true)
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let served = poll_fn(|context| connection.poll_without_shutdown(context));
    // What it could not read it has answered by itself.
    if timeout(CONNECTION_TIMEOUT, served).await.is_ok() {
        let _ = timeout(DELIVERY, linger(connection.into_parts().io.into_inner())).await;
    }
    ended.load(Ordering::Relaxed)
}

/// Closes without losing the answer: what is closed while something is unread resets the connection, and
/// the browser throws the answer away.
async fn linger(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    stream.shutdown().await?;
    let mut scrap = [0; 4096];
    while stream.read(&mut scrap).await? > 0 {}
    Ok(())
}

impl Site {
    pub(super) fn new(port: u16, path: &str, gate: Arc<Gate>) -> Self {
        Self {
            host: format!("{}:{port}", Ipv4Addr::LOCALHOST),
            port,
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            gate,
        }
    }

    /// The page for a request, and whether it has ended the sign-in.
    fn answer<B>(&self, request: &Request<B>) -> (Page, bool) {
        let target = request.uri();
        // A name of somebody else's that leads here is somebody else's page. A target with a host in it
        // is for proxies.
        if target.authority().is_some() || !self.is_meant(request.headers()) {
            return (Page::NotYou, false);
        }
        if target.path() != self.path {
            return (Page::NotHere, false);
        }
        if request.method() != Method::GET {
            return (Page::NotSo, false);
        }
        // Nobody would see the page. The browser asks again when somebody wants to.
        if is_prefetch(request.headers()) {
            return (Page::NotHere, false);
        }
        match self
            .gate
            .take(target.query().unwrap_or_default(), By::Browser)
        {
            Ok(Outcome::Granted(_)) => (Page::Done, true),
            Ok(_) => (Page::Refused, true),
            Err(_) => (Page::NotThis, false),
        }
    }

    /// Whether the one Host is this socket.
    fn is_meant(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        // Browsers leave out the port that goes without saying.
        host == self.host.as_str() || (self.port == 80 && host == "127.0.0.1")
    }
}

fn is_prefetch(headers: &HeaderMap) -> bool {
    PREFETCH
        .iter()
        .flat_map(|name| headers.get_all(*name))
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("prefetch") || value.contains("preview"))
}
