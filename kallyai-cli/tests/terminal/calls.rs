//! A call while it goes on.

use kallyai_sandbox::{Clock, Sandbox};

use crate::pty::Session;
use crate::{NUMBER, kallyai};

const CALL: [&str; 7] = [
    "calls",
    "make",
    "-p",
    NUMBER,
    "-t",
    "Ask when they open",
    "--yes",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_on_is_shown_and_ctrl_c_tells_how_to_find_it_again() {
    let home = tempfile::tempdir().unwrap();
    // By the real clock: a call is recognised by when it was placed.
    let sandbox = Sandbox::builder().call_seconds(3.0).start().await.unwrap();
    let mut command = kallyai(&sandbox, home.path());
    command.args(CALL);
    let session = Session::start(command);
    session.await_text("calling");
    while sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    session.interrupt();
    let (status, screen) = session.end();
    assert_eq!(status.code(), Some(130), "{screen}");
    assert!(screen.contains("the call may go on"), "{screen}");
    assert!(screen.contains("kallyai calls watch "), "{screen}");
    let key = sandbox.journal()[0].headers["idempotency-key"].clone();
    assert!(screen.contains(key.as_str().unwrap()), "{screen}");

    // The key finds it again, in another process, and rings nobody.
    let mut command = kallyai(&sandbox, home.path());
    command.args(["calls", "watch", key.as_str().unwrap()]);
    let session = Session::start(command);
    session.await_text("calling");
    let (status, screen) = session.end();
    assert_eq!(status.code(), Some(0), "{screen}");
    assert!(screen.contains("success"), "{screen}");
    sandbox.assert_dialled_once(NUMBER);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_a_call_is_its_exit_code() {
    let home = tempfile::tempdir().unwrap();
    // Their last digits decide what becomes of a call in the sandbox.
    let sandbox = Sandbox::builder()
        .clock(Clock::PerPoll)
        .call_seconds(0.0)
        .start()
        .await
        .unwrap();
    for (number, code, status) in [
        ("+12025550199", 0, "success"),
        ("+12025550101", 6, "no_answer"),
        ("+12025550102", 6, "busy"),
        ("+12025550104", 6, "voicemail"),
    ] {
        let mut command = kallyai(&sandbox, home.path());
        command.args([
            "calls",
            "make",
            "-p",
            number,
            "-t",
            "Ask when they open",
            "--yes",
        ]);
        let (ended, screen) = Session::start(command).end();
        assert_eq!(ended.code(), Some(code), "{screen}");
        assert!(screen.contains(status), "{screen}");
    }
}
