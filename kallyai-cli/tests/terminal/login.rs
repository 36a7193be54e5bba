//! Signing in, and out.

use std::process::Stdio;

use kallyai_sandbox::Sandbox;

use crate::kallyai;
use crate::pty::Session;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_is_kept_for_the_next_command_and_forgotten() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::builder().auto_approve(true).start().await.unwrap();
    let command = |argv: &[&str]| {
        let mut command = kallyai(&sandbox, home.path());
        command
            .env_remove("KALLYAI_ACCESS_TOKEN")
            .args(argv)
            .args(["--profile", "work"]);
        command
    };
    let output = |argv: &[&str]| {
        let ended = command(argv).stdin(Stdio::null()).output().unwrap();
        let text = [ended.stdout, ended.stderr].concat();
        (ended.status.code(), String::from_utf8(text).unwrap())
    };

    let (code, said) = output(&["auth-status"]);
    assert_eq!(
        (code, said.as_str()),
        (Some(0), "{\"authenticated\":false}\n")
    );
    let (code, said) = output(&["credits", "balance"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("kallyai login"), "{said}");

    let session = Session::start(command(&["login", "--no-browser"]));
    let screen = session.await_text("Ctrl-C cancels");
    let link = screen
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    // The sandbox agrees at once, and sends the browser back to the command.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let page = reqwest::get(link.unwrap()).await.unwrap();
    assert!(page.status().is_success());
    let (status, screen) = session.end();
    assert_eq!(status.code(), Some(0), "{screen}");
    assert!(screen.contains("signed in"), "{screen}");
    assert!(!screen.contains("sbx_"), "{screen}");

    assert_eq!(output(&["auth-status"]).1, "{\"authenticated\":true}\n");
    assert_eq!(output(&["credits", "balance"]).0, Some(0));
    assert_eq!(output(&["logout"]).1, "{\"authenticated\":false}\n");
    assert_eq!(output(&["credits", "balance"]).0, Some(4));
}
