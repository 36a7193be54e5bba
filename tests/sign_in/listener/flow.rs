//! The whole way: link, browser, tokens.

use std::io::{Read, Write};
use std::sync::mpsc;
use std::time::Duration;

use chrono::Utc;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::Client;
use kallyai_sdk::auth::CliLogin;
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{begin, callback, exchange, finish, get, login, parameter, port, state, status};

/// What a browser does, redirects included; the pages that it was shown.
fn browse(url: &str) -> std::io::Result<String> {
    let mut url = Url::parse(url).unwrap();
    loop {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", url.port().unwrap()))?;
        let target = &url[url::Position::BeforePath..];
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        write!(
            stream,
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        match answer
            .lines()
            .find_map(|line| line.strip_prefix("location: "))
        {
            Some(location) => url = Url::parse(location).unwrap(),
            None => return Ok(answer),
        }
    }
}

async fn sandbox() -> Sandbox {
    Sandbox::builder().auto_approve(true).start().await.unwrap()
}

#[tokio::test]
async fn signs_in_with_a_browser() {
    let sandbox = sandbox().await;
    let (shown, link) = mpsc::channel();
    let (seen, page) = mpsc::channel();
    let tokens = CliLogin::new()
        .base_url(sandbox.base_url())
        .path("/callback")
        .no_terminal()
        .announce(move |url| shown.send(url.to_owned()).unwrap())
        .opener(move |url: &str| {
            seen.send((url.to_owned(), browse(url)?)).unwrap();
            Ok(())
        })
        .run()
        .await
        .unwrap();
    let (opened, page) = page.recv().unwrap();
    assert_eq!(opened, link.recv().unwrap());
    assert!(page.contains("Back to the program"), "{page}");
    assert_eq!(tokens.origin.as_deref(), Some(sandbox.base_url()));
    assert_eq!(tokens.client_id, None);
    assert!(tokens.refresh_token.is_some());
    let seconds = (tokens.expires_at.unwrap() - Utc::now()).num_seconds();
    assert!((3500..=3600).contains(&seconds), "{seconds}");
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(tokens.access_token)
        .build()
        .unwrap();
    client.credits().balance().await.unwrap();
}

#[tokio::test]
async fn a_browser_that_fails_is_no_failure() {
    let sandbox = sandbox().await;
    let tokens = login()
        .base_url(sandbox.base_url())
        .announce(|url| {
            let url = url.to_owned();
            std::thread::spawn(move || browse(&url));
        })
        .opener(|_: &str| Err(std::io::ErrorKind::NotFound.into()))
        .run();
    tokens.await.unwrap();
    // One that does not come back holds up nothing.
    let tokens = login()
        .base_url(sandbox.base_url())
        .announce(|_| ())
        .opener(|url: &str| {
            browse(url)?;
            loop {
                std::thread::park();
            }
        })
        .run();
    tokens.await.unwrap();
}

#[tokio::test]
async fn row_10_https_only() {
    for url in [
        "http://api.kallyai.com",
        "http://127.0.0.1.example.com",
        "hunter2",
    ] {
        let login = login().base_url(url);
        assert!(!format!("{login:?}").contains(url));
        let error = login.begin().await.unwrap_err();
        assert!(error.is_invalid_input());
        assert_eq!(error.field(), Some("base_url"));
        assert!(!error.to_string().contains("hunter2"));
    }
    let pending = CliLogin::new().begin().await.unwrap();
    assert!(
        pending
            .url()
            .starts_with("https://api.kallyai.com/v1/auth/cli?redirect_uri=http%3A%2F%2F127")
    );
}

#[tokio::test]
async fn row_11_bound_before_the_link_is_made_and_closed_when_done() {
    let pending = begin().await;
    let port = port(&pending);
    assert_eq!(pending.redirect_uri(), format!("http://127.0.0.1:{port}"));
    assert_eq!(
        parameter(pending.url(), "redirect_uri"),
        pending.redirect_uri()
    );
    // Nobody waits yet, and the browser is not turned away.
    let early = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert!(early.peer_addr().unwrap().ip().is_loopback());
    drop(early);
    assert!(TcpStream::connect(("127.0.0.2", port)).await.is_err());
    finish(&pending).await;
    // Still held, and closed.
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    let shown = format!("{pending:?}");
    assert!(
        !shown.contains(&state(&pending)) && !shown.contains("v1/auth"),
        "{shown}"
    );
}

#[tokio::test]
async fn row_11_a_port_and_a_path_on_request() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = login().port(port).begin().await.unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&format!("port {port} of 127.0.0.1 is taken")),
        "{error}"
    );
    let error = login()
        .first_free_port(port..=port)
        .begin()
        .await
        .unwrap_err();
    assert!(error.is_sign_in());
    #[allow(clippy::reversed_empty_ranges)]
    let error = login().first_free_port(2..=1).begin().await.unwrap_err();
    assert!(error.is_invalid_input());
    let next = login()
        .first_free_port(port..=port.saturating_add(20))
        .begin()
        .await
        .unwrap();
    assert!(super::port(&next) > port);
    drop(taken);
    let pending = login().port(port).path("/callback").begin().await.unwrap();
    assert_eq!(
        pending.redirect_uri(),
        format!("http://127.0.0.1:{port}/callback")
    );
    let request = get(port, &format!("/callback?{}", callback(&pending)));
    let (tokens, answer) = tokio::join!(pending.wait(), exchange(port, request));
    tokens.unwrap();
    assert_eq!(status(&answer), "200");
    for path in ["callback", "/a?b", "/a b", "/../a"] {
        assert!(
            login()
                .path(path)
                .begin()
                .await
                .unwrap_err()
                .is_invalid_input()
        );
    }
}

