//! Waiting without async: from plain threads, and from where one should not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

use futures_core::Stream;
use http::Method;
use kallyai_sandbox::Sandbox;
use kallyai_sdk::blocking::{self, Wait};
use kallyai_sdk::{Client, Error, ErrorKind};

/// A sandbox on threads of its own, and a client of it.
struct World {
    kally: Client,
    _sandbox: Sandbox,
    _runtime: tokio::runtime::Runtime,
}

fn world() -> World {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let kally = Client::builder()
        .base_url(sandbox.base_url())
        .access_token(sandbox.access_token())
        .build()
        .unwrap();
    World {
        kally,
        _sandbox: sandbox,
        _runtime: runtime,
    }
}

#[test]
fn every_kind_of_request_can_be_waited_for() {
    let World { kally, .. } = &world();
    kally.credits().balance().wait().unwrap();
    let answer = kally.credits().balance().with_response().wait().unwrap();
    assert_eq!(answer.status, 200);
    let answer = kally.request(Method::GET, "/v1/credits/balance").wait();
    assert_eq!(answer.unwrap().status, 200);
    let error = kally.calls().get("no-such-call").wait().unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
}

#[test]
fn many_threads_wait_at_once() {
    let World { kally, .. } = &world();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| kally.credits().balance().wait()))
            .collect();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_client_outlives_the_runtime_it_was_used_in() {
    let World { kally, .. } = &world();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime
        .block_on(async { kally.credits().balance().await })
        .unwrap();
    drop(runtime);
    kally.credits().balance().wait().unwrap();
}

#[test]
fn inside_a_runtime_it_neither_panics_nor_hangs() {
    let World { kally, .. } = &world();
    let limit = Duration::from_secs(20);
    let started = Instant::now();
    let twice = || async {
        // Leaves a connection behind that nobody serves while the thread is blocked.
        kally.credits().balance().timeout(limit).await.unwrap();
        kally.credits().balance().timeout(limit).wait().unwrap();
        kally.credits().balance().timeout(limit).await.unwrap();
    };
    let mut one_thread = tokio::runtime::Builder::new_current_thread();
    let one_thread = one_thread.enable_all().build().unwrap();
    one_thread.block_on(twice());
    // One that stands still and keeps its connections would hold up other runtimes, waiting or not.
    drop(one_thread);

    let threads = tokio::runtime::Runtime::new().unwrap();
    threads.block_on(twice());
    let task = kally.clone();
    let task = threads.spawn(async move { task.credits().balance().wait() });
    threads.block_on(task).unwrap().unwrap();
    let blocking = kally.clone();
    let blocking = threads.spawn_blocking(move || blocking.credits().balance().wait());
    threads.block_on(blocking).unwrap().unwrap();
    // And inside what is waited for.
    async { kally.credits().balance().wait() }.wait().unwrap();
    assert!(started.elapsed() < limit, "{:?}", started.elapsed());
}

#[test]
fn timeouts_end_it() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let kally = Client::builder()
        .base_url(format!("http://{}", listener.local_addr().unwrap()))
        .access_token("token")
        .build()
        .unwrap();
    let request = kally.credits().balance().timeout(Duration::from_millis(50));
    let error = request.wait().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

#[test]
fn a_panic_is_the_callers() {
    let panics = || {
        let future = async {
            assert!(Instant::now().elapsed() == Duration::MAX, "on purpose");
            Ok::<(), Error>(())
        };
        let caught = catch_unwind(AssertUnwindSafe(|| future.wait())).unwrap_err();
        assert_eq!(*caught.downcast::<&str>().unwrap(), "on purpose");
    };
    panics();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { panics() });
    // It still works afterwards.
    async { Ok::<_, Error>(7) }.wait().unwrap();
}

type Asking = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Counts with a request for each item, and says when it is dropped.
struct Counting {
    kally: Client,
    left: u32,
    asking: Option<Asking>,
    dropped: Arc<AtomicBool>,
}

impl Stream for Counting {
    type Item = Result<u32, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let kally = self.kally.clone();
        let asking = self.asking.get_or_insert_with(|| {
            Box::pin(async move { kally.credits().balance().await.map(drop) })
        });
        let answer = std::task::ready!(asking.as_mut().poll(context));
        self.asking = None;
        self.left -= 1;
        let left = self.left;
        Poll::Ready(Some(answer.map(|()| left)))
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.dropped.store(true, SeqCst);
    }
}

#[test]
fn a_stream_becomes_an_iterator() {
    let World { kally, .. } = &world();
    let counting = |dropped: &Arc<AtomicBool>| Counting {
        kally: kally.clone(),
        left: 3,
        asking: None,
        dropped: Arc::clone(dropped),
    };
    let dropped = Arc::new(AtomicBool::new(false));
    let items: Result<Vec<u32>, Error> = blocking::iter(counting(&dropped)).collect();
    assert_eq!(items.unwrap(), [2, 1, 0]);

    let dropped = Arc::new(AtomicBool::new(false));
    let mut early = blocking::iter(counting(&dropped));
    assert_eq!(early.next().unwrap().unwrap(), 2);
    assert!(!dropped.load(SeqCst));
    drop(early);
    assert!(dropped.load(SeqCst));

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let items = runtime.block_on(async { blocking::iter(counting(&dropped)).count() });
    assert_eq!(items, 3);
}
