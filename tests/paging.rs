//! Lists that come in pages: where they end, what they hold, and what is lost when they are dropped.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::types::{CallRequest, GoalStatus};
use kallyai_sdk::{Client, Error, ItemStream, OPERATIONS};
use kallyai_tests::RawServer;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn client(base_url: &str) -> Client {
    Client::builder()
        .base_url(base_url)
        .access_token("token")
        .max_attempts(1)
        .build()
        .unwrap()
}

/// `limit` and `offset` of a request.
fn asked(request: &str) -> (Option<usize>, usize) {
    let line = request.lines().next().unwrap();
    let of = |name: &str| {
        let (_, after) = line.split_once(&format!("{name}="))?;
        let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    };
    (of("limit"), of("offset").unwrap_or(0))
}

fn call(n: usize) -> Value {
    json!({"call_id": format!("c{n}"), "status": "success"})
}

fn goal(n: usize) -> Value {
    json!({"id": format!("g{n}"), "title": "t", "status": "active"})
}

fn ok(body: &Value) -> Vec<u8> {
    let kind = "content-type: application/json\r\n";
    RawServer::bytes("200 OK", kind, &body.to_string())
}

/// A list of so many calls, of which the service gives no more than `most` at once.
async fn calls(count: usize, most: usize) -> RawServer {
    RawServer::answering(move |request| {
        let (limit, offset) = asked(request);
        let end = count.min(offset.saturating_add(limit.unwrap().min(most)));
        let page: Vec<Value> = (offset.min(end)..end).map(call).collect();
        ok(&json!({"calls": page}))
    })
    .await
}

async fn all<T>(mut stream: ItemStream<T>) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    while let Some(item) = stream.try_next().await? {
        items.push(item);
    }
    assert!(stream.next().await.is_none(), "it has ended for good");
    Ok(items)
}

fn offsets(server: &RawServer) -> Vec<usize> {
    server.heard().iter().map(|heard| asked(heard).1).collect()
}

#[tokio::test]
async fn the_end_is_a_short_or_an_empty_page() {
    for (count, pages) in [
        (0, vec![0]),
        (1, vec![0]),
        (9, vec![0]),
        (10, vec![0, 10]),
        (25, vec![0, 10, 20]),
    ] {
        let server = calls(count, usize::MAX).await;
        let list = client(server.base_url()).calls().list().limit(10);
        let found = all(list.stream()).await.unwrap();
        let ids: Vec<_> = found.into_iter().map(|call| call.call_id).collect();
        let expected: Vec<_> = (0..count).map(|n| format!("c{n}")).collect();
        assert_eq!(ids, expected);
        assert_eq!(offsets(&server), pages, "{count}");
    }
}

#[tokio::test]
async fn the_size_of_a_page_is_always_said() {
    let server = calls(60, usize::MAX).await;
    let list = client(server.base_url()).calls().list();
    assert_eq!(all(list.stream()).await.unwrap().len(), 60);
    assert!(
        server
            .heard()
            .iter()
            .all(|heard| asked(heard).0 == Some(50))
    );
}

#[tokio::test]
async fn a_service_that_gives_less_than_is_asked_for_loses_nothing() {
    // As many as the spec allows.
    let server = calls(450, 200).await;
    let list = client(server.base_url()).calls().list().limit(200);
    assert_eq!(all(list.stream()).await.unwrap().len(), 450);
    assert_eq!(offsets(&server), [0, 200, 400]);

    // No source says how large a page of goals can be.
    let server = RawServer::answering(|request| {
        let (_, offset) = asked(request);
        let page: Vec<Value> = (offset..45.min(offset + 20)).map(goal).collect();
        ok(&json!({"goals": page}))
    })
    .await;
    let list = client(server.base_url()).coordination().list_goals();
    assert_eq!(all(list.limit(30).stream()).await.unwrap().len(), 45);
    assert_eq!(offsets(&server), [0, 20, 40]);
}

