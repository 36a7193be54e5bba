//! A server that does one thing wrong, and counts how often each operation was asked of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// What goes wrong; [`Fault::words`] say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Refused,
    ResetBefore,
    ResetAfter,
    HalfRequest,
    CutBody,
    SlowHeaders,
    SlowBody,
    Stalled,
    TooMany,
    Burst,
    Failure,
    BrokenJson,
    Page,
    GzipBomb,
    Redirect,
    Certificate,
    ClockJump,
}

impl Fault {
    pub(crate) const ALL: [Self; 17] = [
        Self::Refused,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::HalfRequest,
        Self::CutBody,
        Self::SlowHeaders,
        Self::SlowBody,
        Self::Stalled,
        Self::TooMany,
        Self::Burst,
        Self::Failure,
        Self::BrokenJson,
        Self::Page,
        Self::GzipBomb,
        Self::Redirect,
        Self::Certificate,
        Self::ClockJump,
    ];

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Refused => "nobody listens",
            Self::ResetBefore => "the connection is reset before anything is done",
            Self::ResetAfter => {
                "the same when the work is done: the client cannot see a difference"
            }
            Self::HalfRequest => "the connection is reset in the middle of the request",
            Self::CutBody => {
                "less of the body arrives than was announced; of a stream, half of an event"
            }
            Self::SlowHeaders => "the headers come byte by byte",
            Self::SlowBody => "the body comes byte by byte",
            Self::Stalled => "the request is read and nothing follows",
            Self::TooMany => "429 with a Retry-After of no seconds",
            Self::Burst => "503 twice, then a good answer",
            Self::Failure => "500 with nothing else",
            Self::BrokenJson => "JSON that ends too early; of a stream, an event with such data",
            Self::Page => "a page of a proxy",
            Self::GzipBomb => "a few bytes that are 10 MiB when they are unpacked",
            Self::Redirect => "307 to another server",
            Self::Certificate => "a certificate that nobody has signed",
            Self::ClockJump => "429 with a date one second ahead, by a clock that is a day off",
        }
    }
}

/// Between two pieces of a slow answer.
const DRIP: Duration = Duration::from_millis(100);

/// A good answer to every operation that the matrix uses.
pub(crate) const GOOD: &str = r#"{"call_id": "c1", "status": "success", "id": "n1", "success": true,
    "results": [], "access_token": "renewed", "refresh_token": "next", "expires_in": 3600}"#;

