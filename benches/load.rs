//! A cheap client for loopback, so that what is measured is the server: requests are bytes that were
//! prepared, one is on its way on each connection, and of an answer only the status and the end are sought.

use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A connection that stays open.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The status.
    pub status: u16,
    /// The body as it came; a chunked one with its chunks.
    pub body: &'a [u8],
}

/// How much was answered, and in which time.
#[derive(Debug, Clone, Copy)]
pub struct Driven {
    /// Answers.
    pub answers: u64,
    /// The time on the wall.
    pub took: Duration,
}

/// A request of HTTP/1.1 with a token, and with a body of JSON where there is one.
pub fn request(method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
    let content = if body.is_empty() {
        String::new()
    } else {
        let length = body.len();
        format!("Content-Type: application/json\r\nContent-Length: {length}\r\n")
    };
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\
         Accept: application/json\r\n{content}\r\n{body}"
    );
    text.into_bytes()
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    ///
    /// When nobody listens there.
    pub async fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            received: Vec::with_capacity(4096),
        })
    }

    /// Sends a request and waits for the whole answer.
    ///
    /// # Errors
    ///
    /// When the connection ends before that, or what comes is not HTTP.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.received.clear();
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(body) = body_when_whole(&self.received) {
                let status = status(&self.received).ok_or(io::ErrorKind::InvalidData)?;
                let body = self.received.get(body..).unwrap_or_default();
                return Ok(Answer { status, body });
            }
        }
    }
}

fn status(answer: &[u8]) -> Option<u16> {
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

/// Where the body begins, when all of it is there.
fn body_when_whole(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let lines = std::str::from_utf8(answer.get(..head)?).ok()?.lines();
    let length = lines
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let whole = match length {
        Some((_, length)) => answer.len() >= head + length.parse::<usize>().ok()?,
        None => answer.ends_with(b"0\r\n\r\n"),
    };
    whole.then_some(head)
}

/// Asks the same on some connections, again and again for so long; every answer must be a 200.
///
/// # Errors
///
/// When there is no connection, or one answer is another.
pub async fn drive(
    address: &str,
    request: &[u8],
    connections: usize,
    time: Duration,
) -> io::Result<Driven> {
    let mut clients = JoinSet::new();
    let started = Instant::now();
    for _ in 0..connections {
        let (address, request) = (address.to_owned(), request.to_owned());
        clients.spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut answers = 0;
            while started.elapsed() < time {
                let status = connection.ask(&request).await?.status;
                if status != 200 {
                    return Err(io::Error::other(format!("answered {status}")));
                }
                answers += 1;
            }
            Ok::<u64, io::Error>(answers)
        });
    }
    let mut answers = 0;
    while let Some(client) = clients.join_next().await {
        answers += client.map_err(io::Error::other)??;
    }
    Ok(Driven {
        answers,
        took: started.elapsed(),
    })
}