#[tokio::test]
async fn a_service_that_ignores_the_offset_is_asked_twice() {
    let page: Vec<Value> = (0..10).map(call).collect();
    let server = RawServer::start(ok(&json!({"calls": page}))).await;
    let list = client(server.base_url()).calls().list().limit(10);
    assert_eq!(all(list.stream()).await.unwrap().len(), 10);
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn entries_under_the_other_name() {
    let server = RawServer::start(ok(&json!({"items": [call(1)], "calls": []}))).await;
    let kally = client(server.base_url());
    assert_eq!(all(kally.calls().list().stream()).await.unwrap().len(), 1);
    let server = RawServer::start(ok(&json!([goal(1)]))).await;
    let kally = client(server.base_url());
    let goals = all(kally.coordination().list_goals().stream())
        .await
        .unwrap();
    assert_eq!(goals[0].status, GoalStatus::Active);
}

#[tokio::test]
async fn what_the_service_says_of_the_rest_is_heeded() {
    // (what each answer says beside its entries, how often it is asked)
    for (told, requests) in [
        (json!({"total": 20}), 2),
        (json!({"total": "20"}), 2),
        (json!({"has_more": false}), 1),
        // That of the page, not of the list.
        (json!({"total": 10}), 3),
        // It never ends by itself, whatever is promised.
        (json!({"total": 1_000_000, "has_more": true}), 3),
        (json!({"total": -5, "has_more": null}), 3),
    ] {
        let said = told.clone();
        let server = RawServer::answering(move |request| {
            let (_, offset) = asked(request);
            let page: Vec<Value> = (offset..20.min(offset + 10)).map(call).collect();
            let mut answer = json!({"calls": page});
            for (key, value) in said.as_object().unwrap() {
                answer[key] = value.clone();
            }
            ok(&answer)
        })
        .await;
        let list = client(server.base_url()).calls().list().limit(10);
        all(list.stream()).await.unwrap();
        assert_eq!(server.heard().len(), requests, "{told}");
    }
}

#[tokio::test]
async fn more_is_promised_where_a_page_is_short() {
    let server = RawServer::answering(|request| {
        let (_, offset) = asked(request);
        let page: Vec<Value> = (offset..12.min(offset + 5)).map(call).collect();
        ok(&json!({"calls": page, "total": 12}))
    })
    .await;
    let list = client(server.base_url()).calls().list().limit(10);
    assert_eq!(all(list.stream()).await.unwrap().len(), 12);
    assert_eq!(offsets(&server), [0, 5, 10]);
}

#[tokio::test]
async fn a_list_that_grows_shows_nothing_twice() {
    // One call is added before each page.
    let added = AtomicUsize::new(0);
    let server = RawServer::answering(move |request| {
        let (_, offset) = asked(request);
        let added = added.fetch_add(1, SeqCst);
        let all: Vec<usize> = (100..100 + added).rev().chain(0..9).collect();
        let page: Vec<Value> = all.iter().skip(offset).take(5).copied().map(call).collect();
        ok(&json!({"calls": page}))
    })
    .await;
    let list = client(server.base_url()).calls().list().limit(5);
    let ids: Vec<_> = all(list.stream()).await.unwrap();
    let ids: Vec<_> = ids.into_iter().map(|call| call.call_id).collect();
    let expected: Vec<_> = (0..9).map(|n| format!("c{n}")).collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_does_not_end_the_list() {
    let server = RawServer::answering(|request| {
        let (_, offset) = asked(request);
        let mut page: Vec<Value> = (offset..10.min(offset + 5)).map(call).collect();
        if offset == 0 {
            page[2] = json!({"status": "success"});
        }
        ok(&json!({"calls": page}))
    })
    .await;
    let list = client(server.base_url()).calls().list().limit(5);
    assert_eq!(all(list.stream()).await.unwrap().len(), 9);
}

#[tokio::test]
async fn lists_without_offset_are_one_page() {
    let entries: Vec<Value> = (0..5)
        .map(|n| json!({"id": format!("e{n}"), "credits": 1}))
        .collect();
    let server = RawServer::start(ok(&json!({"entries": entries}))).await;
    let kally = client(server.base_url());
    let history = kally.credits().history().limit(5);
    assert_eq!(all(history.stream()).await.unwrap().len(), 5);
    assert_eq!(server.heard().len(), 1);
    assert!(!server.heard()[0].contains("offset"));
    all(kally.credits().history().stream()).await.unwrap();
    assert!(!server.heard()[1].contains("limit"), "nothing is made up");
}

#[tokio::test]
async fn every_list_of_the_index_can_be_streamed() {
    let server = RawServer::start(ok(&json!({}))).await;
    let kally = client(server.base_url());
    all(kally.calls().list().stream()).await.unwrap();
    all(kally.coordination().history().stream()).await.unwrap();
    all(kally.coordination().list_goals().stream())
        .await
        .unwrap();
    all(kally.inbound().list_calls().stream()).await.unwrap();
    all(kally.messages().inbox().stream()).await.unwrap();
    all(kally.email().list_messages().stream()).await.unwrap();
    // These have a required list: an answer without it is an error, and the last item.
    let mut errors = Vec::new();
    errors.push(all(kally.actions().log().stream()).await.map(drop));
    errors.push(all(kally.outreach().list_tasks().stream()).await.map(drop));
    errors.push(all(kally.credits().history().stream()).await.map(drop));
    assert!(errors.iter().all(|e| e.as_ref().unwrap_err().is_decode()));
    let paged = OPERATIONS.iter().filter(|o| o.pages.is_some()).count();
    assert_eq!(
        server.heard().len(),
        paged,
        "one that is new is to be added here"
    );
}

#[tokio::test]
async fn after_a_failure_that_passes_it_goes_on_where_it_was() {
    let failures = AtomicUsize::new(1);
    let server = RawServer::answering(move |request| {
        let (_, offset) = asked(request);
        if offset == 5 && failures.fetch_add(1, SeqCst) <= 2 {
            return RawServer::bytes("503 Service Unavailable", "", "");
        }
        let page: Vec<Value> = (offset..8.min(offset + 5)).map(call).collect();
        ok(&json!({"calls": page}))
    })
    .await;
    let mut stream = client(server.base_url()).calls().list().limit(5).stream();
    let mut read = Vec::new();
    let mut failed = 0;
    while let Some(item) = stream.next().await {
        match item {
            Ok(call) => read.push(call.call_id),
            Err(error) => {
                assert_eq!(error.status().unwrap().as_u16(), 503);
                failed += 1;
            }
        }
    }
    let expected: Vec<_> = (0..8).map(|n| format!("c{n}")).collect();
    assert_eq!((read, failed), (expected, 2));
}

#[tokio::test]
async fn a_failure_that_stays_is_the_last_item() {
    for status in ["403 Forbidden", "401 Unauthorized", "400 Bad Request"] {
        let server = RawServer::with(status, "", "").await;
        let mut stream = client(server.base_url()).calls().list().stream();
        assert!(stream.next().await.unwrap().is_err());
        assert!(stream.next().await.is_none(), "{status}");
        assert_eq!(server.heard().len(), 1);
    }
}

#[tokio::test]
async fn a_page_is_repeated_like_any_request() {
    let requests = AtomicUsize::new(0);
    let server = RawServer::answering(move |_| match requests.fetch_add(1, SeqCst) {
        0 => RawServer::bytes("429 Too Many Requests", "retry-after: 0\r\n", ""),
        _ => ok(&json!({"calls": [call(1)]})),
    })
    .await;
    let kally = Client::builder()
        .base_url(server.base_url())
        .access_token("token")
        .build()
        .unwrap();
    assert_eq!(all(kally.calls().list().stream()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn offsets_do_not_overflow() {
    let count = AtomicUsize::new(0);
    let server = RawServer::answering(move |_| {
        let page = count.fetch_add(1, SeqCst);
        ok(&json!({"calls": [call(page)]}))
    })
    .await;
    let list = client(server.base_url()).calls().list().limit(1);
    let found = all(list.offset(u32::MAX - 1).stream()).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(offsets(&server), [4_294_967_294, 4_294_967_295]);
}

#[tokio::test]
async fn pages_are_whole_answers() {
    let server = calls(25, usize::MAX).await;
    let mut pages = client(server.base_url()).calls().list().limit(10).pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.try_next().await.unwrap() {
        sizes.push(page.calls().len());
    }
    assert_eq!(sizes, [10, 10, 5]);
}

#[tokio::test]
async fn it_is_a_stream_for_those_who_have_them() {
    fn takes(
        _: impl futures_core::Stream<Item = Result<kallyai_sdk::types::Call, Error>> + Send + Unpin,
    ) {
    }
    let kally = client("http://127.0.0.1:1");
    takes(kally.calls().list().stream());
    let debug = format!("{:?}", kally.calls().list().stream());
    assert_eq!(debug, "ItemStream { .. }");
}

#[tokio::test]
async fn nothing_is_read_ahead() {
    let server = calls(100, usize::MAX).await;
    let mut stream = client(server.base_url()).calls().list().limit(10).stream();
    assert!(server.heard().is_empty());
    for n in 0..100 {
        stream.try_next().await.unwrap().unwrap();
        assert_eq!(server.heard().len(), n / 10 + 1);
    }
}

/// What this process has in memory, in KiB.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_hundred_thousand_entries_take_the_memory_of_a_page() {
    let server = calls(100_000, 200).await;
    let mut stream = client(server.base_url()).calls().list().limit(200).stream();
    let mut count = 0;
    let mut early = 0;
    while stream.try_next().await.unwrap().is_some() {
        count += 1;
        if count == 10_000 {
            early = resident();
        }
    }
    assert_eq!(count, 100_000);
    // Kept, they would take more than 60 MiB: a call alone has 700 bytes, without its texts.
    assert!(size_of::<kallyai_sdk::types::Call>() > 700);
    let grown = resident().saturating_sub(early);
    assert!(grown < 16 * 1024, "{grown} KiB more");
}

#[tokio::test]
async fn dropped_it_closes_its_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let mut stream = client(&base_url).calls().list().stream();
    let server = async {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut buffer = [0; 4096];
        assert!(socket.read(&mut buffer).await.unwrap() > 0);
        socket
    };
    let mut socket = tokio::select! {
        _ = stream.next() => panic!("there was no answer"),
        socket = server => socket,
    };
    drop(stream);
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(10), socket.read_to_end(&mut rest));
    closed.await.expect("the socket is closed").ok();
}

#[tokio::test]
async fn a_select_loop_loses_nothing() {
    // Answers come in two pieces, with the other branch between them.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let (go, mut going) = tokio::sync::mpsc::channel::<()>(1);
    let heard = Arc::new(Mutex::new(0));
    let hear = Arc::clone(&heard);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4096];
            let read = socket.read(&mut buffer).await.unwrap();
            *hear.lock().unwrap() += 1;
            let (_, offset) = asked(&String::from_utf8_lossy(&buffer[..read]));
            let page: Vec<Value> = (offset..7.min(offset + 3)).map(call).collect();
            let answer = ok(&json!({"calls": page}));
            socket.write_all(&answer[..20]).await.unwrap();
            // Until the stream's future was dropped once.
            going.recv().await.unwrap();
            socket.write_all(&answer[20..]).await.unwrap();
            socket.shutdown().await.unwrap();
        }
    });
    let mut stream = client(&base_url).calls().list().limit(3).stream();
    let mut read = 0;
    let mut interrupted = 0;
    loop {
        tokio::select! {
            biased;
            next = stream.try_next() => match next.unwrap() {
                Some(_) => read += 1,
                None => break,
            },
            permit = go.reserve() => {
                permit.unwrap().send(());
                interrupted += 1;
            }
        }
    }
    assert_eq!(read, 7);
    assert!(interrupted >= 3);
    assert_eq!(*heard.lock().unwrap(), 3, "each page was asked for once");
}

#[tokio::test]
async fn the_lists_of_the_sandbox() {
    let sandbox = Sandbox::builder().call_seconds(0.01).start().await.unwrap();
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap();
    for n in 0..5 {
        let task = format!("Ask when they open, {n}");
        let request = CallRequest::general("+12025550199".parse().unwrap(), task);
        kally.calls().create(request).await.unwrap();
    }
    for limit in [1, 2, 5, 6, 200] {
        let found = all(kally.calls().list().limit(limit).stream())
            .await
            .unwrap();
        let ids: std::collections::BTreeSet<_> = found.iter().map(|c| &c.call_id).collect();
        assert_eq!((found.len(), ids.len()), (5, 5), "{limit}");
    }
    // What is sent without a limit is within those of the spec.
    all(kally.calls().list().stream()).await.unwrap();
    all(kally.coordination().list_goals().stream())
        .await
        .unwrap();
    all(kally.inbound().list_calls().stream()).await.unwrap();
    all(kally.outreach().list_tasks().stream()).await.unwrap();
}