/// The good answer to who listens for events: one of them, and then the connection stays open.
const STREAM: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
const EVENT: &str = "id: e1\ndata: {\"id\": \"e1\"}\n\n";

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) base_url: String,
    heard: Arc<Mutex<Vec<String>>>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) async fn start(fault: Fault, elsewhere: &str) -> Self {
        if fault == Fault::Refused {
            return Self {
                base_url: "http://127.0.0.1:1".to_owned(),
                heard: Arc::default(),
                task: None,
            };
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let scheme = if fault == Fault::Certificate {
            "https"
        } else {
            "http"
        };
        let base_url = format!("{scheme}://{address}");
        let hear = Arc::clone(&heard);
        let elsewhere = elsewhere.to_owned();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (hear, elsewhere) = (Arc::clone(&hear), elsewhere.clone());
                tokio::spawn(async move {
                    if fault == Fault::Certificate {
                        if let Ok(stream) = acceptor().accept(stream).await {
                            let _ = serve(stream, fault, &hear, &elsewhere).await;
                        }
                    } else {
                        let _ = serve_plain(stream, fault, &hear, &elsewhere).await;
                    }
                });
            }
        });
        Self {
            base_url,
            heard,
            task: Some(task),
        }
    }

    /// How often a request began like this: `POST /v1/calls `.
    pub(crate) fn asked(&self, beginning: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        heard
            .iter()
            .map(String::as_str)
            // Of half a request there is only a part.
            .filter(|request| request.starts_with(beginning) || beginning.starts_with(*request))
            .count()
    }

    pub(crate) fn heard(&self) -> usize {
        self.heard.lock().unwrap().len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

fn acceptor() -> TlsAcceptor {
    let names = vec!["127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = tokio_rustls::rustls::crypto::ring::default_provider();
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// What needs the socket itself; all else is [`serve`]'s.
async fn serve_plain(
    mut stream: TcpStream,
    fault: Fault,
    heard: &Mutex<Vec<String>>,
    elsewhere: &str,
) -> std::io::Result<()> {
    match fault {
        Fault::HalfRequest => {
            let mut beginning = [0; 16];
            stream.read_exact(&mut beginning).await?;
            heard
                .lock()
                .unwrap()
                .push(String::from_utf8_lossy(&beginning).into_owned());
            stream.set_zero_linger()
        }
        Fault::ResetBefore | Fault::ResetAfter => {
            read(&mut stream, heard).await?;
            stream.set_zero_linger()
        }
        _ => serve(stream, fault, heard, elsewhere).await,
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    fault: Fault,
    heard: &Mutex<Vec<String>>,
    elsewhere: &str,
) -> std::io::Result<()> {
    let request = read(&mut stream, heard).await?;
    let listens = request.starts_with("GET /v1/inbound/events ");
    let json = |status: &str, headers: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        )
    };
    let good = if listens {
        format!("{STREAM}{EVENT}")
    } else {
        json("200 OK", "", GOOD)
    };
    let answer = match fault {
        Fault::Stalled => return until_gone(stream).await,
        Fault::SlowHeaders | Fault::SlowBody => {
            let end = good.find("\r\n\r\n").unwrap_or_default() + 4;
            let at_once = if fault == Fault::SlowBody { end } else { 0 };
            stream.write_all(&good.as_bytes()[..at_once]).await?;
            for byte in &good.as_bytes()[at_once..] {
                tokio::time::sleep(DRIP).await;
                stream.write_all(&[*byte]).await?;
            }
            if listens {
                return until_gone(stream).await;
            }
            return Ok(());
        }
        Fault::TooMany => json("429 Too Many Requests", "retry-after: 0\r\n", "{}"),
        Fault::ClockJump => json(
            "429 Too Many Requests",
            "date: Sat, 14 Feb 2026 12:00:00 GMT\r\nretry-after: Sat, 14 Feb 2026 12:00:01 GMT\r\n",
            "{}",
        ),
        Fault::Burst => {
            let beginning = request.split("HTTP/1.1").next().unwrap_or_default();
            let times = heard
                .lock()
                .unwrap()
                .iter()
                .filter(|heard| heard.starts_with(beginning))
                .count();
            if times <= 2 {
                json("503 Service Unavailable", "", "{}")
            } else {
                good
            }
        }
        Fault::Failure => json("500 Internal Server Error", "", ""),
        Fault::BrokenJson if listens => format!("{STREAM}id: e1\ndata: {{\"id\": \"e\n\n"),
        Fault::BrokenJson => json("200 OK", "", r#"{"call_id": "c1", "stat"#),
        Fault::Page => {
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>"
                .to_owned()
        }
        Fault::CutBody if listens => {
            let announced = STREAM.replace("connection:", "content-length: 1000\r\nconnection:");
            format!("{announced}{}", &EVENT[..10])
        }
        Fault::CutBody => json("200 OK", "", GOOD).replace(&GOOD[20..], ""),
        Fault::Redirect => json(
            "307 Temporary Redirect",
            &format!("location: {elsewhere}/v1/calls\r\n"),
            "",
        ),
        Fault::GzipBomb => {
            stream
                .write_all(
                    format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\
                         content-length: {}\r\nconnection: close\r\n\r\n",
                        BOMB.len()
                    )
                    .as_bytes(),
                )
                .await?;
            stream.write_all(BOMB).await?;
            return stream.shutdown().await;
        }
        // It never gets here: the handshake has failed.
        _ => good,
    };
    stream.write_all(answer.as_bytes()).await?;
    if answer.starts_with(STREAM) {
        return until_gone(stream).await;
    }
    stream.shutdown().await
}

/// Until the client has gone.
async fn until_gone(mut stream: impl AsyncRead + Unpin) -> std::io::Result<()> {
    let _ = stream.read(&mut [0; 1]).await?;
    Ok(())
}

/// 10 MiB of zeros, packed.
const BOMB: &[u8] = include_bytes!("zeros.gz");

/// A whole request: headers, and as much body as they announce.
async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<String> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let announced = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, length)| length.trim().parse().ok())
            .unwrap_or(0);
        if body.len() >= announced {
            heard.lock().unwrap().push(text.clone());
            return Ok(text);
        }
    }
}
