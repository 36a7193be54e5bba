//! Asking before what dials, spends, or cannot be taken back.

use std::path::Path;
use std::process::{Command, Stdio};

use kallyai_sandbox::Sandbox;

use crate::pty::Session;
use crate::{NUMBER, kallyai, sandbox};

fn call(sandbox: &Sandbox, home: &Path) -> Command {
    let mut command = kallyai(sandbox, home);
    command.args([
        "calls",
        "make",
        "-p",
        NUMBER,
        "-t",
        "Ask when they open",
        "--no-wait",
    ]);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_asked_for_and_only_a_yes_is_one() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    for (answer, code) in [("\n", 1), ("n\n", 1), ("yess\n", 1), ("\u{4}", 1)] {
        let mut session = Session::start(call(&sandbox, home.path()));
        let screen = session.await_text("\nSend it? [y/N]");
        assert!(screen.contains("it rings a phone"), "{screen}");
        assert!(screen.contains(NUMBER), "{screen}");
        assert!(screen.contains("Ask when they open"), "{screen}");
        session.types(answer);
        let (status, screen) = session.end();
        assert_eq!(status.code(), Some(code), "{answer:?}: {screen}");
        assert!(screen.contains("nothing was sent"), "{screen}");
        assert!(sandbox.journal().is_empty());
    }
    for yes in ["y\n", "YES\n"] {
        sandbox.clear_journal();
        let mut session = Session::start(call(&sandbox, home.path()));
        session.await_text("[y/N]");
        session.types(yes);
        let (status, screen) = session.end();
        assert_eq!(status.code(), Some(0), "{screen}");
        assert_eq!(sandbox.journal().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_at_the_question_sends_nothing() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox().await;
    let session = Session::start(call(&sandbox, home.path()));
    session.await_text("[y/N]");
    session.interrupt();
    let (status, screen) = session.end();
    assert_eq!(status.code(), Some(130), "{screen}");
    assert!(screen.contains("nothing was sent"), "{screen}");
    assert!(sandbox.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_asks_nothing() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::builder().call_seconds(0.0).start().await.unwrap();
    for argv in [
        // Nothing is set going.
        &["credits", "balance"][..],
        // The user has said so.
        &[
            "calls",
            "make",
            "-p",
            NUMBER,
            "-t",
            "Ask when they open",
            "--yes",
        ],
        // The first generation never asks, nor does ask.
        &["-p", NUMBER, "-t", "Ask when they open"],
        &["ask", "hello"],
        // Nothing is sent.
        &[
            "calls",
            "make",
            "-p",
            NUMBER,
            "-t",
            "Ask when they open",
            "--dry-run",
        ],
    ] {
        let mut command = kallyai(&sandbox, home.path());
        command.args(argv);
        let (status, screen) = Session::start(command).end();
        assert_eq!(status.code(), Some(0), "{argv:?}: {screen}");
        assert!(!screen.contains("[y/N]"), "{argv:?}: {screen}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn always_asks_everywhere() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox().await;
    // At a terminal, what is exempt is asked for too.
    for argv in [
        &["ask", "hello"][..],
        &["-p", NUMBER, "-t", "Ask when they open"],
    ] {
        let mut command = kallyai(&sandbox, home.path());
        command.args(argv).env("KALLYAI_CONFIRM", "always");
        let mut session = Session::start(command);
        session.await_text("[y/N]");
        session.types("n\n");
        assert_eq!(session.end().0.code(), Some(1));
    }
    // Without one, it fails and names the flag.
    let mut command = call(&sandbox, home.path());
    command
        .env("KALLYAI_CONFIRM", "always")
        .stdin(Stdio::null());
    let ended = command.output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.contains("--yes"), "{said}");
    assert!(sandbox.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_nobody_knows_is_asked_for_unless_it_reads() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox().await;
    for (argv, asks) in [
        (["api", "POST", "/v1/something/new"], true),
        (["api", "POST", "/v1/calls"], true),
        (["api", "GET", "/v1/something/new"], false),
        (["api", "GET", "/v1/credits/balance"], false),
    ] {
        sandbox.clear_journal();
        let mut command = kallyai(&sandbox, home.path());
        command.args(argv);
        let mut session = Session::start(command);
        if asks {
            session.await_text("[y/N]");
            session.types("n\n");
        }
        let (_, screen) = session.end();
        assert_eq!(screen.contains("[y/N]"), asks, "{screen}");
        assert_eq!(sandbox.journal().is_empty(), asks, "{argv:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_request_would_send_is_seen_before() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox().await;
    for (argv, seen) in [
        (
            &["api", "POST", "/v1/something/new", "-F", "amount=12"][..],
            &["POST /v1/something/new", "amount: 12"][..],
        ),
        (
            &["coord", "batch-archive", "goal_1", "goal_2"],
            &["goal_1, goal_2"],
        ),
        // One argument cannot look like several.
        (
            &["actions", "errand", "get\nmilk\n  number: 5"],
            &["get milk   number: 5"],
        ),
    ] {
        let mut command = kallyai(&sandbox, home.path());
        command.args(argv);
        let mut session = Session::start(command);
        let screen = session.await_text("[y/N]");
        for seen in seen {
            assert!(screen.contains(seen), "{screen}");
        }
        session.types("n\n");
        assert_eq!(session.end().0.code(), Some(1));
    }
    assert!(sandbox.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_puts_errors_away_is_asked_all_the_same() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox().await;
    let call = call(&sandbox, home.path());
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", "exec \"$@\" 2>/dev/null", "sh"]);
    shell.arg(call.get_program()).args(call.get_args());
    shell.env_clear();
    for (name, value) in call.get_envs() {
        shell.env(name, value.unwrap());
    }
    let mut session = Session::start(shell);
    session.await_text("[y/N]");
    session.types("n\n");
    assert_eq!(session.end().0.code(), Some(1));
    assert!(sandbox.journal().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_after_a_yes_still_ends_it() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = sandbox().await;
    let task = r#"submission={"task_category":"general","task_description":"Ask when they open",
        "respondent_phone":"+12025550199","language":"en","call_language":"en"}"#;
    let mut command = kallyai(&sandbox, home.path());
    command.args(["api", "POST", "/v1/calls", "-F", task]);
    command.args(["-f", "timezone=Europe/London"]);
    let mut session = Session::start(command);
    session.await_text("[y/N]");
    session.types("y\n");
    while sandbox.dialled().is_empty() {
        tokio::task::yield_now().await;
    }
    session.interrupt();
    let (status, screen) = session.end();
    assert_eq!(status.code(), Some(130), "{screen}");
    assert!(screen.contains("may be done all the same"), "{screen}");
    sandbox.assert_dialled_once(NUMBER);
}