#[tokio::test]
async fn the_browser_has_the_page_when_it_is_over() {
    // The runtime ends at once after the outcome: what has not been sent by then never is.
    for _ in 0..20 {
        let (sender, page) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let pending = begin().await;
                let url = format!("{}/?{}", pending.redirect_uri(), callback(&pending));
                std::thread::spawn(move || sender.send(browse(&url)));
                pending.wait().await.unwrap();
            });
        })
        .join()
        .unwrap();
        let page = page.recv_timeout(Duration::from_secs(10)).unwrap().unwrap();
        assert!(page.ends_with("</html>\n"), "{page}");
    }
}

#[tokio::test]
async fn a_browser_that_does_not_read_holds_it_up_for_a_moment_only() {
    let pending = begin().await;
    let mut stream = TcpStream::connect(("127.0.0.1", port(&pending)))
        .await
        .unwrap();
    let request = get(port(&pending), &format!("/?{}", callback(&pending)));
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
        .await
        .unwrap();
    let started = std::time::Instant::now();
    pending.wait().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn a_pasted_address_does_as_well() {
    let pending = begin().await;
    let (uri, query) = (pending.redirect_uri().to_owned(), callback(&pending));
    let wait = pending.wait();
    let paste = async {
        for (wrong, why) in [
            ("hunter2".to_owned(), "paste the whole of it"),
            (
                format!("{uri}/?access_token=hunter2&state=x"),
                "another sign-in",
            ),
            (format!("{uri}/?access_token=hunter2"), "another sign-in"),
        ] {
            let error = pending.paste(&wrong).unwrap_err();
            assert!(error.is_invalid_input());
            assert!(error.to_string().contains(why), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        pending.paste(&format!(" {uri}/?{query}#x\n")).unwrap();
        assert!(pending.paste(&format!("{uri}/?{query}")).is_err());
    };
    let (tokens, ()) = tokio::join!(wait, paste);
    assert_eq!(tokens.unwrap().access_token.expose(), "canary-at");
}

#[test]
fn without_a_runtime_it_says_so() {
    // Polled by hand, outside of any runtime.
    let mut begin = std::pin::pin!(login().begin());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match Future::poll(begin.as_mut(), &mut context) {
        std::task::Poll::Ready(Err(error)) => assert!(error.to_string().contains("tokio runtime")),
        other => panic!("{other:?}"),
    }
}

/// A sign-in by the code flow that a browser has come back to.
async fn granted(sandbox: &Sandbox) -> kallyai_sdk::auth::PendingLogin {
    let pending = CliLogin::new()
        .base_url(sandbox.base_url())
        .client_id(sandbox.client_id())
        .path("/callback")
        .begin()
        .await
        .unwrap();
    let url = pending.url().to_owned();
    let browser = tokio::task::spawn_blocking(move || browse(&url));
    // What has been granted is not yet exchanged.
    while !browser.is_finished() {
        let _ = tokio::time::timeout(Duration::ZERO, pending.wait()).await;
    }
    browser.await.unwrap().unwrap();
    pending
}

fn exchanges(sandbox: &Sandbox) -> usize {
    sandbox
        .journal()
        .iter()
        .filter(|entry| entry.operation_id.as_deref() == Some("auth_exchange_token"))
        .count()
}

#[tokio::test]
async fn a_client_id_signs_in_by_the_code_flow_and_no_token_is_in_an_address() {
    let sandbox = sandbox().await;
    let pending = granted(&sandbox).await;
    let tokens = pending.wait().await.unwrap();
    assert_eq!(tokens.client_id.as_deref(), Some(sandbox.client_id()));
    assert_eq!(tokens.origin.as_deref(), Some(sandbox.base_url()));
    assert!(tokens.refresh_token.is_some());
    let asked = &sandbox.journal()[0];
    assert_eq!(asked.operation_id.as_deref(), Some("auth_authorize"));
    assert_eq!(asked.query["code_challenge_method"], "S256");
    assert_eq!(asked.query["redirect_uri"], pending.redirect_uri());
    // A client of it refreshes by itself, as the public client that it is.
    let mut expired = tokens.clone();
    expired.expires_at = Some(Utc::now() - Duration::from_secs(1));
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .credentials(kallyai_sdk::auth::Credentials::from_store(
            kallyai_sdk::auth::MemoryStore::with(expired),
        ))
        .build()
        .unwrap();
    kally.credits().balance().await.unwrap();
    assert_eq!(exchanges(&sandbox), 2);
}

#[tokio::test]
async fn row_17_a_code_is_exchanged_once_however_often_it_is_waited_for() {
    let sandbox = sandbox().await;
    let latency = kallyai_sandbox::FaultKind::Latency(Duration::from_millis(200));
    sandbox.inject(kallyai_sandbox::Fault::on("auth_exchange_token", latency).times(1));
    let pending = granted(&sandbox).await;
    // Cancelled in the middle of the exchange, and waited for again.
    while exchanges(&sandbox) == 0 {
        let _ = tokio::time::timeout(Duration::from_millis(1), pending.wait()).await;
    }
    let tokens = pending.wait().await.unwrap();
    let again = pending.wait().await.unwrap();
    assert_eq!(tokens.access_token.expose(), again.access_token.expose());
    assert_eq!(exchanges(&sandbox), 1);
}

#[tokio::test]
async fn an_exchange_that_fails_stays_failed() {
    let sandbox = sandbox().await;
    let down = kallyai_sandbox::FaultKind::ServerError { status: 503 };
    sandbox.inject(kallyai_sandbox::Fault::on("auth_exchange_token", down).times(1));
    let pending = granted(&sandbox).await;
    for _ in 0..2 {
        let error = pending.wait().await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), 503);
    }
    assert_eq!(exchanges(&sandbox), 1);
}
