//! Rows that need processes: one refresh for all of them, and none that is lost when they end.

use std::path::PathBuf;
use std::time::Duration;

use kallyai_sandbox::Sandbox;
use kallyai_sdk::auth::{FileStore, TokenSet, TokenStore};
use tempfile::TempDir;

use crate::program::{program, said, started};
use crate::service::{asked, expired, refreshes, slow_refresh, strict};

/// A service, and a token file whose token has expired.
struct Account {
    sandbox: Sandbox,
    file: PathBuf,
    _directory: TempDir,
}

impl Account {
    async fn expired() -> Self {
        let sandbox = strict().await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("tokens.json");
        FileStore::at(&file).save(&expired(&sandbox)).unwrap();
        Self {
            sandbox,
            file,
            _directory: directory,
        }
    }

    fn program(&self, name: &str) -> std::process::Command {
        let mut command = program(name);
        command
            .env("KALLYAI_BASE_URL", self.sandbox.base_url())
            .env("KALLYAI_TOKEN_FILE", &self.file);
        command
    }

    fn tokens(&self) -> TokenSet {
        FileStore::at(&self.file).load().unwrap().unwrap()
    }

    /// Runs a program without holding up the sandbox.
    async fn run(&self, name: &str) -> Vec<String> {
        let mut command = self.program(name);
        tokio::task::spawn_blocking(move || said(&mut command))
            .await
            .unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_01_one_refresh_for_8_processes_of_25_tasks() {
    let account = Account::expired().await;
    slow_refresh(&account.sandbox, Duration::from_millis(300));
    let programs: Vec<_> = (0..8)
        .map(|_| {
            let mut command = account.program("25 tasks");
            tokio::task::spawn_blocking(move || said(&mut command))
        })
        .collect();
    for program in programs {
        assert_eq!(program.await.unwrap(), ["ok"; 25]);
    }
    assert_eq!(refreshes(&account.sandbox), 1);
    assert_eq!(asked(&account.sandbox, "credits_balance"), 200);
    // The family lives: the file's token is good, and so is its refresh token.
    assert_eq!(account.run("one request").await, ["ok"]);
    assert_ne!(
        account.tokens().refresh_token.unwrap().expose(),
        account.sandbox.refresh_token()
    );
}

/// A program that ends a second into a refresh of two.
async fn leaves_in_the_middle(name: &str) {
    let account = Account::expired().await;
    slow_refresh(&account.sandbox, Duration::from_secs(2));
    assert_eq!(account.run(name).await, ["leaving"]);
    assert_eq!(refreshes(&account.sandbox), 1);
    assert_ne!(account.tokens().access_token.expose(), "an-expired-token");
    assert_eq!(account.run("one request").await, ["ok"]);
    assert_eq!(refreshes(&account.sandbox), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_21_a_main_that_returns_waits_for_the_refresh() {
    leaves_in_the_middle("main returns").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_21_so_does_a_main_of_one_thread() {
    leaves_in_the_middle("main of one thread returns").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_21_so_does_an_exit_that_asks() {
    leaves_in_the_middle("exit").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_21_so_does_the_end_without_its_runtime() {
    leaves_in_the_middle("runtime is left behind").await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn row_21_so_does_ctrl_c() {
    use rustix::process::{Pid, Signal, kill_process};

    let account = Account::expired().await;
    slow_refresh(&account.sandbox, Duration::from_secs(2));
    let mut command = account.program("waits for ctrl-c");
    let mut child = tokio::task::spawn_blocking(move || started(&mut command))
        .await
        .unwrap();
    while refreshes(&account.sandbox) == 0 {
        tokio::task::yield_now().await;
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap())
        .await
        .unwrap();
    assert_eq!(status.code(), Some(130));
    assert_ne!(account.tokens().access_token.expose(), "an-expired-token");
}
