//! How much, how many and how long.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{answers, begin, callback, exchange, finish, get, login, port, state, status};

#[tokio::test]
async fn row_16_a_query_of_24_kb_is_accepted() {
    let pending = begin().await;
    let token = "t".repeat(12_000);
    let target = format!(
        "/?access_token={token}&refresh_token={token}&state={}",
        state(&pending)
    );
    let request = get(port(&pending), &target);
    let (tokens, answer) = tokio::join!(pending.wait(), exchange(port(&pending), request));
    assert_eq!(status(&answer), "200");
    let tokens = tokens.unwrap();
    assert_eq!(tokens.access_token.expose(), token);
    assert_eq!(tokens.refresh_token.unwrap().expose(), token);
}

#[tokio::test]
async fn row_16_one_of_1_mb_is_not() {
    let pending = begin().await;
    let port = port(&pending);
    let much = "x".repeat(1 << 20);
    let one_header = format!("\r\nX-Much: {much}\r\n\r\n");
    let many_headers = format!(
        "\r\n{}\r\n",
        "X-Some: xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n".repeat(26_000)
    );
    let edge = "x".repeat(65_536);
    let requests = [
        get(port, &format!("/?{}&x={much}", callback(&pending))),
        get(port, "/").replace("\r\n\r\n", &one_header),
        get(port, "/").replace("\r\n\r\n", &many_headers),
        // As long as a target can be, where another status would be possible.
        get(port, &format!("/?{edge}")),
        get(port, &format!("/{edge}{edge}")),
    ];
    for answer in answers(&pending, &requests).await {
        assert_eq!(status(&answer), "431", "{answer}");
    }
    finish(&pending).await;
}

#[tokio::test]
async fn row_16_idle_connections_do_not_keep_the_callback_out() {
    let pending = begin().await;
    let port = port(&pending);
    let asking = async {
        let mut idle = Vec::new();
        for _ in 0..300 {
            idle.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
        }
        // Half a request is no more than none.
        for stream in &mut idle[200..] {
            let _ = stream.write_all(b"GET /?state=").await;
        }
        let started = Instant::now();
        let answer = exchange(port, get(port, &format!("/?{}", callback(&pending)))).await;
        (idle, answer, started.elapsed())
    };
    let (tokens, (mut idle, answer, took)) = tokio::join!(pending.wait(), asking);
    tokens.unwrap();
    assert_eq!(status(&answer), "200");
    // A second, and some for a busy machine; the timeout of an idle connection is ten.
    assert!(took < Duration::from_secs(3), "{took:?}");
    // The oldest are closed.
    let mut byte = [0];
    let read = tokio::time::timeout(Duration::from_secs(5), idle[0].read(&mut byte)).await;
    assert!(!matches!(read.unwrap(), Ok(1..)));
}

#[tokio::test]
async fn row_16_who_is_slow_is_dropped() {
    let pending = begin().await;
    let port = port(&pending);
    let slow = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let started = Instant::now();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        started.elapsed()
    };
    tokio::select! {
        outcome = pending.wait() => panic!("it ended: {outcome:?}"),
        took = slow => assert!((8..25).contains(&took.as_secs()), "{took:?}"),
    }
    finish(&pending).await;
}

#[tokio::test]
async fn row_17_one_deadline_for_everything() {
    let pending = login()
        .deadline(Duration::from_millis(300))
        .begin()
        .await
        .unwrap();
    let port = port(&pending);
    let query = callback(&pending);
    let started = Instant::now();
    let refusal = exchange(port, get(port, "/?error=canary"));
    let (outcome, answer) = tokio::join!(pending.wait(), refusal);
    assert_eq!(status(&answer), "400");
    let error = outcome.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5));
    let shown = error.to_string();
    assert!(shown.contains("within 0.3 s"), "{shown}");
    assert!(shown.contains("a refusal without the state"), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
    // It is over: closed, and nothing that comes late changes it.
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    let late = format!("{}/?{query}", pending.redirect_uri());
    assert!(
        pending
            .paste(&late)
            .unwrap_err()
            .to_string()
            .contains("ended already")
    );
    assert!(
        pending
            .wait()
            .await
            .unwrap_err()
            .to_string()
            .contains("within")
    );
}

#[tokio::test]
async fn row_17_a_deadline_without_refusals_does_not_speak_of_one() {
    let pending = login().deadline(Duration::ZERO).begin().await.unwrap();
    let error = pending.wait().await.unwrap_err();
    assert!(!error.to_string().contains("refusal"), "{error}");
    // One that no clock can hold is none.
    let pending = login().deadline(Duration::MAX).begin().await.unwrap();
    finish(&pending).await;
}

#[tokio::test]
async fn row_17_dropping_it_closes_everything() {
    let pending = begin().await;
    let port = port(&pending);
    let mut open = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    // Waiting is cancelled, and begun again.
    for _ in 0..3 {
        let wait = tokio::time::timeout(Duration::from_millis(20), pending.wait());
        assert!(wait.await.is_err());
    }
    drop(pending);
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    let mut byte = [0];
    let read = tokio::time::timeout(Duration::from_secs(5), open.read(&mut byte)).await;
    assert!(!matches!(read.unwrap(), Ok(1..)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_17_exactly_one_outcome() {
    let pending = begin().await;
    let port = port(&pending);
    let asking: Vec<_> = (0..20)
        .map(|n| {
            let target = format!("/?access_token=token-{n}&state={}", state(&pending));
            tokio::spawn(async move {
                // The socket may be closed by then.
                let stream = TcpStream::connect(("127.0.0.1", port)).await;
                let mut answer = String::new();
                if let Ok(mut stream) = stream {
                    let _ = stream.write_all(get(port, &target).as_bytes()).await;
                    let _ = stream.read_to_string(&mut answer).await;
                }
                (n, answer)
            })
        })
        .collect();
    let tokens = pending.wait().await.unwrap();
    let mut done = Vec::new();
    for asked in asking {
        let (n, answer) = asked.await.unwrap();
        if status(&answer) == "200" {
            done.push(format!("token-{n}"));
        }
    }
    assert_eq!(done, [tokens.access_token.expose()]);
    // Asked again, it says the same.
    let again = pending.wait().await.unwrap();
    assert_eq!(again.access_token.expose(), tokens.access_token.expose());
}
